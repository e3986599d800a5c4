"""The examples of a seed: the N-th one, and the smaller ones that Hypothesis shrinks it to.

A random number generator with a seed. Each example is made from bytes that follow from the seed and
its number alone and that Hypothesis turns into an example (`fuzz_one_input`): so the N-th example
is the same whatever came of those before, on any machine with the same version of Hypothesis.
Shrinking gives the same bytes to a test that fails; Hypothesis stores and shrinks them.
"""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky

from conformance.fuzz.example import Example
from conformance.fuzz.strategies import examples
from conformance.operation.definition import Operation

# Bytes for one example; the most that an example was seen to use is less than a quarter.
_BYTES = 4096


class _FailsError(Exception):
    """Raised by the test of a shrinking for an example that fails."""


class Draws:
    """The examples of one seed, by number."""

    def __init__(self, seed: int, operation: Operation) -> None:
        self._seed = seed
        self._strategy = examples(operation)
        self._drawn: list[Example] = []

        # One test for all draws: making it takes longer than a draw.
        @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(self._strategy)
        def test(example: Example) -> None:
            self._drawn.append(example)

        self._test: Any = test

    def example(self, number: int) -> Example | None:
        """The example of that number; None if its bytes did not suffice."""
        self._drawn.clear()
        self._test.hypothesis.fuzz_one_input(self._bytes(number))
        return self._drawn[0] if self._drawn else None

    def shrink(self, number: int, fails: Callable[[Example], bool]) -> None:
        """Shrink the example of that number; `fails` is called with each attempt.

        It must always answer the same for one example, or false for all once it wants no more.
        """

        @settings(
            phases=(Phase.reuse, Phase.shrink),
            database=InMemoryExampleDatabase(),
            deadline=None,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(self._strategy)
        def test(example: Example) -> None:
            if fails(example):
                raise _FailsError

        made: Any = test  # Hypothesis adds an attribute to the function
        for run in (lambda: made.hypothesis.fuzz_one_input(self._bytes(number)), made):
            try:
                run()
            except (_FailsError, Flaky):
                continue

    def _bytes(self, number: int) -> bytes:
        return random.Random(f"{self._seed}/{number}").randbytes(_BYTES)
