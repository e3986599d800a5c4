"""The loop of a run, with a runner and a mock in memory: what is written, counted and shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from engine.doubles import MadeUpSite, MadeUpStation, answers, dies_at_call, lane, named

from conformance.engine import case_run
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import ExitCode
from conformance.results import End, ResultsWriter, read_results
from conformance.runner.site import PreparedLane
from conformance.session import Session, Setup

CASES = named(*"abc")


def end_of(
    folder: Path,
    prepared: PreparedLane,
    observer: Observer | None = None,
    *,
    required: bool = True,
    station: MadeUpStation | None = None,
    limits: LaneLimits | None = None,
) -> End:
    names = frozenset({prepared.lane.name}) if required else frozenset()
    setup = Setup(lanes=(prepared.lane,), required=names, lists=(), place="host", began=0.0)
    session = Session(setup=setup, site=MadeUpSite(station or MadeUpStation([answers])))
    plan = RunPlan(prepared=(prepared,), cases=CASES, limits=limits or LaneLimits())
    with ResultsWriter(folder, session.header(vectors="0" * 64, seed=None)) as writer:
        return run_cases(session, plan, writer, observer or Observer())


def test_every_trial_is_written_and_shown(tmp_path: Path) -> None:
    steps: list[tuple[str, int]] = []
    observer = Observer(step=lambda what, failed: steps.append((what, failed)))
    end = end_of(tmp_path, lane(), observer)
    assert steps == [(f"made-up@1.0 {case.id}", 1) for case in CASES]
    stored = read_results(tmp_path)
    assert stored.end is not None
    assert replace(stored.end, transcripts=None) == end
    assert stored.genuine
    assert [case.case for case in stored.cases] == [case.id for case in CASES]
    assert len(stored.verdicts) == len(CASES)
    assert [(one.lane, one.status) for one in stored.lanes] == [("made-up@1.0", "ran")]


def test_answers_that_cannot_be_judged_end_with_could_not_run(tmp_path: Path) -> None:
    end = end_of(tmp_path, lane(), required=False)
    assert end.counts.error == len(CASES)
    assert end.exit == ExitCode.COULD_NOT_RUN


@pytest.mark.parametrize("required", [True, False])
def test_a_lane_that_loaded_another_sdk_version_ends_with_could_not_run(
    tmp_path: Path, required: bool
) -> None:
    end = end_of(tmp_path, lane(version="2.0"), required=required)
    assert end.counts.not_run == len(CASES)
    assert end.counts.error == 0
    assert end.exit == ExitCode.COULD_NOT_RUN


def test_a_lane_that_is_given_up_is_told_once_and_the_rest_is_not_run(tmp_path: Path) -> None:
    notes: list[str] = []
    station = MadeUpStation([dies_at_call])
    limits = LaneLimits(patience=0.0)
    end = end_of(tmp_path, lane(), Observer(note=notes.append), station=station, limits=limits)
    assert (end.counts.fail, end.counts.not_run) == (1, len(CASES) - 1)
    *_, record = read_results(tmp_path).lanes
    assert (record.status, record.sdk_version) == ("not-run", "1.0")
    assert len(notes) == 1
    assert "it exited with 139" in notes[0]


def test_a_lane_that_was_not_built_is_not_run_and_says_how_to_fix_it(tmp_path: Path) -> None:
    notes: list[str] = []
    missing = replace(lane(), reason="missing: javac", remedy="apt-get install openjdk")
    end = end_of(tmp_path, missing, Observer(note=notes.append))
    (record,) = read_results(tmp_path).lanes
    assert record.reason == "missing: javac\nfix: apt-get install openjdk"
    assert notes == ["made-up@1.0: not run: missing: javac"]
    assert end.counts.not_run == len(CASES)
    assert end.exit == ExitCode.COULD_NOT_RUN


def test_an_interrupted_run_keeps_the_results_so_far(tmp_path: Path) -> None:
    notes: list[str] = []

    def interrupt(_what: str, _failed: int) -> None:
        raise KeyboardInterrupt

    end = end_of(tmp_path, lane(), Observer(note=notes.append, step=interrupt))
    assert end.exit == ExitCode.INTERRUPTED
    assert end.interrupted
    assert len(read_results(tmp_path).verdicts) == 1
    assert notes == ["interrupted: the results so far are kept"]


def test_a_run_that_is_interrupted_before_its_first_verdict_leaves_the_results_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_of(tmp_path, lane())
    before = read_results(tmp_path)

    def interrupt(*_words: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(case_run, "run_trials", interrupt)
    with pytest.raises(KeyboardInterrupt):
        end_of(tmp_path, lane())
    assert read_results(tmp_path) == before
