"""Mistakes: JSON pointers, lines, and exceptions."""

import pytest

from conformance.documents.mistake import Mistake, as_error, pointer
from conformance.errors import InputError, ManifestError


def test_a_pointer_escapes_tilde_and_slash() -> None:
    assert pointer(("cases", 0, "a/b~c")) == "/cases/0/a~1b~0c"


def test_the_whole_document_is_the_empty_pointer() -> None:
    assert pointer(()) == ""


@pytest.mark.parametrize(
    ("place", "expected"),
    [("", "line 7"), ("/exit", "line 7 /exit"), ("line 1", "line 7"),
     ("line 1 column 5", "line 7 column 5")],
)  # fmt: skip
def test_a_mistake_in_a_line_has_the_number_of_the_line(place: str, expected: str) -> None:
    assert Mistake(place=place, rule="is wrong").in_line(7).place == expected


def test_an_error_says_file_place_rule_and_remedy() -> None:
    mistake = Mistake(place="/name", rule="is wrong", remedy="correct it")
    error = as_error(mistake, source="a.json", kind=ManifestError)
    assert isinstance(error, ManifestError)
    assert str(error) == "a.json: /name: is wrong (correct it)"


def test_an_error_is_one_of_wrong_input_by_default() -> None:
    assert type(as_error(Mistake(place="", rule="is wrong"), source="a.json")) is InputError
