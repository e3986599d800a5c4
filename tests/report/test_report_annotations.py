"""Annotations of GitHub Actions, and text in which nothing is a workflow command."""

from dataclasses import replace

from report.run_shown import GO, LANES, PHP, REPORT, STRING, finished, shown

from conformance.model.verdict import Outcome
from conformance.report.annotations import annotations, stopped

FAIL = {"outcome": Outcome.FAIL, "findings": (STRING,)}
LINES = list(annotations(REPORT))


def test_each_new_failure_is_an_error_with_its_vector_file() -> None:
    (line,) = (line for line in LINES if "process/sen/50" in line)
    assert line.startswith("::error file=vectors/process/sen.json,title=process/sen/50 fails::on ")
    assert f"{GO}, {PHP}" in line
    assert "%0Arepeat: oss-bodies run" in line
    assert "image/bodies%252Csen_50" in line


def test_a_known_failure_is_not_annotated_and_a_listed_pass_is() -> None:
    (line,) = (line for line in LINES if "errors/xml/ec" in line)
    assert "passes although listed" in line


def test_a_lane_that_did_not_run_is_a_warning() -> None:
    assert any(line.startswith("::warning title=java@3.17.4 did not run::") for line in LINES)


def test_more_failures_than_github_shows_are_counted() -> None:
    report = shown(*(finished(f"a/b/{n}", GO, **FAIL) for n in range(30)))  # type: ignore[arg-type]
    lines = list(annotations(report))
    assert len(lines) == 10
    assert lines[-1].endswith("::21 more: see summary.md")


def test_hostile_text_stays_on_one_line_and_in_its_place() -> None:
    finding = replace(STRING, got="a\n::set-env name=X::y\r::error::z")
    verdict = finished("a/b/c,line=1::x", GO, Outcome.FAIL, findings=(finding,))
    (line,) = annotations(replace(shown(verdict), lanes=LANES[1:]))
    assert len(line.splitlines()) == 1
    assert "title=a/b/c%2Cline=1%3A%3Ax fails::" in line


def test_commands_are_stopped_around_the_report() -> None:
    text = stopped("a\n::set-env name=X::y")
    first, *_, last = text.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert last == f"::{token}::"
    assert text.count(token) == 2
