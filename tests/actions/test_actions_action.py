"""The action: its steps are run as GitHub would run them, in host mode with one case."""

import re
from pathlib import Path

import pytest
from actions.workflow import ACTION, Machine, fresh, installed, read

ONE = {"cases": "process/sen/50", "mode": "host"}
USE = "OWNER/oss-bodies-conformance@v0.1.0"


def act(machine: Machine, **inputs: str) -> bool:
    given = {name.replace("_", "-"): value for name, value in (ONE | inputs).items()}
    return machine.job([{"id": "it", "uses": USE, "with": given}])


def test_a_run_without_failures_gives_its_counts_and_its_report(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    assert act(machine, lanes="rest", cases="process/sen/50\nprocess/sen/0"), machine.log
    outputs = machine.outputs["it"]
    run = outputs.pop("run-id")
    assert re.fullmatch("[0-9a-f]{16}", run)
    assert outputs == {
        "exit-code": "0", "passed": "2", "failed": "0", "known-failing": "0", "errors": "0",
        "skipped": "0", "not-run": "0", "report": "oss-bodies-report/report.html",
    }  # fmt: skip
    assert (machine.workspace / outputs["report"]).is_file()
    assert run in machine.summary
    assert (machine.artifacts / "oss-bodies-report" / "junit.xml").is_file()


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        ({}, "2", "no lane is named"),
        ({"sdk_path": "."}, "2", "sdk-path is set, language is not"),
        ({"lanes": "pyton"}, "2", "there is no runner 'pyton'"),
        ({"language": "python", "sdk_path": "nowhere"}, "2", "nowhere is not a folder"),
        ({"lanes": "rest", "cases": "process/none"}, "2", "process/none"),
        ({"lanes": "rest", "known_failing": "none.json"}, "2", "none.json"),
        ({"lanes": "rest", "shard": "5/4"}, "2", "is not I/N"),
    ],
)
def test_wrong_inputs_are_told_in_the_log_the_summary_and_an_annotation(
    tmp_path: Path, inputs: dict[str, str], code: str, words: str
) -> None:
    machine = installed(tmp_path)
    assert not act(machine, **inputs)
    assert machine.outputs["it"]["exit-code"] == code
    (annotation,) = re.findall(
        "^::error title=oss-bodies did not run::(.*)$", machine.log[-1], re.M
    )
    assert words in annotation
    assert f"exit code {code}" in machine.summary
    assert words in machine.summary
    assert not list(machine.artifacts.iterdir())


def test_the_annotation_has_the_remedy_and_no_escape_of_its_own(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    (machine.workspace / "100%0A").mkdir()
    assert not act(machine, lanes="rest", known_failing="100%0A/none.json")
    assert "100%250A/none.json" in machine.log[-1]
    assert not act(machine, language="rest", sdk_path=".")
    assert "(write rest)" in machine.log[-1].splitlines()[-1]


@pytest.mark.slow
def test_a_registry_that_does_not_answer_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    machine = installed(tmp_path)
    assert not act(machine, lanes="python@all")
    assert machine.outputs["it"]["exit-code"] == "3"
    (annotation,) = re.findall("^::error title=oss-bodies did not run::.*$", machine.log[-1], re.M)
    for words in ("the registry of oss2 could not be asked", "fix: sh "):
        assert words in annotation
        assert words in machine.summary


@pytest.mark.slow
def test_a_version_that_does_not_exist_is_an_error_of_the_job(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    assert not act(machine, lanes="python@9999")
    assert machine.outputs["it"]["exit-code"] == "3"
    assert "::error title=python@9999 did not run::oss2 has no version 9999%0A" in machine.log[-1]
    assert "oss2 has no version 9999" in machine.summary


@pytest.mark.slow
def test_results_of_an_earlier_run_are_not_taken_for_those_of_one_that_did_not_start(
    tmp_path: Path,
) -> None:
    machine = installed(tmp_path)
    assert act(machine, lanes="rest", artifact="")
    before = machine.summary
    assert not act(machine, lanes="pyton", artifact="")
    assert "did not run" in machine.summary.removeprefix(before)
    assert machine.outputs["it"]["passed"] == ""


@pytest.mark.slow
def test_a_lane_that_cannot_run_fails_the_job_and_keeps_the_report(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    (machine.workspace / "empty").mkdir()
    assert not act(machine, language="go", sdk_path="empty")
    outputs = machine.outputs["it"]
    assert (outputs["exit-code"], outputs["not-run"]) == ("3", "1")
    assert "is no checkout" in machine.summary
    assert (machine.artifacts / "oss-bodies-report" / "report.html").is_file()


def test_every_input_and_output_is_described() -> None:
    action = read(ACTION)
    for named in (action["inputs"], action["outputs"]):
        assert all(one["description"] for one in named.values())
    assert all("default" in one for one in action["inputs"].values())


@pytest.mark.slow
def test_the_action_installs_what_it_runs(tmp_path: Path) -> None:
    machine = fresh(tmp_path)
    assert act(machine, lanes="rest"), machine.log
    assert machine.outputs["it"]["passed"] == "1"
