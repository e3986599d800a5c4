"""Causes: failing examples with the same lane, rules and features, reported once.

Pure. The report of a cause shows its smallest example. A cause has a lane, rules and the features
of that example; it explains each failure of the lane by one of the rules whose case has all the
features. A cause found by the exhaustive part of a search is also limited to a range of consecutive
values of one parameter.
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
    """Consecutive valid values of one parameter, both ends included."""

    parameter: Parameter
    first: int
    last: int

    @classmethod
    def of(cls, parameter: Parameter, value: int) -> "ValueRange":
        """The range of a single value."""
        return cls(parameter=parameter, first=value, last=value)

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        ends = str(self.first) if len(self) == 1 else f"{self.first} to {self.last}"
        return f"{self.parameter.name} {ends}"

    def holds_one_of(self, arguments: Iterable[tuple[str, int]]) -> bool:
        """Whether the value of any of these arguments is in the range."""
        return any(
            name == self.parameter.name and self.first <= value <= self.last
            for name, value in arguments
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why examples fail on one lane."""

    lane: str
    rules: frozenset[str]  # of the findings that make the examples fail
    features: Features  # that the failing examples share
    trial: Judged  # of the smallest example
    example: Example | None = None  # None: a case of the corpus or of an earlier search
    values: ValueRange | None = None  # the values that fail; None: not limited to values
    known: str = ""  # the reason in its known-failing entry; empty: not listed
    file: str = ""  # vector file of an earlier search, relative to the results folder
    explains: int = 0  # number of failures that it explains
    alone: bool = True  # whether the trial is one of the example alone

    def covers(self, lane: str, rule: str, features: Features) -> bool:
        """Whether it explains a failure by this rule of a case with these features."""
        if lane != self.lane or rule not in self.rules:
            return False
        if not self.features.names <= features.names:
            return False
        return self.values is None or self.values.holds_one_of(features.arguments)

    @property
    def rule(self) -> str:
        """The rule of its first finding; of an outcome without findings, the first of `rules`."""
        return self.findings[0].rule if self.findings else min(self.rules)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of its smallest example that have one of its rules."""
        return tuple(f for f in self.trial.verdict.findings if f.rule in self.rules)

    @property
    def input(self) -> str:
        """The input that triggers it, as text."""
        names = self.features.names
        if self.values is None:
            return ", ".join(sorted(names)) or "any input"
        return ", ".join([str(self.values), *sorted(names - {in_range(self.values.parameter)})])


def neighbours(values: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """The first and last of each run of consecutive values: 3, 4, 5, 9 give (3, 5) and (9, 9)."""
    runs: list[tuple[int, int]] = []
    for value in sorted(values):
        if runs and runs[-1][1] == value - 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return tuple(runs)


def weight(example: Example) -> tuple[int, int, int, str]:
    """A sort key: simpler examples have fewer calls, fewer special values and shorter ones."""
    special = [text for call in example.calls for text in _special(call)]
    if example.credentials is not None:
        special.append(repr(example.credentials))
    text = " ".join(special)
    return len(example.calls), len(special), len(text), text


def _special(call: Call) -> Iterator[str]:
    yield from (f"{name}={value!r}" for name, value in call.arguments)
    for part, default in ((call, Call()), (call.served, Served())):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name not in ("arguments", "served") and value != getattr(default, field.name):
                yield f"{field.name}={value!r}"


def simpler(example: Example) -> Iterator[Example]:
    """Examples with one call or one special value less."""
    calls = example.calls
    if example.credentials is not None:
        yield replace(example, credentials=None)
    for index in range(len(calls)) if len(calls) > 1 else ():
        yield replace(example, calls=calls[:index] + calls[index + 1 :])
    for index, call in enumerate(calls):
        for simpler_call in _simpler_calls(call):
            yield replace(example, calls=(*calls[:index], simpler_call, *calls[index + 1 :]))


def _simpler_calls(call: Call) -> Iterator[Call]:
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
    """The value with one field reset to the default, unless it already is the default."""
    if getattr(value, name) != getattr(default, name):
        yield replace(value, **{name: getattr(default, name)})
