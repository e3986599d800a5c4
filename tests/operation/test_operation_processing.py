"""Processing strings in their documented spelling."""

import pytest

from conformance.operation.processing import write


def test_without_sen_the_documented_spelling_is_bare() -> None:
    assert write(None) == "image/bodies"


@pytest.mark.parametrize("sen", [0, 1, 50, 60, 100])
def test_sen_is_written_behind_a_comma_and_an_underscore(sen: int) -> None:
    assert write(sen) == f"image/bodies,sen_{sen}"
