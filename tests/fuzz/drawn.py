"""Drawn examples, invented trials and operations that several test modules look at."""

from dataclasses import replace
from functools import cache

from conformance.fuzz import Example, Judged, case_of
from conformance.fuzz.draw import Draws
from conformance.fuzz.judged import judged
from conformance.model.verdict import Outcome, Transcript
from conformance.operation.definition import Operation, Parameter
from conformance.operation.reading import bodies


@cache
def drawn(seed: int = 7, count: int = 150) -> tuple[Example, ...]:
    draws = Draws(seed, bodies())
    return tuple(example for n in range(count) if (example := draws.example(n)) is not None)


def trial(
    example: Example, *rules: str, lane: str = "a", not_required: tuple[str, ...] = ()
) -> Judged:
    """A trial that failed by these rules, or passed if there are none."""
    case = case_of(example)
    transcript = Transcript(
        case=case.id, lane=lane, mode="host", turns=(), exposes=(), stderr="", problem=None,
        skipped="nothing",
    )  # fmt: skip
    one = judged(case, transcript)
    outcome = Outcome.FAIL if rules else Outcome.PASS
    return replace(
        one,
        rules=frozenset(rules),
        not_required=frozenset(not_required),
        verdict=replace(one.verdict, outcome=outcome),
    )


def operation(action: str, **ranges: tuple[int, int]) -> Operation:
    """An operation whose parameters have these ranges."""
    parameters = tuple(
        Parameter(
            name=name, type="integer", minimum=minimum, maximum=maximum, default=None,
            meaning="Invented.", source="invented",
        )
        for name, (minimum, maximum) in ranges.items()
    )  # fmt: skip
    return replace(bodies(), name="invented", action=action, parameters=parameters)
