"""`check`: what a file is, told by its content, and what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from judge.notation import transcript
from judge.rule_examples import RIGHT
from report.run_shown import CASES, HEADER, VERDICTS
from report.run_shown import END as RUN_END

from conformance.assets import RUNNERS, VECTORS
from conformance.corpus.decode import Terms
from conformance.corpus.file_kinds import check
from conformance.corpus.layout import format_vector
from conformance.operation.reading import FOLDER
from conformance.results import ResultsWriter

BODIES = {
    "RequestId": "58C0F6A4-7B26-5E22-9C60-EFF90E2082ED",
    "Bodies": [
        {"Confidence": 0.733, "Boundary": {"Left": 115, "Top": 97, "Height": 103, "Width": 63}}
    ],
}
END: dict[str, Any] = {
    "type": "end",
    "counts": dict.fromkeys(
        ("pass", "fail", "error", "skip", "known_failing", "not_run", "agree", "differ"), 0
    ),
    "exit": 0,
    "seconds": 1.5,
    "interrupted": False,
    "transcripts": "0" * 32,
    "check": "0" * 32,
}
RUN: dict[str, Any] = {
    "type": "run",
    "format": 3,
    "id": "0123456789abcdef",
    "suite": "0.1.0",
    "vectors": "0" * 64,
    "seed": None,
    "mode": "host",
    "endpoint": "mock",
    "selection": {"lanes": [], "cases": [], "shard": None},
    "started": "2026-11-22T00:00:00Z",
    "machine": "Linux x86_64, 2 cores",
    "timeout": None,
    "files": {"vectors": [], "known_failing": []},
    "check": "0" * 32,
}


def _results(*lines: dict[str, Any]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (BODIES, "response of image/bodies"),
        ({"RequestId": "x"}, "response of image/bodies"),
        ({"action": "image/faces", "parameters": []}, "operation"),
        ({"entries": []}, "known-failing list"),
        ({"cases": []}, "vector file"),
        ({"vectors": [], "about": ""}, "known answers"),
        ({"vectors": [], "signature": "v1"}, "known answers of V1"),
        ({"language": "Go", "run": []}, "runner manifest"),
        ({"input": {}, "script": {}}, "defaults of the vectors"),
        ({"anything": 1}, "no file of the suite"),
        ([1], "no file of the suite"),
    ],
)
def test_a_file_is_known_by_its_content(document: Any, kind: str, suite_terms: Terms) -> None:
    assert check("f", json.dumps(document).encode(), suite_terms).kind == kind


def test_a_documented_response_is_valid(suite_terms: Terms) -> None:
    assert check("f", json.dumps(BODIES, indent=4).encode(), suite_terms).valid


def test_a_response_with_a_wrong_number_is_told_with_its_place(suite_terms: Terms) -> None:
    data = json.dumps(BODIES).replace("0.733", "73.3").encode()
    (found,) = check("f", data, suite_terms).mistakes
    assert found.place == "/Bodies/0/Confidence"


def test_what_is_no_file_of_the_suite_is_not_valid(suite_terms: Terms) -> None:
    assert not check("f", b"{}", suite_terms).valid


def test_what_is_not_json_is_not_valid(suite_terms: Terms) -> None:
    (found,) = check("f", b'{"Bodies": ', suite_terms).mistakes
    assert found.place.startswith("line 1")


def test_the_suites_own_files_are_valid(suite_terms: Terms) -> None:
    paths = [
        *VECTORS.rglob("*.json"),
        *RUNNERS.glob("*/*/known-failing.json"),
        *FOLDER.glob("*.json"),
    ]
    wrong = {
        str(path): found.mistakes
        for path in paths
        if not (found := check(str(path), path.read_bytes(), suite_terms)).valid
    }
    assert wrong == {}


def test_a_vector_file_in_another_layout_is_told_with_the_first_line_that_differs(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    found = check("f", json.dumps(right, indent=2).encode(), suite_terms)
    assert [m.place for m in found.mistakes] == ["line 5"]
    assert found.fixed == format_vector(right, suite_terms.schemas["vectors"])


def test_a_vector_file_as_fixed_is_valid(right: dict[str, Any], suite_terms: Terms) -> None:
    fixed = check("f", json.dumps(right).encode(), suite_terms).fixed
    assert fixed is not None
    assert check("f", fixed.encode(), suite_terms).valid


def test_a_last_line_without_its_end_is_told(right: dict[str, Any], suite_terms: Terms) -> None:
    fixed = format_vector(right, suite_terms.schemas["vectors"])
    found = check("f", fixed.rstrip("\n").encode(), suite_terms)
    assert [m.place for m in found.mistakes] == [f"line {len(fixed.splitlines())}"]


def test_a_whole_results_file_is_valid(suite_terms: Terms) -> None:
    found = check("f", _results(RUN, END), suite_terms)
    assert (found.kind, found.mistakes) == ("results file", ())


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ((RUN,), "line 1", "the file is truncated"),
        ((END,), "line 1", "does not begin"),
        ((RUN, RUN, END), "line 2", "second line of type run"),
        ((RUN, END, END), "line 2", "lines follow"),
        ((RUN, {**END, "exit": "0"}), "line 2 /exit", "0"),
    ],
)
def test_a_results_file_that_is_wrong_is_told_by_line(
    suite_terms: Terms, lines: tuple[dict[str, Any], ...], place: str, words: str
) -> None:
    found = check("f", _results(*lines), suite_terms)
    assert [(m.place, words in m.rule) for m in found.mistakes] == [(place, True)]


def test_a_results_line_that_was_cut_in_the_middle_is_told(suite_terms: Terms) -> None:
    found = check("f", _results(RUN, END)[:-20], suite_terms)
    assert found.mistakes[0].place.startswith("line 2 column")


def test_transcripts_are_known_by_their_first_line(suite_terms: Terms) -> None:
    found = check("f", b'{"type": "transcripts"}\n{"type": \n{"type": "end"}', suite_terms)
    assert (found.kind, [m.place for m in found.mistakes]) == (
        "transcripts file",
        ["line 2 column 10"],
    )


def test_a_transcript_that_cannot_be_read_back_is_a_mistake(suite_terms: Terms) -> None:
    found = check("f", b'{"type": "transcripts"}\n{"type": "transcript"}', suite_terms)
    rules = [mistake.rule for mistake in found.mistakes]
    assert [mistake.place for mistake in found.mistakes] == ["line 2", "line 2"]
    assert rules[0].startswith("is not a valid transcript")
    assert "truncated" in rules[1]


def test_what_a_run_writes_is_valid(suite_terms: Terms, tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, HEADER) as writer:
        for case in CASES:
            writer.case(case)
        for verdict in VERDICTS:
            writer.verdict(verdict)
        writer.transcript(transcript(RIGHT))
        writer.end(RUN_END)
    for name in ("results.jsonl", "transcripts.jsonl"):
        assert check(name, (tmp_path / name).read_bytes(), suite_terms).mistakes == ()
