"""Causes: what is behind many failing examples, told once and written as a vector file.

Pure. A cause is known by its lane, its rules and the traits of its smallest example. Any
failure of that lane by those rules that has all those traits is explained by it, so the search goes
on past it; a failure that lacks one of them is news. A cause that the exhaustive part found holds
for a run of neighbouring values of sen and for no others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from conformance.fuzz.example import Call, Example, Served
from conformance.fuzz.judged import Judged
from conformance.fuzz.traits import sen_in, traits
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
    shot: Judged
    example: Example | None = None
    sens: tuple[int, ...] | None = None
    known: str = ""
    file: str = ""

    def covers(self, lane: str, rule: str, case: Case) -> bool:
        """Whether a failure is explained by this cause."""
        if lane != self.lane or rule not in self.rules or not self.traits <= traits(case):
            return False
        return self.sens is None or any(sen_in(turn.input) in self.sens for turn in case.turns)

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


def weight(example: Example) -> tuple[int, int, int, str]:
    """Smaller is simpler: fewer calls, less that is not plain, then less text, then its order."""
    special = [
        f"{field.name}={getattr(one, field.name)!r}"
        for call in example.calls
        for one, plain in ((call, Call()), (call.served, Served()))
        for field in fields(one)
        if field.name != "served" and getattr(one, field.name) != getattr(plain, field.name)
    ]
    if example.credentials is not None:
        special.append(repr(example.credentials))
    text = " ".join(special)
    return len(example.calls), len(special), len(text), text


def simpler(example: Example) -> Iterator[Example]:
    """What is one step simpler: a call less, or one thing plain that was not."""
    calls = example.calls
    if example.credentials is not None:
        yield replace(example, credentials=None)
    for at in range(len(calls)) if len(calls) > 1 else ():
        yield replace(example, calls=calls[:at] + calls[at + 1 :])
    for at, call in enumerate(calls):
        for plain in _plainer(call):
            yield replace(example, calls=(*calls[:at], plain, *calls[at + 1 :]))


def _plainer(call: Call) -> Iterator[Call]:
    default = Call()
    for name in ("served", "key", "process", "sen"):
        if getattr(call, name) != getattr(default, name):
            changed: dict[str, Any] = {name: getattr(default, name)}
            yield replace(call, **changed)
    for field in fields(call.served):
        if getattr(call.served, field.name) != getattr(default.served, field.name):
            changed = {field.name: getattr(default.served, field.name)}
            yield replace(call, served=replace(call.served, **changed))
    for at in range(len(call.key)) if len(call.key) > 1 and call.key != default.key else ():
        shorter = call.key[:at] + call.key[at + 1 :]
        if shorter[0] not in "/\\":
            yield replace(call, key=shorter)


def span(sens: Sequence[int]) -> str:
    """`37`, `64 to 100`."""
    return str(sens[0]) if len(sens) == 1 else f"{sens[0]} to {sens[-1]}"


def explained(cause: Cause) -> str:
    """With what input it happens, in words."""
    parts = sorted(cause.traits - {"sen 0 to 100"} if cause.sens else cause.traits)
    if cause.sens:
        parts.insert(0, f"sen {span(cause.sens)}")
    return ", ".join(parts) or "any input"
