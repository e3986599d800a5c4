"""A lane with several runners: what their workers report of it together."""

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from engine.doubles import MadeUpSite, lane
from fakes.build import write_runner

from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.engine.events import Event, LaneEvent, LaneFailed, LaneStarted, TrialJudged
from conformance.engine.job import LaneContext, LaneLimits
from conformance.engine.lane_state import LaneState
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.model.message import Started
from conformance.model.verdict import Outcome, Problem
from conformance.runner.discovery import parse_lane, read_manifest
from conformance.runner.host import HostSite

SILENT = Problem(step="timeout", reason="silent", remedy="x")
DEAD = Problem(step="death", reason="dead", remedy="x")
SHARES = (("process/sen/*",), ("bodies/count/one", "auth/token/*"))


@pytest.fixture
def events() -> "queue.SimpleQueue[LaneEvent]":
    return queue.SimpleQueue()


@pytest.fixture
def state(events: "queue.SimpleQueue[LaneEvent]") -> LaneState:
    site = MadeUpSite(None)
    context = LaneContext(
        site=site,
        mock=site.mock,
        limits=LaneLimits(),
        report=events.put,
        ended=lambda _: None,
        slots=threading.Semaphore(1),
        stop=threading.Event(),
    )
    return LaneState(context, lane(), workers=2)


def reported(events: "queue.SimpleQueue[LaneEvent]") -> Iterator[LaneEvent]:
    while not events.empty():
        yield events.get()


def test_a_lane_is_reported_as_given_up_once_and_after_its_last_worker(
    state: LaneState, events: "queue.SimpleQueue[LaneEvent]"
) -> None:
    state.give_up("silent", SILENT)
    state.leave()
    assert list(reported(events)) == []
    state.give_up("dead", DEAD)
    state.leave()
    (failed,) = reported(events)
    assert isinstance(failed, LaneFailed)
    assert (failed.reason, state.problem) == ("silent", SILENT)


def test_a_lane_that_is_not_given_up_is_not_reported_at_its_end(
    state: LaneState, events: "queue.SimpleQueue[LaneEvent]"
) -> None:
    state.leave()
    state.leave()
    assert list(reported(events)) == []


def ran(folder: Path, kind: str, shares: Sequence[Sequence[Case]]) -> list[Event]:
    manifest = read_manifest(write_runner(folder, kind=kind))
    site = HostSite()
    try:
        (prepared,) = site.prepare([parse_lane(manifest.name, [manifest])], lambda _: None)
        mock = site.open(hosts([case for share in shares for case in share]))
        return list(run_trials(site, mock, [(prepared, shares)]))
    finally:
        site.close()


def test_two_runners_of_a_lane_judge_each_case_once_and_start_it_once(tmp_path: Path) -> None:
    shares = [select(load().cases, patterns) for patterns in SHARES]
    events = ran(tmp_path, "reference", shares)
    judged = [event.verdict for event in events if isinstance(event, TrialJudged)]
    assert sorted(one.case for one in judged) == sorted(one.id for part in shares for one in part)
    assert {one.outcome for one in judged} == {Outcome.PASS}
    (started,) = (event for event in events if isinstance(event, LaneStarted))
    assert isinstance(started.started, Started)


def test_a_lane_is_given_up_for_all_its_runners(tmp_path: Path) -> None:
    """The runner does not start: no case is judged, and the lane is reported once."""
    shares = [select(load().cases, patterns) for patterns in SHARES]
    (failed,) = ran(tmp_path, "dies-at-start", shares)
    assert isinstance(failed, LaneFailed)
