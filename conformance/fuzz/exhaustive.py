"""The exhaustive part of a search: every valid value of every parameter, tried before any draw.

Pure. Examples drawn at random would miss single values, so none is left to chance. Failures are
grouped so that one defect is one cause: what fails without any parameter is not about values, and
neighbouring values that fail alike belong together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.fuzz.cause import ValueRange, neighbours
from conformance.fuzz.example import Call, Example
from conformance.fuzz.judged import Judged
from conformance.operation.definition import Operation, Parameter

# A parameter with more valid values is left to the draws.
MOST_VALUES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFailure:
    """An example that failed on one lane, as it was first seen."""

    example: Example
    trial: Judged
    number: int  # of its draw; -1: it was not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Failures of one lane by the same rules that have one cause."""

    failure: ExampleFailure  # the simplest one
    rules: frozenset[str]
    values: ValueRange | None  # that fail; None: the call without parameters fails


def valid_examples(operation: Operation) -> tuple[Example, ...]:
    """The call without parameters, then one for each valid value of each parameter."""
    arguments = [
        ((parameter.name, value),) for parameter in _tried(operation) for value in parameter.range
    ]
    return tuple(
        Example(operation=operation, calls=(Call(arguments=one),)) for one in ((), *arguments)
    )


def failure_groups(
    failures: Sequence[ExampleFailure], operation: Operation
) -> Iterator[FailureGroup]:
    """The failures among these examples, lane by lane."""
    for lane in sorted({failure.trial.lane for failure in failures}):
        by_arguments = {
            failure.example.calls[0].arguments: failure
            for failure in failures
            if failure.trial.lane == lane
        }
        always: frozenset[str] = frozenset()
        if () in by_arguments:
            always = by_arguments[()].trial.rules
            yield FailureGroup(failure=by_arguments[()], rules=always, values=None)
        for parameter in _tried(operation):
            by_value = {
                value: failure
                for arguments, failure in by_arguments.items()
                for name, value in arguments
                if name == parameter.name
            }
            yield from _of_values(parameter, by_value, always)


def _of_values(
    parameter: Parameter, failures: dict[int, ExampleFailure], always: frozenset[str]
) -> Iterator[FailureGroup]:
    groups: dict[frozenset[str], list[int]] = {}
    for value, failure in failures.items():
        rules = failure.trial.rules - always
        if rules:
            groups.setdefault(rules, []).append(value)
    for rules, values in groups.items():
        for first, last in neighbours(values):
            found = ValueRange(parameter=parameter, first=first, last=last)
            yield FailureGroup(failure=failures[first], rules=rules, values=found)


def _tried(operation: Operation) -> list[Parameter]:
    return [one for one in operation.parameters if len(one.range) <= MOST_VALUES]
