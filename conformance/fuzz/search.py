"""The search: every sen first, then generated examples, each failure traced to a cause.

The clock. Examples are drawn in chunks, and a chunk is looked at while the next
one runs: nothing that a lane does changes what is drawn, nor in which order failures are looked
at. What failed and no known cause explains is run again alone; if it fails again it is shrunk, if
it does not it is flaky and told with both transcripts.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.fuzz.cause import Cause, runs, simpler, weight
from conformance.fuzz.draw import draw, shrink
from conformance.fuzz.example import Call, Example, case_of
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.score import FlakyExample, Score
from conformance.fuzz.traits import sen_of, traits
from conformance.model.case import Case

# Examples that are looked at together.
CHUNK = 100
# Draws in a row that bring nothing new; then there is nothing left to draw.
BARREN = 2000
# Seconds for one shrinking; what is smallest then is told.
SHRINK_LIMIT = 25.0
# Of failures by the same rules on one lane that do not fail again, so many are run again.
DOUBTS = 5
SENS = (None, *range(101))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What to draw: of this seed so many different examples, or as many as the seconds allow."""

    seed: int
    examples: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFailure:
    """One example that failed on one lane, as it was first seen. number: of its draw."""

    example: Example
    shot: Judged
    number: int


class Search:
    """One search over a field; `go` runs it, `score` is what came of it so far."""

    def __init__(
        self,
        lanes: LanePool,
        limits: Limits,
        *,
        tell: Callable[[str], None] = lambda _: None,
        step: Callable[[Score], None] = lambda _: None,
    ) -> None:
        self._field, self._seed, self._count = lanes, limits.seed, limits.examples
        self._tell, self._step = tell, step
        self._until = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._lock = threading.Lock()
        self._seen: dict[Example, int] = {}
        self._rules: dict[tuple[str, Example], frozenset[str]] = {}
        self._alone: dict[tuple[str, Example], Judged] = {}
        self._failures: dict[int, list[ExampleFailure]] = {}
        self._left: Counter[int] = Counter()
        self._doubted: Counter[tuple[str, frozenset[str]]] = Counter()
        self._smallest: Cause | None = None
        self.score = Score()

    def known(self, lane: str, cases: Iterable[Case], reason: str) -> None:
        """Run cases that are known to fail on a lane; what they fail by is no news."""
        for case in cases:
            (shot,) = self._field.run({lane: case})
            self._remember(shot, known=reason)

    def earlier(self, case: Case, file: str) -> tuple[Judged, ...]:
        """Run an earlier fuzz's find on all lanes; where it fails again it is a cause already."""
        shots = self._field.run(dict.fromkeys(self._field.lanes, case))
        for shot in shots:
            self._remember(shot, file=file)
        return shots

    def _remember(self, shot: Judged, *, known: str = "", file: str = "") -> None:
        if shot.rules and not shot.skipped:
            sen = sen_of(shot.case)
            cause = Cause(
                lane=shot.lane,
                rules=shot.rules,
                traits=traits(shot.case),
                shot=shot,
                sens=None if sen is None else (sen,),
                known=known,
                file=file,
            )
            self.score.causes.append(cause)
            self.score.explains[len(self.score.causes) - 1] = 0

    def go(self) -> Score:
        """Search until the examples or the seconds are used up; Ctrl-C ends it early."""
        try:
            self._every_sen()
            self._draw_all()
        except KeyboardInterrupt:
            self.score.interrupted = True
            if self._smallest is not None:
                self._add(self._smallest)
        self._forgive()
        return self.score

    def _enough(self) -> bool:
        late = self._until is not None and time.monotonic() > self._until
        return late or len(self._seen) >= self._count

    def _every_sen(self) -> None:
        """All valid values, whatever the number of examples is: each by itself, none by chance."""
        for sen in SENS:
            self._put(Example(calls=(Call(sen=sen),)), number=-1, chunk=-1)
        self._field.drain()
        failures = self._failures.pop(-1, [])
        for lane in sorted({failure.shot.lane for failure in failures}):
            mine = {f.example.calls[0].sen: f for f in failures if f.shot.lane == lane}
            always = mine[None].shot.rules if None in mine else frozenset()
            if None in mine:
                self._cause(mine[None], always, sens=None)
            groups: dict[frozenset[str], list[int]] = {}
            for sen, failure in mine.items():
                if sen is not None and failure.shot.rules - always:
                    groups.setdefault(failure.shot.rules - always, []).append(sen)
            for rules, sens in groups.items():
                for run in runs(sens):
                    if not self._widened(lane, rules, run):
                        self._cause(mine[run[0]], rules, sens=run)

    def _widened(self, lane: str, rules: frozenset[str], run: tuple[int, ...]) -> bool:
        """Whether a cause of before is about the first of these values; then it is about all."""
        for at, cause in enumerate(self.score.causes):
            if cause.lane == lane and rules <= cause.rules and cause.sens == run[:1]:
                self.score.causes[at] = replace(cause, sens=run)
                self.score.explains[at] += len(run)
                self.score.known += len(run) if cause.known else 0
                return True
        return False

    def _cause(
        self, failure: ExampleFailure, rules: frozenset[str], *, sens: tuple[int, ...] | None
    ) -> None:
        """A cause whose example is the smallest as it is, if it fails again alone."""
        again = self._ask(failure.shot.lane, failure.example)
        if not rules & again.rules:
            self._flaky(failure, rules, again)
            return
        cause = self._as_cause(again, failure.example, again.rules & rules, sens)
        self._add(cause, explains=len(sens or (0,)))

    def _add(self, cause: Cause, explains: int = 1) -> None:
        self.score.causes.append(cause)
        self.score.explains[len(self.score.causes) - 1] += explains
        self._smallest = None
        self._tell(f"{cause.lane}: {cause.rule}: found and shrunk")

    def _draw_all(self) -> None:
        number = barren = chunk = 0
        while not self._enough() and barren < BARREN:
            end = len(self._seen) + CHUNK
            while len(self._seen) < end and not self._enough() and barren < BARREN:
                example = draw(self._seed, number)
                new = example is not None and example not in self._seen
                self.score.drawn += 1
                self.score.repeated += not new
                if example is not None and new:
                    self._put(example, number=number, chunk=chunk)
                number, barren = number + 1, 0 if new else barren + 1
            if chunk:
                self._look_at(chunk - 1)
            chunk += 1
        self.score.exhausted = barren >= BARREN
        if chunk:
            self._look_at(chunk - 1)

    def _put(self, example: Example, *, number: int, chunk: int) -> None:
        self._seen[example] = len(self._seen)
        with self._lock:
            self._left[chunk] += 1
        self._field.put(example, lambda shots: self._take(example, number, chunk, shots))

    def _take(self, example: Example, number: int, chunk: int, shots: Sequence[Judged]) -> None:
        with self._lock:
            for shot in self.score.take(example, shots):
                self._rules[shot.lane, example] = shot.rules
                self._failures.setdefault(chunk, []).append(
                    ExampleFailure(example=example, shot=shot, number=number)
                )
            self._left[chunk] -= 1
            self._step(self.score)

    def _look_at(self, chunk: int) -> None:
        """Lead every failure of a chunk back to a cause, known or new."""
        if self._left[chunk]:
            self._field.drain()
        with self._lock:
            failures = self._failures.pop(chunk, [])
        # Sequences first: what depends on the calls before is no flaky single call.
        failures.sort(key=lambda f: (len(f.example.calls) < 2, f.number, f.shot.lane))
        for failure in failures:
            known = True
            for rule in sorted(failure.shot.rules):
                at = self._explained(failure.shot.lane, rule, failure.example)
                if at is None:
                    self._pursue(failure, rule)
                else:
                    self.score.explains[at] += 1
                known = known and at is not None and bool(self.score.causes[at].known)
            self.score.known += known

    def _explained(self, lane: str, rule: str, example: Example) -> int | None:
        case = case_of(example)
        for at, cause in enumerate(self.score.causes):
            if cause.covers(lane, rule, case):
                return at
        return None

    def _pursue(self, failure: ExampleFailure, rule: str) -> None:
        key = (failure.shot.lane, failure.shot.rules)
        if self._doubted[key] >= DOUBTS:
            self.score.shaky[key] += 1
            return
        again = self._ask(failure.shot.lane, failure.example)
        if rule in again.rules:
            self._add(self._shrunk(failure, again, rule))
        else:
            self._doubted[key] += 1
            self._flaky(failure, failure.shot.rules, again)

    def _shrunk(self, failure: ExampleFailure, again: Judged, rule: str) -> Cause:
        """The smallest example that fails by the rule and that no cause explains yet."""
        lane = failure.shot.lane
        best = self._as_cause(again, failure.example, again.rules)
        self._smallest = best
        until = time.monotonic() + SHRINK_LIMIT

        def fails(example: Example) -> bool:
            nonlocal best
            if (lane, example) not in self._alone:
                passed = example in self._seen and rule not in self._rules.get((lane, example), ())
                if passed or time.monotonic() > until:
                    return False
            if self._explained(lane, rule, example) is not None:
                return False
            shot = self._ask(lane, example)
            if rule not in shot.rules:
                return False
            if best.example is None or weight(example) < weight(best.example):
                best = self._smallest = self._as_cause(shot, example, shot.rules)
            return True

        shrink(self._seed, failure.number, fails)
        # Hypothesis does not leave the branch of a strategy that it began in; these steps do.
        smaller = True
        while smaller and best.example is not None:
            smaller = any(fails(example) for example in simpler(best.example))
        return best

    @staticmethod
    def _as_cause(
        shot: Judged,
        example: Example,
        rules: frozenset[str],
        sens: tuple[int, ...] | None = None,
    ) -> Cause:
        special = traits(shot.case)
        return Cause(
            lane=shot.lane, rules=rules, traits=special, shot=shot, example=example, sens=sens
        )

    def _ask(self, lane: str, example: Example) -> Judged:
        """An example alone on a lane. A single call is made twice and the second time counts.

        What a lane leaves behind of the call before is then the example's own, so that a single
        call is not blamed for its neighbour.
        """
        key = (lane, example)
        if key not in self._alone:
            if len(example.calls) == 1:
                self._field.ask(example, [lane])
            (self._alone[key],) = self._field.ask(example, [lane])
        return self._alone[key]

    def _flaky(self, failure: ExampleFailure, rules: frozenset[str], again: Judged) -> None:
        key = (failure.shot.lane, rules)
        self.score.shaky[key] += 1
        self.score.flaky.setdefault(
            key,
            FlakyExample(example=failure.example, rules=rules, first=failure.shot, again=again),
        )

    def _forgive(self) -> None:
        """What only failed after other calls is explained by a cause that needs several calls."""
        sequences = [
            cause for cause in self.score.causes if any("calls or more" in t for t in cause.traits)
        ]
        for lane, rules in tuple(self.score.flaky):
            for cause in sequences:
                if cause.lane == lane and rules <= cause.rules:
                    at = self.score.causes.index(cause)
                    self.score.explains[at] += self.score.shaky.pop((lane, rules))
                    del self.score.flaky[lane, rules]
                    break
