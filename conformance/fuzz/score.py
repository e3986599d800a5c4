"""What a search has found so far; grows while the search runs and is complete at any time.

Pure but for its own state. Of each kind of result it stores the simplest example and a count.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from conformance.fuzz.cause import Cause, weight
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.features import Features, all_documented, features, valid_value
from conformance.fuzz.judged import Judged, disagreement_of, one_turn
from conformance.model.verdict import Agreement, Outcome
from conformance.operation.definition import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What trials have in common before their cause is known."""

    lane: str
    rules: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyExample:
    """An example that failed and, run again alone, did not."""

    symptom: Symptom
    example: Example
    first: Judged  # the trial that failed
    again: Judged  # the trial that did not
    count: int = 1  # trials with the symptom that did not fail again or were not run again


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Findings of a lane that are not required, on the simplest example."""

    symptom: Symptom
    example: Example
    trial: Judged
    features: Features
    count: int = 1  # trials with the symptom


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Lanes that differ while none of them fails, on the simplest example."""

    name: str  # whether the call is documented, and which lanes agree with each other
    example: Example
    agreement: Agreement
    documented: bool
    trials: tuple[Judged, ...]  # one a lane
    count: int = 1  # calls on which the lanes differ so


T = TypeVar("T", Deviation, Disagreement)


class Score:
    """The results of a search so far."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.examples = 0  # run on all lanes
        self.drawn = 0  # by Hypothesis
        self.repeated = 0  # of the drawn ones, those that had been drawn before
        self.trials: Counter[str] = Counter()  # by lane, as are the next two
        self.skipped: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.errors = 0  # failed trials that could not be judged
        self.known = 0  # failed trials that listed causes explain
        self.agreed = 0  # examples on which lanes were compared and agreed
        self.features: Counter[str] = Counter()  # examples by feature
        self.covered: defaultdict[str, set[int]] = defaultdict(set)  # values by parameter
        self.causes: list[Cause] = []
        self.flaky: dict[Symptom, FlakyExample] = {}
        self.deviations: dict[Symptom, Deviation] = {}
        self.disagreements: dict[str, Disagreement] = {}  # by their names
        self.exhausted = False  # nothing new was left to draw
        self.interrupted = False

    @property
    def new_causes(self) -> tuple[Cause, ...]:
        """The causes that no known-failing entry lists."""
        return tuple(cause for cause in self.causes if not cause.known)

    @property
    def differing(self) -> int:
        """Calls on which lanes differ."""
        return sum(one.count for one in self.disagreements.values())

    def add(self, example: Example, trials: Sequence[Judged]) -> tuple[Judged, ...]:
        """Count an example that has been run on all lanes; returns the trials that failed."""
        found = features(trials[0].case, self.operation)
        self.examples += 1
        self.features.update(found.names or ("the plain call",))
        valid = valid_value(found, self.operation)
        if valid is not None:
            parameter, value = valid
            self.covered[parameter.name].add(value)
        ran = [trial for trial in trials if not trial.skipped]
        self.skipped.update(trial.lane for trial in trials if trial.skipped)
        self.trials.update(trial.lane for trial in ran)
        failed = tuple(trial for trial in ran if trial.rules)
        self.failed.update(trial.lane for trial in failed)
        self.errors += sum(trial.verdict.outcome is Outcome.ERROR for trial in failed)
        for trial in ran:
            if trial.not_required and not trial.rules:
                self._add_deviation(example, trial, found)
        if len(ran) > 1 and not failed:
            self._compare(example, ran)
        return failed

    def explain(self, lane: str, rule: str, found: Features) -> int | None:
        """The position of the cause that explains a failure; None if there is none."""
        for index, cause in enumerate(self.causes):
            if cause.covers(lane, rule, found):
                return index
        return None

    def count_explained(self, index: int, count: int = 1) -> None:
        """Count failures that the cause at this position explains."""
        cause = self.causes[index]
        self.causes[index] = replace(cause, explains=cause.explains + count)

    def add_flaky(self, one: FlakyExample) -> None:
        """Count a trial that failed and did not fail again; the first one stays the example."""
        known = self.flaky.get(one.symptom)
        self.flaky[one.symptom] = one if known is None else replace(known, count=known.count + 1)

    def attribute_flaky(self) -> None:
        """Give flaky examples to causes that take several calls: those failed after other calls."""
        for symptom, one in tuple(self.flaky.items()):
            for index, cause in enumerate(self.causes):
                same = cause.lane == symptom.lane and symptom.rules <= cause.rules
                if same and cause.features.several_calls:
                    self.count_explained(index, one.count)
                    del self.flaky[symptom]
                    break

    def _add_deviation(self, example: Example, trial: Judged, found: Features) -> None:
        symptom = Symptom(lane=trial.lane, rules=trial.not_required)
        one = Deviation(symptom=symptom, example=example, trial=trial, features=found)
        self.deviations[symptom] = _counted(self.deviations.get(symptom), one)

    def _compare(self, example: Example, trials: Sequence[Judged]) -> None:
        """Compare lanes call by call, since several calls may differ in several ways."""
        found = False
        for index in range(len(example.calls)) if disagreement_of(trials) is not None else ():
            single, turns = example.alone(index), tuple(trials)
            if len(example.calls) > 1:
                case = case_of(single)
                turns = tuple(one_turn(trial, index, case) for trial in trials)
            agreement = disagreement_of(turns)
            if agreement is not None:
                found = True
                self._add_disagreement(single, agreement, turns)
        self.agreed += not found

    def _add_disagreement(
        self, example: Example, agreement: Agreement, trials: tuple[Judged, ...]
    ) -> None:
        documented = all_documented(trials[0].case, self.operation)
        parts = " / ".join(sorted(", ".join(sorted(lanes)) for _, lanes in agreement.groups))
        name = f"{'documented' if documented else 'beyond the contract'}: {parts}"
        one = Disagreement(
            name=name, example=example, agreement=agreement, documented=documented, trials=trials
        )
        self.disagreements[name] = _counted(self.disagreements.get(name), one)


def _counted(known: T | None, new: T) -> T:
    """The simpler of two, with the count of the known one and one more."""
    if known is None:
        return new
    simplest = new if weight(new.example) < weight(known.example) else known
    return replace(simplest, count=known.count + 1)
