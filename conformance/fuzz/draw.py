"""Draws the N-th example of a seed, and shrinks it with Hypothesis.

Random numbers. Hypothesis generates each example from bytes (`fuzz_one_input`) that depend only on
the seed and the number of the example. So the N-th example is the same on every machine with the
same version of Hypothesis, whatever the results of earlier examples. To shrink an example, the same
bytes are given to a test that fails; Hypothesis stores and shrinks them.
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

# Bytes for one example; observed examples used less than a quarter of them.
_BYTES = 4096


class _FailsError(Exception):
    """Raised in the test of `Draws.shrink` when an example fails."""


class Draws:
    """The examples of one seed, by number."""

    def __init__(self, seed: int, operation: Operation) -> None:
        self._seed = seed
        self._strategy = examples(operation)
        self._drawn: list[Example] = []

        # One test for all draws: creating it takes longer than a draw.
        @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(self._strategy)
        def test(example: Example) -> None:
            self._drawn.append(example)

        self._test: Any = test

    def example(self, number: int) -> Example | None:
        """The example with this number; None if it would need more bytes."""
        self._drawn.clear()
        self._test.hypothesis.fuzz_one_input(self._bytes(number))
        return self._drawn[0] if self._drawn else None

    def shrink(self, number: int, fails: Callable[[Example], bool]) -> None:
        """Shrink the example with this number; `fails` is called with each attempt.

        It must always return the same for the same example, or false for all to end shrinking. An
        exception that it raises ends shrinking too.
        """
        error: Exception | None = None

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
            nonlocal error
            try:
                failed = error is None and fails(example)
            except Exception as raised:  # Hypothesis would take it for a failure and shrink it
                error, failed = raised, False
            if failed:
                raise _FailsError

        wrapped: Any = test  # Hypothesis adds an attribute to the function
        for run in (lambda: wrapped.hypothesis.fuzz_one_input(self._bytes(number)), wrapped):
            try:
                run()
            except (_FailsError, Flaky):
                continue
            finally:
                if error is not None:
                    raise error

    def _bytes(self, number: int) -> bytes:
        return random.Random(f"{self._seed}/{number}").randbytes(_BYTES)
