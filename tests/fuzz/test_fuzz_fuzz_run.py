"""The loop of a fuzz: lanes that did not run, exit codes."""

from dataclasses import replace
from pathlib import Path

import pytest
from engine.doubles import Answers, MadeUpSite, MadeUpStation, answers, dies_at_start, lane
from fakes.build import write_runner

from conformance.cli import main
from conformance.engine.observer import Observer
from conformance.errors import ExitCode
from conformance.fuzz.fuzz_run import FuzzPlan, exit_code, run_fuzz
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits
from conformance.operation.reading import bodies
from conformance.results import End, ResultsWriter, read_results
from conformance.runner.site import PreparedLane
from conformance.session import Session, Setup


def end_of(
    folder: Path, prepared: PreparedLane, runner: Answers = answers, *, required: bool = True
) -> End:
    names = frozenset({prepared.lane.name}) if required else frozenset()
    setup = Setup(lanes=(prepared.lane,), required=names, lists=(), place="host", began=0.0)
    session = Session(setup=setup, site=MadeUpSite(MadeUpStation([runner])))
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
    assert "the runner has loaded 9.9.9" in capsys.readouterr().out
