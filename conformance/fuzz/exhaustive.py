"""The exhaustive part of a search: every valid value of every parameter, before any random draw.

Pure. Random draws would miss single values. Failures are grouped so that one defect gives one
cause: rules by which the call without parameters fails are not attributed to values, and
consecutive values that fail by the same rules form one group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.fuzz.cause import ValueRange, neighbours
from conformance.fuzz.example import Call, Example
from conformance.fuzz.judged import Judged
from conformance.operation.definition import Operation, Parameter

# Parameters with more valid values are covered by random draws only.
MAX_VALUES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFailure:
    """An example that failed on one lane, with the trial that failed first."""

    example: Example
    trial: Judged
    number: int  # of the draw; -1: not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Failures of one lane, by the same rules, that are taken to have one cause."""

    failure: ExampleFailure  # the simplest one
    rules: frozenset[str]
    values: ValueRange | None  # the values that fail; None: the call without parameters fails


def valid_examples(operation: Operation) -> tuple[Example, ...]:
    """The call without parameters, then one for each valid value of each parameter."""
    arguments = [
        ((parameter.name, value),)
        for parameter in _enumerated(operation)
        for value in parameter.range
    ]
    return tuple(
        Example(operation=operation, calls=(Call(arguments=pairs),)) for pairs in ((), *arguments)
    )


def failure_groups(
    failures: Sequence[ExampleFailure], operation: Operation
) -> Iterator[FailureGroup]:
    """The failures of valid examples in groups, lane by lane."""
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
        for parameter in _enumerated(operation):
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
            value_range = ValueRange(parameter=parameter, first=first, last=last)
            yield FailureGroup(failure=failures[first], rules=rules, values=value_range)


def _enumerated(operation: Operation) -> list[Parameter]:
    return [parameter for parameter in operation.parameters if len(parameter.range) <= MAX_VALUES]
