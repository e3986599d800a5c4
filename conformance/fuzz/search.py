"""Runs every valid value, then drawn examples, and traces each failure to a cause.

The clock. Examples are drawn in chunks, and the failures of a chunk are traced while the next chunk
runs, so the behaviour of lanes changes neither the examples nor the order of the failures. An
example whose failure no known cause explains is run again alone: if it fails again it is reduced to
the smallest one, otherwise it is reported as flaky with both transcripts. A listener is called
whenever there is something new, so a search that is killed need not lose what it found.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from conformance.fuzz.cause import Cause, ValueRange
from conformance.fuzz.draw import Draws
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.exhaustive import (
    ExampleFailure,
    FailureGroup,
    failure_groups,
    valid_examples,
)
from conformance.fuzz.features import features, valid_value
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.minimize import Minimizer
from conformance.fuzz.score import FlakyExample, Score, Symptom
from conformance.fuzz.untraced import untraced_causes
from conformance.model.case import Case
from conformance.operation.definition import Operation
from conformance.operation.reading import bodies

# Number of examples whose failures are traced together.
CHUNK = 100
# The search ends after this number of consecutive draws without a new example.
MAX_REPEATED = 2000
# Once this number of failures with one symptom have passed when run again, no more are run again.
MAX_PASSED_AGAIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much to search."""

    seed: int
    examples: int  # distinct ones, including those of the exhaustive part
    seconds: float | None = None  # None: no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchListener:
    """What a search calls while it runs."""

    # With a line to print.
    note: Callable[[str], None] = lambda _: None
    # For each example, in the thread of a lane.
    progress: Callable[[Score], None] = lambda _: None
    # When `Search.score` or `Search.untraced` has something new, in the thread of the search.
    found: Callable[[], None] = lambda: None


