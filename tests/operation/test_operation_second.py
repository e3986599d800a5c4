"""A second operation needs documents and vectors only: no line of Python, no change in a runner.

`image/faces` and its response are documented on the page "Face detection"; the values are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner

from conformance.corpus.load import load_file
from conformance.errors import VectorError
from conformance.operation.reading import load_operation
from conformance.results import read_results

PAGE = {"reference": "https://help.aliyun.com/en/oss/user-guide/face-detection"}
FACE = {"FigureId": "b1", "Age": 31, "Boundary": {"Left": 1, "Top": 2, "Height": 3, "Width": 4}}
ANSWER = {"RequestId": "A", "Faces": [FACE]}
BOX = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
RESPONSE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["RequestId", "Faces"],
    "properties": {
        "RequestId": {"type": "string"},
        "Faces": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["FigureId", "Boundary"],
                "properties": {"Age": {"type": "integer", "minimum": 0}, "Boundary": BOX},
            },
        },
    },
}
OPERATION: dict[str, Any] = {
    "$schema": "operation.schema.json",
    "name": "faces",
    "about": "Finds every face in an image, with what it tells of the person.",
    "action": "image/faces",
    "parameters": [],
    "response": {"schema": "faces.schema.json", "list": "Faces"},
    "answers": [{"parameters": {}, "body": ANSWER, "source": PAGE}],
    "undocumented": [
        {
            "when": {"undocumented_string": True},
            "expectations": ["answer", "status", "parsed"],
            "unless_as_sent": False,
            "reason": "what the service answers to a parameter of image/faces is not published",
        }
    ],
    "source": PAGE,
}


def case(name: str, title: str, **parts: Any) -> dict[str, Any]:
    return {"id": f"process/faces/{name}", "title": title, **parts}


VECTORS: dict[str, Any] = {
    "$schema": "vectors.schema.json",
    "topic": "process/faces",
    "about": "What a program asks for and gets when it detects faces.",
    "operation": "operations/faces.json",
    "defaults": {
        "provenance": {
            "source": "documentation",
            "note": "The page says it.",
            "date": "2024-01-01",
            **PAGE,
        }
    },
    "cases": [
        case(
            "documented",
            "The documented call gets the documented answer.",
            expect={
                "sets": ["signed-request", "content-as-sent"],
                "required": {"requests": 1, "process": "image/faces", "parsed": ANSWER},
            },
        ),
        case(
            "in-the-url",
            "A URL that is signed beforehand asks for the same.",
            input={"sign": "url"},
            expect={
                "sets": ["signed-request", "content-as-sent"],
                "required": {"process": "image/faces", "auth": "v4-query"},
            },
        ),
        case(
            "passed-through",
            "A string with a parameter that is not documented arrives as it is.",
            input={"process": "image/faces,max_3"},
            expect={
                "sets": ["signed-request"],
                "required": {"process": "image/faces,max_3"},
                "observed": ["answer"],
            },
        ),
    ],
}


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """The documents of the operation, and a file of three vectors."""
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "faces.json").write_text(json.dumps(OPERATION))
    (tmp_path / "operations" / "faces.schema.json").write_text(json.dumps(RESPONSE))
    return write(tmp_path, VECTORS)


def write(folder: Path, document: dict[str, Any]) -> Path:
    (folder / "faces.json").write_text(json.dumps(document))
    return folder / "faces.json"


def outcomes(folder: Path, *lane: str) -> tuple[int, str, dict[str, str]]:
    words = ("run", *lane, "--vectors", "faces.json", "--in", "host")
    done = oss_bodies(*words, cwd=folder)
    shown = done.stdout + done.stderr
    assert (folder / "oss-bodies-report").is_dir(), shown
    verdicts = read_results(folder / "oss-bodies-report").verdicts
    return done.returncode, shown, {one.case: one.outcome for one in verdicts}


def test_its_vectors_run_on_a_runner_that_does_not_know_it(vectors: Path) -> None:
    runner = write_runner(vectors.parent / "runners", kind="reference")
    code, shown, found = outcomes(vectors.parent, "--runner", str(runner))
    assert (code, set(found.values())) == (0, {"pass"}), shown
    assert set(found) == {case["id"] for case in VECTORS["cases"]}


@pytest.mark.slow
def test_its_vectors_run_on_an_sdk(vectors: Path) -> None:
    code, shown, found = outcomes(vectors.parent, "--lane", "python")
    assert code == 0, shown
    assert found["process/faces/documented"] == "pass"
    assert set(found.values()) <= {"pass", "skip"}


def test_a_runner_that_writes_another_string_fails(vectors: Path) -> None:
    runner = write_runner(vectors.parent / "runners", kind="comma-encoded-twice")
    _, shown, found = outcomes(vectors.parent, "--runner", str(runner))
    assert found["process/faces/passed-through"] == "fail", shown


def test_its_cases_start_from_its_action_and_its_first_documented_answer(vectors: Path) -> None:
    first, *_ = load_file(vectors).cases
    (turn,) = first.turns
    assert (turn.input.action, turn.input.parameters) == ("image/faces", ())
    assert json.loads(turn.script.replies[0].body) == ANSWER


def test_its_parameters_follow_from_its_document(vectors: Path) -> None:
    operation = load_operation(vectors.parent / "operations" / "faces.json")
    assert (operation.parameters, list(operation.strings())) == ((), ["image/faces"])


def test_its_documents_vectors_and_responses_are_checked(vectors: Path) -> None:
    folder = vectors.parent
    (folder / "right.json").write_text(json.dumps(ANSWER))
    (folder / "wrong.json").write_text(json.dumps({**ANSWER, "Faces": [{**FACE, "Age": -1}]}))
    files = ("operations/faces.json", "right.json", "wrong.json", "faces.json")
    done = oss_bodies("check", "--fix", "--json", *files, cwd=folder)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [(line["kind"], line["valid"]) for line in lines] == [
        ("operation", True),
        ("response of image/faces", True),
        ("response of image/faces", False),
        ("vector file", True),
    ]
    assert [wrong["place"] for wrong in lines[2]["mistakes"]] == ["/Faces/0/Age"]


@pytest.mark.parametrize(
    ("part", "place", "words"),
    [
        (
            {"input": {"process": "image/faces,max_3"}, "expect": {"required": {"status": 400}}},
            "/cases/0/expect/required/status",
            "a parameter of image/faces is not published",
        ),
        (
            {"input": {"parameters": {"sen": 50}}},
            "/cases/0/input/parameters/sen",
            "image/faces has no parameter 'sen'",
        ),
        (
            {"input": {"action": "image/bodies"}},
            "/cases/0/input/action",
            "that of the file's operation is 'image/faces'",
        ),
        (
            {"script": {"replies": [{"status": 200, "body": {"detections": 1}}]}},
            "/cases/0/script/replies/0/body/detections",
            "detections is a response of image/bodies",
        ),
    ],
)
def test_its_vectors_are_linted_by_its_document(
    vectors: Path, part: dict[str, Any], place: str, words: str
) -> None:
    wrong = {"expect": {"observed": ["requests"]}, **part}
    only = case("wrong", "One thing is wrong.", **wrong)
    with pytest.raises(VectorError) as caught:
        load_file(write(vectors.parent, {**VECTORS, "cases": [only]}))
    assert (caught.value.place, words in caught.value.rule) == (place, True), caught.value
    assert caught.value.remedy
