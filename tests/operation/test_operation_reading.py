"""Operation documents are read strictly, and mistakes are reported with file, place and remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import OperationError
from conformance.operation.reading import FOLDER, bodies, chosen, load_operation, shipped

DOCUMENT: dict[str, Any] = json.loads((FOLDER / "bodies.json").read_text())
SCHEMA: dict[str, Any] = {"type": "object", "required": ["Faces"]}


def written(folder: Path, schema: Any = SCHEMA, **changes: Any) -> Path:
    path = folder / "operation.json"
    response = {"schema": "response.json", "list": "Faces"}
    document = {**DOCUMENT, "response": response, "answers": [], **changes}
    path.write_text(json.dumps(document))
    (folder / "response.json").write_text(json.dumps(schema))
    return path


def test_the_suite_ships_the_operation_that_it_is_about() -> None:
    assert shipped() == (bodies(),)
    (sen,) = bodies().parameters
    assert (bodies().action, sen.name, sen.range, sen.default) == (
        "image/bodies",
        "sen",
        range(101),
        60,
    )


def test_the_documented_answers_have_the_lengths_that_were_measured() -> None:
    assert [len(answer.body) for answer in bodies().answers] == [141, 297]


def test_a_path_is_relative_to_the_vector_file(tmp_path: Path) -> None:
    written(tmp_path, action="image/faces")
    (tmp_path / "faces").mkdir()
    found = chosen("../operation.json", tmp_path / "faces" / "vectors.json")
    assert found.action == "image/faces"


def test_a_shipped_operation_is_chosen_by_its_name(tmp_path: Path) -> None:
    assert chosen("bodies", tmp_path / "vectors.json") is bodies()


def test_an_unknown_operation_is_an_error_of_the_vector_file(tmp_path: Path) -> None:
    with pytest.raises(OperationError) as caught:
        chosen("body", tmp_path / "vectors.json")
    error = caught.value
    assert (error.source, error.place) == (str(tmp_path / "vectors.json"), "/operation")
    assert error.remedy.startswith("did you mean bodies?")


def test_a_response_schema_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "response.json").unlink()
    with pytest.raises(OperationError) as caught:
        load_operation(path)
    assert caught.value.source == str(tmp_path / "response.json")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("schema", "changes", "file", "place", "words"),
    [
        (SCHEMA, {"sort": 1}, "operation.json", "", "unknown: 'sort'"),
        (
            SCHEMA,
            {"parameters": [{**DOCUMENT["parameters"][0], "default": 101}]},
            "operation.json",
            "/parameters/0/default",
            "is outside the range",
        ),
        (
            SCHEMA,
            {"answers": DOCUMENT["answers"]},
            "operation.json",
            "/answers/0/body",
            "'Faces' is missing",
        ),
        ({"type": "objekt"}, {}, "response.json", "/type", "is not a JSON Schema"),
        (True, {}, "response.json", "", "allows everything or nothing"),
    ],
)
def test_a_wrong_document_is_refused_with_its_place(  # noqa: PLR0917
    tmp_path: Path, schema: Any, changes: dict[str, Any], file: str, place: str, words: str
) -> None:
    with pytest.raises(OperationError) as caught:
        load_operation(written(tmp_path, schema, **changes))
    error = caught.value
    assert (error.source, error.place) == (str(tmp_path / file), place)
    assert words in error.rule
    assert error.remedy


def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text().replace("{", '{"name": "twice", ', 1))
    with pytest.raises(OperationError, match="'name' twice"):
        load_operation(path)
