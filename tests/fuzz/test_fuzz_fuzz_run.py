"""The loop of a fuzz: lanes that did not run, exit codes."""

from dataclasses import replace
from pathlib import Path

import pytest
from engine.doubles import (
    Answers,
    MadeUpSite,
    MadeUpStation,
    Message,
    answers,
    dies_at_call,
    dies_at_start,
    lane,
)
from fakes.build import write_runner

from conformance.cli import main
from conformance.engine.observer import Observer
from conformance.errors import ExitCode, RunnerError
from conformance.fuzz.entry import default_input
from conformance.fuzz.fuzz_run import FuzzPlan, exit_code, run_fuzz
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits
from conformance.operation.reading import bodies
from conformance.results import End, ResultsWriter, read_results
from conformance.runner.site import PreparedLane
from conformance.session import Session, Setup


def end_of(folder: Path, prepared: PreparedLane, *runners: Answers, required: bool = True) -> End:
    names = frozenset({prepared.lane.name}) if required else frozenset()
    setup = Setup(lanes=(prepared.lane,), required=names, lists=(), place="host", began=0.0)
    session = Session(setup=setup, site=MadeUpSite(MadeUpStation(runners or [answers])))
    limits = Limits(seed=1, examples=102)
    plan = FuzzPlan(prepared=(prepared,), cases=(), earlier=(), limits=limits, call_limit=5.0)
    with ResultsWriter(folder, session.header(vectors="0" * 64, seed=1)) as writer:
        return run_fuzz(session, plan, writer, Observer())


def lost(folder: Path) -> dict[str, str]:
    fuzz = read_results(folder).fuzz
    assert fuzz is not None
    found: dict[str, str] = fuzz["lost"]
    return found


@pytest.mark.parametrize("required", [True, False])
def test_an_sdk_version_that_was_not_loaded_does_not_pass(tmp_path: Path, required: bool) -> None:
    end = end_of(tmp_path, lane(version="2.0"), required=required)
    assert end.exit == ExitCode.COULD_NOT_RUN
    (record,) = read_results(tmp_path).lanes
    assert record.status == "not-run"
    assert "the lane names SDK 2.0, the runner has loaded 1.0" in (record.reason or "")


def test_a_runner_that_does_not_start_is_lost_with_the_reason(tmp_path: Path) -> None:
    end = end_of(tmp_path, lane(), dies_at_start)
    assert lost(tmp_path) == {
        "made-up@1.0": "death: it exited with 139; the last line on its standard error: "
        "'the end of stderr'\nfix: look at its stderr"
    }
    assert end.exit == ExitCode.COULD_NOT_RUN


def test_a_lane_that_was_not_built_is_not_run(tmp_path: Path) -> None:
    end_of(tmp_path, replace(lane(), reason="missing: go", remedy="install it"))
    assert lost(tmp_path) == {"made-up@1.0": "missing: go\nfix: install it"}


def says_at_start(words: str) -> Answers:
    """A runner that says this and does not start."""

    def says(message: Message) -> Message:
        raise RunnerError(step="death", reason=f"it said {words!r}", remedy="look at its stderr")

    return says


def test_a_lane_that_is_given_up_is_not_run_with_its_last_words(tmp_path: Path) -> None:
    end = end_of(tmp_path, lane(), dies_at_call, dies_at_start)
    results = read_results(tmp_path)
    (record,) = results.lanes
    assert (record.status, record.sdk_version) == ("not-run", "1.0")
    assert "the last line on its standard error: 'the end of stderr'" in str(record.reason)
    assert lost(tmp_path) == {"made-up@1.0": record.reason}
    assert (end.counts.fail, end.counts.error, end.counts.not_run) == (1, 0, 0)


def test_examples_after_a_lane_was_given_up_are_no_failures_of_it(tmp_path: Path) -> None:
    end = end_of(tmp_path, lane(), dies_at_call, dies_at_start)
    fuzz = read_results(tmp_path).fuzz
    assert fuzz is not None
    assert [cause["rules"] for cause in fuzz["causes"]] == [["program.death"]]
    assert (fuzz["examples"], fuzz["flaky"]) == (1, [])
    assert end.exit == ExitCode.FINDINGS


def test_the_last_words_of_a_lane_hold_no_secret(tmp_path: Path) -> None:
    credentials = default_input().credentials
    secret = None if credentials is None else credentials.access_key_secret
    assert secret is not None
    end_of(tmp_path, lane(), says_at_start(secret))
    (record,) = read_results(tmp_path).lanes
    assert "~masked-access-key-secret" in str(record.reason)
    assert secret not in str(record.reason)


@pytest.mark.parametrize(
    ("trials", "could_not_run", "code"),
    [
        (1, False, ExitCode.PASSED),
        (1, True, ExitCode.COULD_NOT_RUN),
        (0, False, ExitCode.COULD_NOT_RUN),
    ],
)
def test_without_a_finding_the_exit_code_says_whether_all_could_run(
    trials: int, could_not_run: bool, code: ExitCode
) -> None:
    score = Score(bodies())
    score.trials.update({"made-up@1.0": trials} if trials else {})
    assert exit_code(score, could_not_run=could_not_run) == code


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "fuzz"])
def test_run_and_fuzz_both_refuse_a_lane_that_loaded_another_version(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner = str(write_runner(tmp_path, kind="another-version"))
    words = [command, "--runner", runner, "--in", "host", "--out", str(tmp_path / "out")]
    words += ["--case", "process/sen/50"] if command == "run" else ["--examples", "102"]
    assert main(words) == ExitCode.COULD_NOT_RUN
    assert "the runner has loaded 9.9.9" in " ".join(capsys.readouterr().out.split())
