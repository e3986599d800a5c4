"""What a search comes to; values, and the counters that grow while it runs.

Pure but for its own counters.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.fuzz.cause import Cause, weight
from conformance.fuzz.example import Example, alone, case_of
from conformance.fuzz.judged import Judged, agreement_of, one_turn
from conformance.fuzz.traits import asks_documented, sen_of, traits
from conformance.model.verdict import Agreement, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyExample:
    """An example that failed and, run again alone, did not: both shots."""

    example: Example
    rules: frozenset[str]
    first: Judged
    again: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Lanes that differ where none of them fails; the simplest such example with its shots."""

    example: Example
    agreement: Agreement
    documented: bool
    shots: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Findings of a lane beyond the contract: the simplest example."""

    example: Example
    shot: Judged


class Score:
    """What the search has come to: grows while it runs, and is whole whenever it is stopped.

    explains: failures by the position of their cause. flaky, noted and disagreements keep one
    example of each kind; `shaky`, `notes` and `differ` count all. broken: trials that did not tell.
    drawn: examples that Hypothesis drew, repeated: those of them that had been drawn before.
    known: failed trials that listed causes explain.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.drawn = 0
        self.repeated = 0
        self.trials: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.broken = 0
        self.known = 0
        self.classes: Counter[str] = Counter()
        self.sens: set[int] = set()
        self.causes: list[Cause] = []
        self.explains: Counter[int] = Counter()
        self.noted: dict[tuple[str, frozenset[str]], Noted] = {}
        self.notes: Counter[tuple[str, frozenset[str]]] = Counter()
        self.flaky: dict[tuple[str, frozenset[str]], FlakyExample] = {}
        self.shaky: Counter[tuple[str, frozenset[str]]] = Counter()
        self.disagreements: dict[str, Disagreement] = {}
        self.differ: Counter[str] = Counter()
        self.agreed = 0
        self.exhausted = False
        self.interrupted = False

    @property
    def news(self) -> tuple[Cause, ...]:
        """The causes that nobody has listed yet."""
        return tuple(cause for cause in self.causes if not cause.known)

    def take(self, example: Example, shots: Sequence[Judged]) -> tuple[Judged, ...]:
        """Count an example that all lanes are through with; the shots that failed."""
        case = shots[0].case
        self.examples += 1
        self.classes.update(traits(case) or ("the plain call",))
        sen = sen_of(case)
        if sen is not None:
            self.sens.add(sen)
        ran = [shot for shot in shots if not shot.skipped]
        self.skipped.update(shot.lane for shot in shots if shot.skipped)
        self.trials.update(shot.lane for shot in ran)
        failed = tuple(shot for shot in ran if shot.rules)
        self.failed.update(shot.lane for shot in failed)
        self.broken += sum(shot.verdict.outcome is Outcome.ERROR for shot in failed)
        for shot in ran:
            if shot.noted and not shot.rules:
                self._note(example, shot)
        if len(ran) > 1 and not failed:
            self._compare(example, ran)
        return failed

    def _note(self, example: Example, shot: Judged) -> None:
        key = (shot.lane, shot.noted)
        self.notes[key] += 1
        kept = self.noted.get(key)
        if kept is None or weight(example) < weight(kept.example):
            self.noted[key] = Noted(example=example, shot=shot)

    def _compare(self, example: Example, shots: Sequence[Judged]) -> None:
        """Each call by itself: what several calls differ in are several differences."""
        found = False
        for index in range(len(example.calls)) if agreement_of(shots) is not None else ():
            single = alone(example, index)
            turns = list(shots)
            if len(example.calls) > 1:
                turns = [one_turn(shot, index, case_of(single)) for shot in shots]
            agreement = agreement_of(turns)
            if agreement is None:
                continue
            found = True
            documented = asks_documented(turns[0].case)
            parts = " / ".join(sorted(", ".join(sorted(lanes)) for _, lanes in agreement.groups))
            key = f"{'documented' if documented else 'beyond the contract'}: {parts}"
            self.differ[key] += 1
            kept = self.disagreements.get(key)
            if kept is None or weight(single) < weight(kept.example):
                self.disagreements[key] = Disagreement(
                    example=single, agreement=agreement, documented=documented, shots=tuple(turns)
                )
        self.agreed += not found
