"""Hypothesis behind two verbs: draw the N-th example of a seed, and shrink one that fails.

A random number generator with a seed. Every example has bytes of its own, which
follow from the seed and its number alone and which Hypothesis turns into an example
(`fuzz_one_input`): so the N-th example is the same whatever came of those before, on any machine
with the same version of Hypothesis. Shrinking hands the same bytes to a test that fails, and
Hypothesis keeps them in its database and shrinks them.
"""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky

from conformance.fuzz.example import Example
from conformance.fuzz.strategies import examples

# Bytes for one example; the largest that was seen to be used is under a quarter of it.
_BYTES = 4096


class _FailsError(Exception):
    """What the test of a shrinking raises for an example that fails."""


def draw(seed: int, number: int) -> Example | None:
    """The example of that number; None if its bytes did not suffice."""
    return _drawn(_bytes(seed, number))


def shrink(seed: int, number: int, fails: Callable[[Example], bool]) -> None:
    """Shrink the example of that number; `fails` sees every try and keeps what it wants to keep.

    It must answer alike for the same example, and false for all when it has had enough.
    """

    @settings(
        phases=(Phase.reuse, Phase.shrink),
        database=InMemoryExampleDatabase(),
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(examples())
    def test(example: Example) -> None:
        if fails(example):
            raise _FailsError

    made: Any = test  # Hypothesis adds its own attribute to the function
    for run in (lambda: made.hypothesis.fuzz_one_input(_bytes(seed, number)), made):
        try:
            run()
        except (_FailsError, Flaky):
            continue


def _bytes(seed: int, number: int) -> bytes:
    return random.Random(f"{seed}/{number}").randbytes(_BYTES)


def _gather() -> Callable[[bytes], Example | None]:
    """One test for all draws: making it costs more than a draw."""
    got: list[Example] = []

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(examples())
    def test(example: Example) -> None:
        got.append(example)

    made: Any = test

    def drawn(data: bytes) -> Example | None:
        got.clear()
        made.hypothesis.fuzz_one_input(data)
        return got[0] if got else None

    return drawn


_drawn = _gather()
