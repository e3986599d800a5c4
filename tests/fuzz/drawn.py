"""Drawn examples that several test modules look at."""

from functools import cache

from conformance.fuzz import Example
from conformance.fuzz.draw import Draws


@cache
def drawn(seed: int = 7, count: int = 150) -> tuple[Example, ...]:
    draws = Draws(seed)
    return tuple(example for n in range(count) if (example := draws.example(n)) is not None)
