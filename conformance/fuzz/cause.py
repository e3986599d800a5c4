"""Causes: what many failing examples have in common, reported once by the smallest of them.

Pure. A cause is identified by its lane, its rules and the features of its smallest example. It
explains every failure of that lane by one of those rules that has all those features; a failure
that lacks one of them is new. A cause that the exhaustive part of a search found also says for
which neighbouring values of one parameter it holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from conformance.fuzz.example import Call, Example, Served
from conformance.fuzz.features import Features, in_range
from conformance.fuzz.judged import Judged
from conformance.model.verdict import Finding
from conformance.operation.definition import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """Neighbouring valid values of one parameter, both ends included."""

    parameter: Parameter
    first: int
    last: int

    @classmethod
    def of(cls, parameter: Parameter, value: int) -> "ValueRange":
        """One value."""
        return cls(parameter=parameter, first=value, last=value)

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        ends = str(self.first) if len(self) == 1 else f"{self.first} to {self.last}"
        return f"{self.parameter.name} {ends}"

    def holds_one_of(self, arguments: Iterable[tuple[str, int]]) -> bool:
        """Whether one of these arguments is in the range."""
        return any(
            name == self.parameter.name and self.first <= value <= self.last
            for name, value in arguments
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why examples fail on one lane."""

    lane: str
    rules: frozenset[str]  # that they fail by
    features: Features  # that they have in common
    trial: Judged  # of the smallest example
    example: Example | None = None  # the smallest; None: a case of the corpus or an earlier search
    values: ValueRange | None = None  # the only values it holds for; None: any
    known: str = ""  # the reason of the known-failing entry that lists it; empty: it is new
    file: str = ""  # the vector file of an earlier search, below the results folder
    explains: int = 0  # failures that have it

    def covers(self, lane: str, rule: str, found: Features) -> bool:
        """Whether it explains a failure by that rule of a case with those features."""
        if lane != self.lane or rule not in self.rules:
            return False
        if not self.features.names <= found.names:
            return False
        return self.values is None or self.values.holds_one_of(found.arguments)

    @property
    def rule(self) -> str:
        """The rule of its first finding, or the rule that stands for an outcome without one."""
        findings = self.findings
        return findings[0].rule if findings else min(self.rules)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of its smallest example by its rules."""
        return tuple(f for f in self.trial.verdict.findings if f.rule in self.rules)

    @property
    def input(self) -> str:
        """The input that it takes, in words."""
        names = self.features.names
        if self.values is None:
            return ", ".join(sorted(names)) or "any input"
        return ", ".join([str(self.values), *sorted(names - {in_range(self.values.parameter)})])


def neighbours(values: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """First and last of each run of neighbouring values: 3, 4, 5, 9 are (3, 5) and (9, 9)."""
    found: list[tuple[int, int]] = []
    for value in sorted(values):
        if found and found[-1][1] == value - 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return tuple(found)


def weight(example: Example) -> tuple[int, int, int, str]:
    """Smaller is simpler: fewer calls, fewer special values, shorter text, earlier in order."""
    special = [text for call in example.calls for text in _special(call)]
    if example.credentials is not None:
        special.append(repr(example.credentials))
    text = " ".join(special)
    return len(example.calls), len(special), len(text), text


def _special(call: Call) -> Iterator[str]:
    yield from (f"{name}={value!r}" for name, value in call.arguments)
    for value, default in ((call, Call()), (call.served, Served())):
        for field in fields(value):
            if field.name not in ("arguments", "served"):
                own = getattr(value, field.name)
                if own != getattr(default, field.name):
                    yield f"{field.name}={own!r}"


def simpler(example: Example) -> Iterator[Example]:
    """Examples that are one step simpler: a call less, or one special value less."""
    calls = example.calls
    if example.credentials is not None:
        yield replace(example, credentials=None)
    for index in range(len(calls)) if len(calls) > 1 else ():
        yield replace(example, calls=calls[:index] + calls[index + 1 :])
    for index, call in enumerate(calls):
        for plainer in _plainer(call):
            yield replace(example, calls=(*calls[:index], plainer, *calls[index + 1 :]))


def _plainer(call: Call) -> Iterator[Call]:
    for name in ("served", "key", "process"):
        yield from _reset(call, name, Call())
    for index in range(len(call.arguments)):
        yield replace(call, arguments=call.arguments[:index] + call.arguments[index + 1 :])
    for field in fields(call.served):
        for served in _reset(call.served, field.name, Served()):
            yield replace(call, served=served)
    key = call.key or ""
    for index in range(len(key)) if len(key) > 1 else ():
        shorter = key[:index] + key[index + 1 :]
        if shorter[0] not in "/\\":
            yield replace(call, key=shorter)


def _reset(value: Any, name: str, default: Any) -> Iterator[Any]:
    """The value with one field as in the default, unless it is so already."""
    if getattr(value, name) != getattr(default, name):
        yield replace(value, **{name: getattr(default, name)})
