"""Drawing is a function of the seed and the number alone."""

import pytest
from fuzz.drawn import drawn

from conformance.errors import CannotRunError
from conformance.fuzz.draw import Draws
from conformance.operation.reading import bodies


def test_the_same_seed_draws_the_same_examples_in_the_same_order() -> None:
    draws = Draws(7, bodies())
    assert tuple(draws.example(n) for n in range(150)) == drawn(7)


def test_an_example_does_not_depend_on_those_drawn_before_it() -> None:
    assert Draws(7, bodies()).example(20) == drawn(7)[20]


def test_another_seed_draws_other_examples() -> None:
    assert drawn(3, 60) != drawn(4, 60)


def test_shrinking_asks_about_examples_and_ends_when_nothing_fails_any_more() -> None:
    asked = []

    def fails(example: object) -> bool:
        asked.append(example)
        return len(asked) == 1

    Draws(7, bodies()).shrink(20, fails)
    assert asked[0] == drawn(7)[20]
    assert len(asked) > 1


@pytest.mark.parametrize("calls", [1, 4])
def test_an_error_in_the_middle_of_shrinking_is_raised_as_it_is(calls: int) -> None:
    asked = []

    def fails(example: object) -> bool:
        asked.append(example)
        if len(asked) == calls:
            raise CannotRunError(step="results", reason="No space left")
        return True

    with pytest.raises(CannotRunError, match="No space left"):
        Draws(7, bodies()).shrink(20, fails)
    assert len(asked) == calls
