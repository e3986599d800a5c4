"""The lanes of a fuzz, with runners and a mock in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from engine.doubles import MadeUpSite, MadeUpStation, declaring, dies_at_call, dies_at_start, lane

from conformance.engine.job import Job
from conformance.engine.lane import LaneWorker
from conformance.errors import MockError
from conformance.fuzz.example import Call, Example
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool
from conformance.model.case import Credentials

PLAIN, THREE = Example(), Example(calls=(Call(),) * 3)
OTHER_KEYS = Example(credentials=Credentials(access_key_id="other", access_key_secret="secret"))
CAPABILITIES = ["proxy", "kept", "timeouts"]
ABLE = declaring(capabilities=CAPABILITIES)


@contextmanager
def pool(station: MadeUpStation) -> Iterator[LanePool]:
    site = MadeUpSite(station)
    with LanePool(site, site.mock, [lane(capabilities=CAPABILITIES)]) as opened:
        yield opened


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that lanes are given, as they are given."""
    given: list[Job] = []
    put = LaneWorker.put

    def noted(worker: LaneWorker, job: Job) -> None:
        given.append(job)
        put(worker, job)

    monkeypatch.setattr(LaneWorker, "put", noted)
    return given


def clients(job: Job) -> set[str]:
    return {turn.input.client for turn in job.case.turns}


def test_plain_calls_share_the_kept_client_and_begin_no_case(jobs: list[Job]) -> None:
    with pool(MadeUpStation([ABLE])) as lanes:
        for _ in range(2):
            lanes.put(PLAIN, lambda _: None)
        lanes.drain()
    assert [(job.new_case, clients(job)) for job in jobs] == [(False, {"kept"})] * 2
    assert jobs[0].case.turns == jobs[1].case.turns


def test_several_calls_begin_a_case_on_a_client_of_their_own(jobs: list[Job]) -> None:
    with pool(MadeUpStation([ABLE])) as lanes:
        for _ in range(2):
            lanes.put(THREE, lambda _: None)
        lanes.drain()
    assert [(job.new_case, clients(job)) for job in jobs] == [(True, {"kept"})] * 2


def test_another_key_pair_gets_a_fresh_client(jobs: list[Job]) -> None:
    with pool(MadeUpStation([ABLE])) as lanes:
        lanes.put(OTHER_KEYS, lambda _: None)
        lanes.drain()
    assert [clients(job) for job in jobs] == [{"fresh"}]


def test_what_is_asked_alone_begins_a_case(jobs: list[Job]) -> None:
    with pool(MadeUpStation([ABLE])) as lanes:
        assert len(lanes.ask(PLAIN)) == 1
    assert [(job.new_case, clients(job)) for job in jobs] == [(True, {"fresh"})]


def test_a_lane_that_does_not_start_is_lost_and_does_not_come_up() -> None:
    with pool(MadeUpStation([dies_at_start])) as lanes:
        assert lanes.lanes == ()
        assert lanes.started == {}
        assert "it exited with 139" in lanes.lost["made-up@1.0"]


def test_when_every_lane_is_given_up_examples_still_end_with_the_reason() -> None:
    done: list[tuple[Judged, ...]] = []
    with pool(MadeUpStation([dies_at_call, dies_at_start])) as lanes:
        for _ in range(2):
            lanes.put(PLAIN, done.append)
            lanes.drain()
        assert lanes.lanes == ()
        lanes.put(PLAIN, done.append)
        lanes.drain()
    assert [trial.rules for (trial,) in done] == [{"program.death"}, {"lane.death"}, {"lane.death"}]


def test_a_mock_that_broke_off_ends_the_fuzz(monkeypatch: pytest.MonkeyPatch) -> None:
    site = MadeUpSite(MadeUpStation([ABLE]))
    monkeypatch.setattr(site, "receive", lambda _deadline: b"")
    with (
        LanePool(site, site.mock, [lane(capabilities=CAPABILITIES)]) as lanes,
        pytest.raises(MockError),
    ):
        lanes.ask(PLAIN)
