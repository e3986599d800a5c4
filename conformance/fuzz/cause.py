"""Causes: what is behind many failing examples, told once and written as a vector file.

Floor 5, pure. A cause is known by its lane, its rules and the traits of its smallest example. Any
failure of that lane by those rules that has all those traits is explained by it, so the search goes
on past it; a failure that lacks one of them is news. A cause that the exhaustive part found holds
for a run of neighbouring values of sen and for no others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.fuzz.example import Example
from conformance.fuzz.shot import Shot
from conformance.fuzz.traits import traits
from conformance.model.case import Case
from conformance.model.verdict import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why examples fail. sens: the only values of sen it holds for, None: it is not about sen.

    example: the smallest; None for a case of the corpus or of an earlier run. known: whose word
    has it already, empty for news. file: where an earlier run wrote it. shot: the smallest example
    on its lane.
    """

    lane: str
    rules: frozenset[str]
    traits: frozenset[str]
    shot: Shot
    example: Example | None = None
    sens: tuple[int, ...] | None = None
    known: str = ""
    file: str = ""

    def covers(self, lane: str, rule: str, case: Case) -> bool:
        """Whether a failure is explained by this cause."""
        if lane != self.lane or rule not in self.rules or not self.traits <= traits(case):
            return False
        return self.sens is None or any(turn.input.sen in self.sens for turn in case.turns)

    @property
    def rule(self) -> str:
        """The rule of its first finding, or what stands in its place."""
        findings = self.findings
        return findings[0].rule if findings else min(self.rules)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of its smallest example that made it a cause."""
        return tuple(f for f in self.shot.verdict.findings if f.rule in self.rules)


def runs(values: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """Values in ascending order as runs of neighbours: 3, 4, 5, 9 are (3, 4, 5) and (9,)."""
    found: list[list[int]] = []
    for value in sorted(values):
        if found and found[-1][-1] == value - 1:
            found[-1].append(value)
        else:
            found.append([value])
    return tuple(map(tuple, found))


def weight(example: Example) -> tuple[int, int, str]:
    """Smaller is simpler: fewer calls, then less text, then the order of the alphabet."""
    text = repr(example)
    return len(example.calls), len(text), text


def span(sens: Sequence[int]) -> str:
    """`37`, `64 to 100`."""
    return str(sens[0]) if len(sens) == 1 else f"{sens[0]} to {sens[-1]}"


def explained(cause: Cause) -> str:
    """With what input it happens, in words."""
    parts = sorted(cause.traits - {"sen 0 to 100"} if cause.sens else cause.traits)
    if cause.sens:
        parts.insert(0, f"sen {span(cause.sens)}")
    return ", ".join(parts) or "any input"
