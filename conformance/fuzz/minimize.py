"""Reduces a failing example to the smallest one that fails by the same rule.

The clock. Hypothesis shrinks the example, which is then simplified step by step. A failure that a
known cause explains does not count, so the result shows a new cause.
"""

import time
from collections.abc import Callable

from conformance.fuzz.cause import Cause, ValueRange, simpler, weight
from conformance.fuzz.draw import Draws
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.exhaustive import ExampleFailure
from conformance.fuzz.features import features
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.score import Score

# Seconds for reducing one example; then the smallest one found so far is reported.
SHRINK_LIMIT = 25.0
# Seconds between two calls of `found` in a reduction: writing the results takes up to 0.1 s.
FOUND_INTERVAL = 0.5


class Minimizer:
    """Runs examples alone, caches their trials, and finds the smallest ones that fail."""

    def __init__(
        self,
        pool: LanePool,
        draws: Draws,
        score: Score,
        *,
        passed: Callable[[str, str, Example], bool],
        found: Callable[[], None],
    ) -> None:
        """passed: whether, on a lane, the search ran an example that did not fail by a rule.

        found: called when `smallest` is new, at most every FOUND_INTERVAL seconds in a reduction.
        """
        self._pool, self._draws, self._score = pool, draws, score
        self._passed, self._found = passed, found
        self._alone: dict[tuple[str, Example], Judged] = {}
        self.smallest: Cause | None = None  # found so far in the reduction in progress
        self._found_at = 0.0  # when `found` was called

    def alone(self, lane: str, example: Example) -> Judged:
        """The trial of an example alone on a lane.

        A single call is made twice and the second one counts, so that any state left on the lane by
        an earlier call comes from the same example.
        """
        key = (lane, example)
        if key not in self._alone:
            if len(example.calls) == 1:
                self._pool.ask(example, [lane])
            (self._alone[key],) = self._pool.ask(example, [lane])
        return self._alone[key]

    def begin(self, failure: ExampleFailure, again: Judged) -> Cause:
        """Begin a reduction. again: the trial of the failing example alone."""
        self._found_at = 0.0
        return self._keep(self.cause(again, failure.example, again.rules))

    def minimal(self, failure: ExampleFailure, smallest: Cause, rule: str) -> Cause:
        """The cause shown by the smallest example that fails by the rule for no known cause.

        smallest: the one that the failing example shows.
        """
        lane = failure.trial.lane
        best = failure.example
        until = time.monotonic() + SHRINK_LIMIT

        def fails(example: Example) -> bool:
            nonlocal best, smallest
            if (lane, example) not in self._alone and (
                self._passed(lane, rule, example) or time.monotonic() > until
            ):
                return False
            example_features = features(case_of(example), self._score.operation)
            if self._score.explain(lane, rule, example_features) is not None:
                return False
            trial = self.alone(lane, example)
            if rule not in trial.rules:
                return False
            if weight(example) < weight(best):
                best, smallest = example, self._keep(self.cause(trial, example, trial.rules))
            return True

        self._draws.shrink(failure.number, fails)
        # Hypothesis does not leave the branch of a strategy in which it begins; these steps do.
        while any(fails(example) for example in simpler(best)):
            pass
        return smallest

    def _keep(self, smallest: Cause) -> Cause:
        self.smallest = smallest
        if time.monotonic() >= self._found_at + FOUND_INTERVAL:
            self._found()
            self._found_at = time.monotonic()
        return smallest

    def cause(
        self,
        trial: Judged,
        example: Example,
        rules: frozenset[str],
        values: ValueRange | None = None,
    ) -> Cause:
        """The cause that an example shows. It explains one failure, or one for each value."""
        return Cause(
            lane=trial.lane,
            rules=rules,
            features=features(trial.case, self._score.operation),
            trial=trial,
            example=example,
            values=values,
            explains=1 if values is None else len(values),
            alone=self._alone.get((trial.lane, example)) is trial,
        )
