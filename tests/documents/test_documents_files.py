"""Files are read strictly, and the first mistake ends reading."""

from pathlib import Path

import pytest

from conformance.documents.files import read_file
from conformance.documents.strict_json import Spelled
from conformance.errors import InputError, VectorError


def test_a_file_gives_its_document_with_the_spelling_of_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"n": 0.10}')
    number = read_file(path)["n"]
    assert isinstance(number, Spelled)
    assert number.text == "0.10"


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_file(tmp_path / "a.json")
    assert caught.value.rule == "cannot be read: No such file or directory"
    assert caught.value.remedy


def test_a_mistake_is_raised_as_the_kind_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": {"b": 1, "b": 2}}')
    with pytest.raises(VectorError) as caught:
        read_file(path, VectorError)
    error = caught.value
    assert (error.source, error.place) == (str(path), "/a")
    assert (error.rule, error.remedy) == (
        "the object has the name 'b' twice",
        "remove or rename one of the two",
    )
