"""The results of a search, updated while it runs and complete at any time.

Pure but for the state of `Score`, which keeps the simplest example and a count of each result.
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
    """The lane and the rules of trials whose cause is not known."""

    lane: str
    rules: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyExample:
    """An example that failed once and passed when it was run again alone."""

    symptom: Symptom
    example: Example
    first: Judged  # the trial that failed
    again: Judged  # the trial that passed
    count: int = 1  # trials with the symptom that passed when run again, or were not run again


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Findings of a lane that are not failures, on the simplest example."""

    symptom: Symptom
    example: Example
    trial: Judged
    features: Features
    count: int = 1  # trials with the symptom
    alone: bool | None = None  # whether it shows when the example is run alone; None: not tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Lanes that differ although none of them fails, on the simplest example."""

    name: str  # whether the call is documented, and which lanes agree with each other
    example: Example
    agreement: Agreement
    documented: bool
    trials: tuple[Judged, ...]  # one for each lane
    count: int = 1  # calls on which the lanes differ in this way
    alone: bool | None = None  # as of a deviation


T = TypeVar("T", Deviation, Disagreement)


class Score:
    """The results of a search so far."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.examples = 0  # run on all lanes that were not given up
        self.drawn = 0  # by Hypothesis
        self.repeated = 0  # draws that gave no example or one that had been run before
        self.trials: Counter[str] = Counter()  # by lane, as are the next two
        self.skipped: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.errors = 0  # failed trials that could not be judged
        self.known = 0  # failed trials explained by causes of known-failing entries
        self.agreed = 0  # examples on which lanes were compared and agreed
        self.features: Counter[str] = Counter()  # examples by feature
        self.covered: defaultdict[str, set[int]] = defaultdict(set)  # values by parameter
        self.causes: list[Cause] = []
        self.flaky: dict[Symptom, FlakyExample] = {}
        self.deviations: dict[Symptom, Deviation] = {}
        self.disagreements: dict[str, Disagreement] = {}  # by name
        self.exhausted = False  # nothing new was left to draw
        self.interrupted = False

    @property
    def new_causes(self) -> tuple[Cause, ...]:
        """The causes that no known-failing entry lists."""
        return tuple(cause for cause in self.causes if not cause.known)

    @property
    def differing(self) -> int:
        """The number of calls on which lanes differ."""
        return sum(found.count for found in self.disagreements.values())

    @property
    def kinds(self) -> int:
        """The number of different deviations and disagreements."""
        return len(self.deviations) + len(self.disagreements)

    def add(self, example: Example, trials: Sequence[Judged]) -> tuple[Judged, ...]:
        """Count an example that was run on all lanes; returns the trials that failed."""
        trials = [trial for trial in trials if not trial.not_run]
        if not trials:
            return ()
        example_features = features(trials[0].case, self.operation)
        self.examples += 1
        self.features.update(example_features.names or ("the plain call",))
        valid = valid_value(example_features, self.operation)
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
                self._add_deviation(example, trial, example_features)
        if len(ran) > 1 and not failed:
            self._compare(example, ran)
        return failed

    def explain(self, lane: str, rule: str, features: Features) -> int | None:
        """The index of the cause that explains a failure; None if there is none."""
        for index, cause in enumerate(self.causes):
            if cause.covers(lane, rule, features):
                return index
        return None

    def count_explained(self, index: int, count: int = 1) -> None:
        """Count failures that the cause at this index explains."""
        cause = self.causes[index]
        self.causes[index] = replace(cause, explains=cause.explains + count)

    def add_flaky(self, new: FlakyExample) -> None:
        """Count a trial that failed once; of each symptom the first example is kept."""
        known = self.flaky.get(new.symptom)
        self.flaky[new.symptom] = new if known is None else replace(known, count=known.count + 1)

    def attribute_flaky(self) -> None:
        """Attribute flaky examples to causes with several calls: those failed after other calls."""
        for symptom, flaky in tuple(self.flaky.items()):
            for index, cause in enumerate(self.causes):
                same = cause.lane == symptom.lane and symptom.rules <= cause.rules
                if same and cause.features.several_calls:
                    self.count_explained(index, flaky.count)
                    del self.flaky[symptom]
                    break

    def add_alone(self, symptom: Symptom, trial: Judged) -> None:
        """Note whether a deviation shows when its example is run alone; that trial is then kept."""
        found = self.deviations[symptom]
        alone = symptom.rules <= trial.not_required
        kept = trial if alone else found.trial
        self.deviations[symptom] = replace(found, alone=alone, trial=kept)

    def compare_alone(self, name: str, trials: tuple[Judged, ...]) -> None:
        """Note whether lanes differ alike when the example is run alone; as `add_alone`."""
        found = self.disagreements[name]
        agreement = disagreement_of(trials)
        if agreement is None or _apart(agreement) != _apart(found.agreement):
            self.disagreements[name] = replace(found, alone=False)
        else:
            new = replace(found, alone=True, trials=trials, agreement=agreement)
            self.disagreements[name] = new

    def _add_deviation(self, example: Example, trial: Judged, features: Features) -> None:
        symptom = Symptom(lane=trial.lane, rules=trial.not_required)
        new = Deviation(symptom=symptom, example=example, trial=trial, features=features)
        self.deviations[symptom] = _counted(self.deviations.get(symptom), new)

    def _compare(self, example: Example, trials: Sequence[Judged]) -> None:
        """Compare lanes call by call, since each call may differ in another way."""
        differs = False
        for index in range(len(example.calls)) if disagreement_of(trials) is not None else ():
            single, turns = example.alone(index), tuple(trials)
            if len(example.calls) > 1:
                case = case_of(single)
                turns = tuple(one_turn(trial, index, case) for trial in trials)
            agreement = disagreement_of(turns)
            if agreement is not None:
                differs = True
                self._add_disagreement(single, agreement, turns)
        self.agreed += not differs

    def _add_disagreement(
        self, example: Example, agreement: Agreement, trials: tuple[Judged, ...]
    ) -> None:
        documented = all_documented(trials[0].case, self.operation)
        parts = " / ".join(sorted(", ".join(sorted(lanes)) for _, lanes in agreement.groups))
        name = f"{'documented' if documented else 'beyond the contract'}: {parts}"
        new = Disagreement(
            name=name, example=example, agreement=agreement, documented=documented, trials=trials
        )
        self.disagreements[name] = _counted(self.disagreements.get(name), new)


def _apart(agreement: Agreement) -> set[frozenset[str]]:
    return {frozenset(lanes) for _, lanes in agreement.groups}


def _counted(known: T | None, new: T) -> T:
    """The one with the simpler example, with the count of the known one increased by one."""
    if known is None:
        return new
    simplest = new if weight(new.example) < weight(known.example) else known
    return replace(simplest, count=known.count + 1)
