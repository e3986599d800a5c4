"""Annotations of GitHub Actions, and text in which nothing is a workflow command."""

from dataclasses import replace

from report.run_shown import GO, LANES, PHP, REPORT, STRING, finished, shown

from conformance.model.verdict import Outcome
from conformance.report.annotations import annotations, stopped

FAIL = {"outcome": Outcome.FAIL, "findings": (STRING,)}
LINES = list(annotations(REPORT))


def test_a_new_failure_is_an_error_that_says_what_the_case_shows_and_how_to_repeat_it() -> None:
    (line,) = (line for line in LINES if "process/sen/50" in line)
    assert line.startswith("::error title=process/sen/50 fails::on ")
    assert f"{GO}, {PHP}%0A{REPORT.cases['process/sen/50'].title}%0A" in line
    assert STRING.why in line
    assert "%0Arepeat: oss-bodies run" in line
    assert "image/bodies%252Csen_50" in line


def test_only_a_vector_file_that_was_given_is_named() -> None:
    report = shown(finished("a/b/c", GO, **FAIL))  # type: ignore[arg-type]
    given = replace(report, run=replace(report.run, vector_files=("my/cases.json",)))
    assert "file=" not in next(annotations(report))
    assert next(annotations(given)).startswith("::error file=my/cases.json,title=a/b/c fails::")


def test_cases_that_fail_by_the_same_rule_at_the_same_place_are_one_error() -> None:
    other = {"outcome": Outcome.FAIL, "findings": (replace(STRING, where="request 2"),)}
    report = shown(
        *(finished(f"a/b/{n}", GO, **FAIL) for n in range(8)),  # type: ignore[arg-type]
        finished("a/c/9", GO, **other),  # type: ignore[arg-type]
        finished("a/d/9", PHP, **FAIL),  # type: ignore[arg-type]
    )
    first, *others = (line for line in annotations(report) if line.startswith("::error"))
    assert first.startswith("::error title=8 cases fail%3A process.string::")
    assert "alike: a/b/1, a/b/2, a/b/3, a/b/4, a/b/5 and 2 more%0Arepeat: " in first
    assert f"%0Arepeat all 8: oss-bodies run --lane {GO} --case 'a/b/*' " in first
    assert [line.split("::")[1] for line in others] == [
        "error title=a/c/9 fails", "error title=a/d/9 fails",
    ]  # fmt: skip


def test_a_known_failure_is_not_annotated_and_a_listed_pass_is() -> None:
    (line,) = (line for line in LINES if "errors/xml/ec" in line)
    assert "passes although listed" in line


def test_a_lane_that_did_not_run_is_a_warning_with_the_remedy() -> None:
    lost = next(lane for lane in LANES if lane.status != "ran")
    reason, *remedy = (lost.reason or "").splitlines()
    assert remedy
    (line,) = (line for line in LINES if "java@3.17.4 did not run" in line)
    assert line.startswith(f"::warning title=java@3.17.4 did not run::{reason}%0A")
    assert line.endswith(remedy[-1].strip())


def test_a_lane_that_makes_the_job_fail_is_an_error() -> None:
    lines = annotations(replace(REPORT, exit=3))
    assert any(line.startswith("::error title=java@3.17.4 did not run::") for line in lines)


def test_more_failures_than_github_shows_are_counted() -> None:
    fail = [replace(STRING, where=f"request {n}") for n in range(30)]
    report = shown(
        *(finished(f"a/b/{n}", GO, Outcome.FAIL, findings=(fail[n],)) for n in range(30))
    )
    lines = list(annotations(report))
    assert len(lines) == 10
    assert lines[-1] == "::error title=21 more cases::They are in the summary of the job."


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
