"""Processing strings, written."""

import pytest

from conformance.operation.processing import write


def test_an_action_without_parameters_is_written_bare() -> None:
    assert write("image/bodies", ()) == "image/bodies"


@pytest.mark.parametrize("sen", [0, 1, 50, 60, 100])
def test_a_value_follows_a_comma_the_name_and_an_underscore(sen: int) -> None:
    assert write("image/bodies", [("sen", sen)]) == f"image/bodies,sen_{sen}"


def test_parameters_are_written_in_the_order_in_which_they_are_given() -> None:
    assert write("image/faces", [("b", 1), ("a", "x")]) == "image/faces,b_1,a_x"
