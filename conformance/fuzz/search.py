"""The search: every valid value first, then drawn examples, and each failure traced to a cause.

The clock. Examples are drawn in chunks, and the failures of a chunk are traced while the next chunk
runs: nothing that a lane does changes what is drawn, nor the order in which failures are traced.
A failure that no known cause explains is run again alone; if it fails again it is minimized, else
it is flaky and reported with both transcripts.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
from conformance.model.case import Case
from conformance.operation.definition import Operation
from conformance.operation.reading import bodies

# Examples whose failures are traced together.
CHUNK = 100
# After so many draws in a row that bring nothing new, nothing new is left to draw.
BARREN = 2000
# Of failures with one symptom that do not fail again, so many are run again.
DOUBTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What to draw."""

    seed: int
    examples: int  # different ones, those of the exhaustive part included
    seconds: float | None = None  # None: as long as it takes


class Search:
    """One search on a pool of lanes; `run` runs it, `score` holds its results so far."""

    def __init__(
        self,
        pool: LanePool,
        limits: Limits,
        *,
        operation: Operation | None = None,
        note: Callable[[str], None] = lambda _: None,
        progress: Callable[[Score], None] = lambda _: None,
    ) -> None:
        """operation: None for `bodies`. note: takes a line. progress: called for each example."""
        operation = operation or bodies()
        self._pool, self._limits, self._operation = pool, limits, operation
        self._note, self._progress = note, progress
        self._until = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._lock = threading.Lock()
        self._seen: set[Example] = set()
        self._failed: dict[tuple[str, Example], frozenset[str]] = {}
        self._failures: dict[int, list[ExampleFailure]] = {}  # not traced yet, by chunk
        self._running: Counter[int] = Counter()  # examples by chunk
        self._doubted: Counter[Symptom] = Counter()
        self._draws = Draws(limits.seed, operation)
        self.score = Score(operation)
        self._minimizer = Minimizer(pool, self._draws, self.score, passed=self._passed)

    def add_known(self, lane: str, cases: Iterable[Case], reason: str) -> None:
        """Run cases that a known-failing entry lists for a lane; what they show is not new."""
        for case in cases:
            (trial,) = self._pool.run({lane: case})
            self._add_case(trial, known=reason)

    def replay(self, case: Case, file: str) -> tuple[Judged, ...]:
        """Run a case from a file of an earlier search on all lanes; failing, it is a cause."""
        trials = self._pool.run(dict.fromkeys(self._pool.lanes, case))
        for trial in trials:
            self._add_case(trial, file=file)
        return trials

    def run(self) -> Score:
        """Search until the examples or the seconds are used up; Ctrl-C ends it early."""
        try:
            self._run_valid_examples()
            self._run_draws()
        except KeyboardInterrupt:
            self.score.interrupted = True
            if self._minimizer.smallest is not None:
                self._add(self._minimizer.smallest)
        self.score.attribute_flaky()
        return self.score

    def _add_case(self, trial: Judged, *, known: str = "", file: str = "") -> None:
        if not trial.rules or trial.skipped:
            return
        found = features(trial.case, self._operation)
        valid = valid_value(found, self._operation)
        self.score.causes.append(
            Cause(
                lane=trial.lane,
                rules=trial.rules,
                features=found,
                trial=trial,
                values=None if valid is None else ValueRange.of(*valid),
                known=known,
                file=file,
            )
        )

    def _enough(self) -> bool:
        late = self._until is not None and time.monotonic() > self._until
        return late or len(self._seen) >= self._limits.examples

    def _run_valid_examples(self) -> None:
        """All of them, whatever the limits are."""
        for example in valid_examples(self._operation):
            self._put(example, number=-1, chunk=-1)
        self._pool.drain()
        for group in failure_groups(self._failures.pop(-1, []), self._operation):
            if not self._widen(group):
                self._add_group(group)

    def _widen(self, group: FailureGroup) -> bool:
        """Whether a known cause is about the first of these values; then it is about all."""
        values = group.values
        if values is None:
            return False
        for index, cause in enumerate(self.score.causes):
            same = cause.lane == group.failure.trial.lane and group.rules <= cause.rules
            if same and cause.values == ValueRange.of(values.parameter, values.first):
                self.score.causes[index] = replace(cause, values=values)
                self.score.count_explained(index, len(values))
                self.score.known += len(values) if cause.known else 0
                return True
        return False

    def _add_group(self, group: FailureGroup) -> None:
        """A cause whose example is minimal already, if it fails again alone."""
        failure, rules = group.failure, group.rules
        again = self._minimizer.alone(failure.trial.lane, failure.example)
        if rules & again.rules:
            self._add(
                self._minimizer.cause(again, failure.example, rules & again.rules, group.values)
            )
        else:
            self._add_flaky(failure, Symptom(lane=failure.trial.lane, rules=rules), again)

    def _add(self, cause: Cause) -> None:
        self.score.causes.append(cause)
        self._minimizer.smallest = None
        self._note(f"{cause.lane}: {cause.rule}: found and shrunk")

    def _run_draws(self) -> None:
        number = barren = chunk = 0
        while not self._enough() and barren < BARREN:
            end = len(self._seen) + CHUNK
            while len(self._seen) < end and not self._enough() and barren < BARREN:
                example = self._draws.example(number)
                new = example is not None and example not in self._seen
                self.score.drawn += 1
                self.score.repeated += not new
                if example is not None and new:
                    self._put(example, number=number, chunk=chunk)
                number, barren = number + 1, 0 if new else barren + 1
            if chunk:
                self._trace(chunk - 1)
            chunk += 1
        self.score.exhausted = barren >= BARREN
        if chunk:
            self._trace(chunk - 1)

    def _put(self, example: Example, *, number: int, chunk: int) -> None:
        self._seen.add(example)
        with self._lock:
            self._running[chunk] += 1
        self._pool.put(example, lambda trials: self._take(example, number, chunk, trials))

    def _take(self, example: Example, number: int, chunk: int, trials: Sequence[Judged]) -> None:
        with self._lock:
            for trial in self.score.add(example, trials):
                self._failed[trial.lane, example] = trial.rules
                self._failures.setdefault(chunk, []).append(
                    ExampleFailure(example=example, trial=trial, number=number)
                )
            self._running[chunk] -= 1
            self._progress(self.score)

    def _passed(self, lane: str, rule: str, example: Example) -> bool:
        return example in self._seen and rule not in self._failed.get((lane, example), ())

    def _trace(self, chunk: int) -> None:
        """Trace every failure of a chunk to a cause, known or new."""
        if self._running[chunk]:
            self._pool.drain()
        with self._lock:
            failures = self._failures.pop(chunk, [])
        # Several calls first: a failure that depends on earlier calls is no flaky single call.
        failures.sort(key=lambda f: (len(f.example.calls) < 2, f.number, f.trial.lane))
        for failure in failures:
            found = features(case_of(failure.example), self._operation)
            known = True
            for rule in sorted(failure.trial.rules):
                index = self.score.explain(failure.trial.lane, rule, found)
                if index is None:
                    self._trace_new(failure, rule)
                else:
                    self.score.count_explained(index)
                known = known and index is not None and bool(self.score.causes[index].known)
            self.score.known += known

    def _trace_new(self, failure: ExampleFailure, rule: str) -> None:
        symptom = Symptom(lane=failure.trial.lane, rules=failure.trial.rules)
        if self._doubted[symptom] >= DOUBTS:
            self.score.add_flaky(self.score.flaky[symptom])
            return
        again = self._minimizer.alone(symptom.lane, failure.example)
        if rule in again.rules:
            self._add(self._minimizer.minimal(failure, again, rule))
        else:
            self._doubted[symptom] += 1
            self._add_flaky(failure, symptom, again)

    def _add_flaky(self, failure: ExampleFailure, symptom: Symptom, again: Judged) -> None:
        self.score.add_flaky(
            FlakyExample(symptom=symptom, example=failure.example, first=failure.trial, again=again)
        )