class Search:
    """A search on a pool of lanes; `score` has its results so far."""

    def __init__(
        self,
        pool: LanePool,
        limits: Limits,
        *,
        operation: Operation | None = None,
        listener: SearchListener | None = None,
    ) -> None:
        """operation: None for `bodies`."""
        operation = operation or bodies()
        self._pool, self._limits, self._operation = pool, limits, operation
        self._listener = listener or SearchListener()
        self._unsaved = False  # whether there is something new
        self._until = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._lock = threading.RLock()
        self._seen: set[Example] = set()
        self._failed: dict[tuple[str, Example], frozenset[str]] = {}  # rules, by lane and example
        self._failures: dict[int, list[ExampleFailure]] = {}  # not traced yet, by chunk
        self._running: Counter[int] = Counter()  # number of examples, by chunk
        self._symptoms: set[Symptom] = set()  # of all failures
        self._passed_again: Counter[Symptom] = Counter()
        self._draws = Draws(limits.seed, operation)
        self.score = Score(operation)
        self._minimizer = Minimizer(
            pool, self._draws, self.score, passed=self._passed, found=self._save
        )

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples so far."""
        return tuple(self._seen)

    def untraced(self) -> tuple[Cause, ...]:
        """Causes of failures that were found and are not traced yet."""
        failures = [failure for chunk in self._failures.values() for failure in chunk]
        return untraced_causes(self.score, failures, self._minimizer.smallest)

    def interrupt(self) -> None:
        """End the search early: what is not traced yet stays as it was found."""
        with self._lock:
            self.score.interrupted = True
            self.score.causes += self.untraced()
            self._minimizer.smallest = None
            self._failures.clear()

    def add_known(self, lane: str, case: Case, reason: str) -> None:
        """Run a case that a known-failing entry lists for a lane; its failure is a known cause."""
        (trial,) = self._pool.run({lane: case})
        self._add_case(trial, known=reason)

    def replay(self, case: Case, file: str) -> tuple[Judged, ...]:
        """Run a case of an earlier search on all lanes; each lane that fails gives a cause."""
        trials = self._pool.run(dict.fromkeys(self._pool.lanes, case))
        for trial in trials:
            self._add_case(trial, file=file)
        return trials

    def run(self) -> Score:
        """Search until a limit is reached; Ctrl-C ends the search early."""
        try:
            self._run_valid_examples()
            self._run_draws()
            self._run_alone()
        except KeyboardInterrupt:
            self.interrupt()
        self.score.attribute_flaky()
        return self.score

    def _add_case(self, trial: Judged, *, known: str = "", file: str = "") -> None:
        if not trial.rules or trial.skipped or trial.not_run:
            return
        self._unsaved = True
        case_features = features(trial.case, self._operation)
        valid = valid_value(case_features, self._operation)
        self.score.causes.append(
            Cause(
                lane=trial.lane,
                rules=trial.rules,
                features=case_features,
                trial=trial,
                values=None if valid is None else ValueRange.of(*valid),
                known=known,
                file=file,
            )
        )

    def _enough(self) -> bool:
        late = self._until is not None and time.monotonic() > self._until
        return late or len(self._seen) >= self._limits.examples or not self._pool.lanes

    def _run_valid_examples(self) -> None:
        """Run all of them, without regard to the limits."""
        for example in valid_examples(self._operation):
            self._put(example, number=-1, chunk=-1)
        self._pool.drain(self._save_new)
        for group in failure_groups(self._failures.get(-1, []), self._operation):
            if not self._widen(group):
                self._add_group(group)
        self._failures.pop(-1, None)

    def _widen(self, group: FailureGroup) -> bool:
        """Extend a cause that has only the first value of the group to all; False if none has."""
        values = group.values
        if values is None:
            return False
        for index, cause in enumerate(self.score.causes):
            alike = cause.lane == group.failure.trial.lane and group.rules <= cause.rules
            if alike and cause.values == ValueRange.of(values.parameter, values.first):
                self.score.causes[index] = replace(cause, values=values)
                self.score.count_explained(index, len(values))
                self.score.known += len(values) if cause.known else 0
                return True
        return False

    def _add_group(self, group: FailureGroup) -> None:
        """Add the cause of a group, whose example is minimal already, if it fails again alone."""
        failure, rules = group.failure, group.rules
        again = self._alone(failure)
        if same := rules & again.rules:
            self._add(self._minimizer.cause(again, failure.example, same, group.values))
        else:
            self._add_flaky(failure, Symptom(lane=failure.trial.lane, rules=rules), again)

    def _add(self, cause: Cause) -> None:
        self.score.causes.append(cause)
        self._minimizer.smallest = None
        self._save()
        self._listener.note(f"{cause.lane}: {cause.rule}: found and shrunk")

    def _run_draws(self) -> None:
        number = repeated = chunk = 0
        while not self._enough() and repeated < MAX_REPEATED:
            end = len(self._seen) + CHUNK
            while len(self._seen) < end and not self._enough() and repeated < MAX_REPEATED:
                example = self._draws.example(number)
                new = example is not None and example not in self._seen
                self.score.drawn += 1
                self.score.repeated += not new
                if example is not None and new:
                    self._put(example, number=number, chunk=chunk)
                number, repeated = number + 1, 0 if new else repeated + 1
            if chunk:
                self._trace(chunk - 1)
            chunk += 1
        self.score.exhausted = repeated >= MAX_REPEATED
        if chunk:
            self._trace(chunk - 1)

    def _run_alone(self) -> None:
        """Run deviations and disagreements alone: they were seen on clients used before."""
        for symptom, found in tuple(self.score.deviations.items()):
            trial = self._minimizer.alone(symptom.lane, found.example)
            if not trial.not_run:
                self.score.add_alone(symptom, trial)
        for name, differing in tuple(self.score.disagreements.items()):
            lanes = [trial.lane for trial in differing.trials]
            trials = tuple(self._minimizer.alone(lane, differing.example) for lane in lanes)
            if not any(trial.not_run for trial in trials):
                self.score.compare_alone(name, trials)

    def _put(self, example: Example, *, number: int, chunk: int) -> None:
        self._seen.add(example)
        with self._lock:
            self._running[chunk] += 1
        self._pool.put(example, lambda trials: self._take(example, number, chunk, trials))
        self._save_new()

    def _take(self, example: Example, number: int, chunk: int, trials: Sequence[Judged]) -> None:
        with self._lock:
            kinds = self.score.kinds
            for trial in self.score.add(example, trials):
                symptom = Symptom(lane=trial.lane, rules=trial.rules)
                self._unsaved = self._unsaved or symptom not in self._symptoms
                self._symptoms.add(symptom)
                self._failed[trial.lane, example] = trial.rules
                self._failures.setdefault(chunk, []).append(
                    ExampleFailure(example=example, trial=trial, number=number)
                )
            self._unsaved = self._unsaved or self.score.kinds > kinds
            self._running[chunk] -= 1
            self._listener.progress(self.score)

    def _save_new(self) -> None:
        if self._unsaved:
            self._save()

    def _save(self) -> None:
        with self._lock:  # lanes do not change the score meanwhile
            self._unsaved = False
            self._listener.found()

    def _passed(self, lane: str, rule: str, example: Example) -> bool:
        return example in self._seen and rule not in self._failed.get((lane, example), ())

    def _trace(self, chunk: int) -> None:
        """Trace every failure of a chunk to a cause, known or new."""
        if self._running[chunk]:
            self._pool.drain(self._save_new)
        failures = self._failures.get(chunk, [])
        # Several calls come first: a single call that fails only after others is then not flaky.
        failures.sort(key=lambda f: (len(f.example.calls) < 2, f.number, f.trial.lane))
        while failures:
            self._trace_failure(failures[0])
            del failures[0]
        self._failures.pop(chunk, None)

    def _trace_failure(self, failure: ExampleFailure) -> None:
        case_features = features(case_of(failure.example), self._operation)
        known = True
        for rule in sorted(failure.trial.rules):
            index = self.score.explain(failure.trial.lane, rule, case_features)
            if index is None:
                self._trace_new(failure, rule)
            else:
                self.score.count_explained(index)
            known = known and index is not None and bool(self.score.causes[index].known)
        self.score.known += known

    def _alone(self, failure: ExampleFailure) -> Judged:
        """The trial of the example alone, or the one that failed if its lane was given up."""
        again = self._minimizer.alone(failure.trial.lane, failure.example)
        return failure.trial if again.not_run else again

    def _trace_new(self, failure: ExampleFailure, rule: str) -> None:
        symptom = Symptom(lane=failure.trial.lane, rules=failure.trial.rules)
        if self._passed_again[symptom] >= MAX_PASSED_AGAIN:
            self.score.add_flaky(self.score.flaky[symptom])
            return
        again = self._alone(failure)
        if rule in again.rules:
            cause = self._minimizer.begin(failure, again)
            self._listener.note(f"{symptom.lane}: {rule}: found, shrinking")
            self._add(self._minimizer.minimal(failure, cause, rule))
        else:
            self._passed_again[symptom] += 1
            self._add_flaky(failure, symptom, again)

    def _add_flaky(self, failure: ExampleFailure, symptom: Symptom, again: Judged) -> None:
        self.score.add_flaky(
            FlakyExample(symptom=symptom, example=failure.example, first=failure.trial, again=again)
        )
        self._save()
