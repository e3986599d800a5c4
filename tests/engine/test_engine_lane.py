"""The worker of one lane, with a runner and a mock in memory."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from engine.doubles import (
    CASE,
    MadeUpSite,
    MadeUpStation,
    RunnerChannel,
    answers,
    crashes,
    crashes_and_dies,
    declaring,
    dies_after_call,
    dies_at_call,
    dies_at_start,
    is_silent_at_start,
    lane,
    named,
)

from conformance.engine.events import LaneEvent, LaneFailed, LaneStarted
from conformance.engine.job import Job, LaneContext, LaneLimits
from conformance.engine.lane import LaneWorker
from conformance.errors import MockLaneError
from conformance.model.case import Case, ProgramEnvironment, Script
from conformance.model.http import Journal
from conformance.model.message import Several, Unsupported
from conformance.model.verdict import Transcript
from conformance.runner.site import PreparedLane

IMPATIENT = LaneLimits(patience=0.0)


class Watched:
    """A worker on a made-up site, and what it reported."""

    def __init__(
        self,
        site: MadeUpSite,
        limits: LaneLimits | None = None,
        prepared: PreparedLane | None = None,
    ) -> None:
        self.site = site
        self.done: list[Transcript] = []
        self.events: list[LaneEvent] = []
        self.ended: list[Exception | None] = []
        self.one_done = threading.Event()
        self.stop = threading.Event()
        self.context = LaneContext(
            site=site,
            mock=site.mock,
            limits=limits or LaneLimits(),
            report=self.events.append,
            ended=self.ended.append,
            slots=threading.Semaphore(1),
            stop=self.stop,
        )
        self.worker = LaneWorker(self.context, prepared or lane())

    def take(self, _case: Case, transcript: Transcript) -> None:
        self.done.append(transcript)
        self.one_done.set()

    def through(self, cases: Sequence[Case], *, new_case: bool = True) -> "Watched":
        """Have the worker take the cases and end."""
        for case in cases:
            self.worker.put(Job(case=case, done=self.take, new_case=new_case))
        self.worker.close()
        self.worker.start()
        self.worker.join(10)
        return self

    @property
    def problems(self) -> list[str | None]:
        return [one.problem.step if one.problem else None for one in self.done]


def journal_of(transcript: Transcript) -> Journal:
    return transcript.turns[-1].journal


def test_the_journal_of_a_case_comes_with_the_next_arming() -> None:
    watched = Watched(MadeUpSite(MadeUpStation([answers]))).through(named("a", "b"))
    assert [(one.case, journal_of(one).handshakes) for one in watched.done] == [
        ("a", ("came with arming 2",)),
        ("b", ("came with arming 3",)),
    ]
    assert [script is None for script in watched.site.armed] == [False, False, True]


def test_each_turn_gets_the_journal_of_its_own_script() -> None:
    (case,) = named("a", case=replace(CASE, turns=CASE.turns * 2))
    (one,) = Watched(MadeUpSite(MadeUpStation([answers]))).through([case]).done
    assert [turn.journal.handshakes for turn in one.turns] == [
        ("came with arming 2",),
        ("came with arming 3",),
    ]


def test_calls_at_once_are_sent_as_one_command() -> None:
    station = MadeUpStation([declaring(capabilities=["proxy", "threads"])])
    given = CASE.turns[0].input
    calls = tuple(replace(given, key=key) for key in ("a.jpg", "b.jpg"))
    case = replace(CASE, turns=(replace(CASE.turns[0], calls=calls),))
    threads = lane(capabilities=("proxy", "threads"))
    (one,) = Watched(MadeUpSite(station), prepared=threads).through([case]).done
    (sent,) = [message for message in station.sent if message["type"] == "calls"]
    assert [call["key"] for call in sent["calls"]] == ["a.jpg", "b.jpg"]
    (record,) = one.turns
    assert record.answer == Several(answers=(Unsupported(reason="made up"),) * 2)


def test_an_idle_worker_completes_its_case_at_once() -> None:
    watched = Watched(MadeUpSite(MadeUpStation([answers])))
    watched.worker.start()
    watched.worker.put(Job(case=CASE, done=watched.take))
    assert watched.one_done.wait(10)
    watched.worker.close()
    watched.worker.join(10)
    assert len(watched.done) == 1


def test_a_runner_that_died_is_restarted_before_the_next_case() -> None:
    station = MadeUpStation([dies_at_call, answers])
    watched = Watched(MadeUpSite(station)).through(named("a", "b"))
    assert watched.problems == ["death", None]
    assert station.restarts == 1


def test_a_runner_that_died_in_the_last_case_is_not_restarted() -> None:
    station = MadeUpStation([dies_at_call])
    assert Watched(MadeUpSite(station)).through(named("a")).problems == ["death"]
    assert station.restarts == 0


def test_a_lane_whose_runner_dies_in_every_call_makes_every_call() -> None:
    station = MadeUpStation([dies_at_call])
    watched = Watched(MadeUpSite(station)).through(named(*"abcde"))
    assert watched.problems == ["death"] * 5
    assert (station.calls, station.restarts) == (5, 4)
    assert watched.worker.state.lost == ""


def test_a_lane_that_answers_no_call_for_too_long_is_given_up() -> None:
    station = MadeUpStation([dies_at_call])
    watched = Watched(MadeUpSite(station), IMPATIENT).through(named("a", "b"))
    assert [len(one.turns) for one in watched.done] == [1, 0]
    assert station.calls == 1
    (failed,) = [event for event in watched.events if isinstance(event, LaneFailed)]
    assert failed.reason.startswith("death: it exited with 139; the last line on its standard err")
    assert failed.reason.endswith("'the end of stderr'\nfix: look at its stderr")


def test_a_lane_that_breaks_the_protocol_three_times_in_a_row_is_given_up() -> None:
    station = MadeUpStation([breaks_the_protocol])
    watched = Watched(MadeUpSite(station)).through(named(*"abcde"))
    assert watched.problems == ["protocol"] * 5
    assert [len(one.turns) for one in watched.done] == [1, 1, 1, 0, 0]
    assert [type(event) for event in watched.events] == [LaneStarted, LaneFailed]


def breaks_the_protocol(message: dict[str, Any]) -> dict[str, Any]:
    answer = answers(message)
    return answer | {"seq": 0} if message.get("seq", 1) > 1 else answer


def test_a_runner_that_dies_after_its_answer_is_a_problem_of_that_case() -> None:
    station = MadeUpStation([dies_after_call, answers])
    watched = Watched(MadeUpSite(station)).through(named("a", "b"))
    assert watched.problems == ["death", None]
    assert [turn.answer is None for turn in watched.done[0].turns] == [False]
    assert station.restarts == 1


def test_a_runner_that_answered_a_crash_is_replaced_and_its_end_is_no_other_problem() -> None:
    station = MadeUpStation([crashes_and_dies, answers])
    watched = Watched(MadeUpSite(station)).through(named("a", "b"))
    assert watched.problems == [None, None]
    assert [len(one.turns) for one in watched.done] == [1, 1]
    assert (station.calls, station.restarts) == (2, 1)


def test_a_runner_that_answered_a_crash_is_replaced_though_it_has_not_ended() -> None:
    station = MadeUpStation([crashes])
    Watched(MadeUpSite(station)).through(named("a", "b", "c"))
    assert (station.calls, station.restarts) == (3, 2)


ZONED = ProgramEnvironment(zone="Pacific/Kiritimati")
LATER = ProgramEnvironment(zone="Pacific/Kiritimati", day_of_month=3)
FOREIGN = ProgramEnvironment(locale="fa_IR.UTF-8")


def placed(name: str, environment: ProgramEnvironment | None) -> Case:
    (turn,) = CASE.turns
    given = replace(turn.input, environment=environment)
    return replace(CASE, id=name, turns=(replace(turn, input=given),))


def test_cases_with_the_same_environment_share_a_process() -> None:
    station = MadeUpStation([answers])
    cases = [placed("a", None), placed("b", ZONED), placed("c", ZONED), placed("d", None)]
    watched = Watched(MadeUpSite(station)).through(cases)
    assert watched.problems == [None] * 4
    assert [one.variables for one in station.surroundings] == [(("TZ", "Pacific/Kiritimati"),), ()]


def test_the_journal_of_a_case_is_taken_before_its_process_is_replaced() -> None:
    watched = Watched(MadeUpSite(MadeUpStation([answers])))
    watched.through([placed("a", None), placed("b", ZONED)])
    assert [journal_of(one).handshakes for one in watched.done] == [
        ("came with arming 2",),
        ("came with arming 4",),
    ]


def test_the_clock_of_the_mock_goes_with_that_of_the_process() -> None:
    station = MadeUpStation([declaring(capabilities=["proxy", "clock"])])
    site = MadeUpSite(station)
    Watched(site, prepared=lane(capabilities=["proxy", "clock"])).through([placed("a", LATER)])
    (around,) = station.surroundings
    assert around.offset > 0
    assert site.armed[0]["clock_offset"] == around.offset


def test_a_case_whose_environment_is_missing_is_skipped_without_a_process() -> None:
    station = MadeUpStation([answers])
    watched = Watched(MadeUpSite(station)).through([placed("a", FOREIGN), placed("b", LATER)])
    assert [one.skipped for one in watched.done] == ["locale", "clock"]
    assert station.restarts == 0


def behind_proxy(station: MadeUpStation, *, used: bool, closed: bool) -> Watched:
    """A lane in host mode whose requests reach its proxy, or do not."""
    station.proxy = "http://127.0.0.1:1"
    site = MadeUpSite(station)
    site.used, site.closed = used, closed
    return Watched(site).through(named("a"))


def test_a_lane_that_does_not_use_its_proxy_is_not_run_and_makes_no_other_call() -> None:
    station = MadeUpStation([answers])
    watched = behind_proxy(station, used=False, closed=True)
    (event,) = watched.events
    assert isinstance(event, LaneFailed)
    assert event.reason.startswith("start: the proxy was not used")
    assert "and the runner answered: unsupported" in event.reason
    hosts = {one["endpoint"] for one in station.sent if one["type"] == "call" and one["seq"] > 1}
    assert hosts == {"http://oss-bodies-probe.invalid"}


def test_a_lane_that_uses_its_proxy_is_asked_once_for_each_scheme_before_its_cases() -> None:
    station = MadeUpStation([answers])
    assert behind_proxy(station, used=True, closed=False).problems == [None]
    asked = [one["endpoint"] for one in station.sent if one["type"] == "call" and one["seq"] > 1]
    assert asked[:2] == ["http://oss-bodies-probe.invalid", "https://oss-bodies-probe.invalid"]
    assert len(asked) == 3


@pytest.mark.parametrize("closed", [True, False])
def test_a_runner_that_dies_in_the_probe_runs_only_where_nothing_can_leave(closed: bool) -> None:
    watched = behind_proxy(MadeUpStation([dies_at_call]), used=False, closed=closed)
    assert [len(one.turns) for one in watched.done] == [1 if closed else 0]
    assert bool(watched.worker.state.lost) is not closed


def test_only_a_runner_that_is_well_is_followed_by_one_in_the_same_container() -> None:
    """What a runner that died may have left needs a new one, in the environment of its case too."""
    case = placed("away", ProgramEnvironment(zone="Etc/GMT+12"))
    station = MadeUpStation([answers])
    Watched(MadeUpSite(station)).through([*named("a"), case])
    assert (station.restarts, station.followed) == (1, 1)
    station = MadeUpStation([dies_at_call, answers])
    Watched(MadeUpSite(station)).through([*named("a"), case])
    assert (station.restarts, station.followed) == (1, 0)


def test_standard_error_belongs_to_the_trial_in_which_it_was_written() -> None:
    watched = Watched(MadeUpSite(MadeUpStation([answers]))).through(named("a", "b"))
    assert [one.stderr for one in watched.done] == ["of call 1", "of call 2"]


def test_an_answer_before_the_end_of_a_runner_counts() -> None:
    station = MadeUpStation([dies_at_call, dies_at_call, dies_at_second_call, answers])
    cases = named(*"abc", case=replace(CASE, turns=CASE.turns * 2))
    watched = Watched(MadeUpSite(station)).through([*cases, CASE])
    assert watched.problems == ["death", "death", "death", None]
    assert watched.worker.state.lost == ""


def dies_at_second_call(message: dict[str, Any]) -> dict[str, Any]:
    return dies_at_call(message) if message.get("seq") == 3 else answers(message)


def test_a_runner_that_does_not_start_is_started_three_times_and_no_case_is_run() -> None:
    station = MadeUpStation([dies_at_start])
    watched = Watched(MadeUpSite(station)).through(named("a", "b"))
    assert [len(one.turns) for one in watched.done] == [0, 0]
    assert station.restarts == 2
    assert [type(event) for event in watched.events] == [LaneFailed]


def test_a_runner_that_is_silent_at_start_is_started_twice() -> None:
    """Each start costs the user half a minute."""
    station = MadeUpStation([is_silent_at_start])
    watched = Watched(MadeUpSite(station)).through(named("a"))
    assert station.restarts == 1
    assert [type(event) for event in watched.events] == [LaneFailed]


def test_a_runner_that_loaded_another_sdk_version_makes_no_call() -> None:
    station = MadeUpStation([answers])
    watched = Watched(MadeUpSite(station), prepared=lane(version="2.0")).through(named("a"))
    (event,) = watched.events
    assert isinstance(event, LaneFailed)
    assert "the lane names SDK 2.0, the runner has loaded 1.0" in event.reason
    assert (station.calls, station.restarts) == (0, 0)
    assert watched.worker.state.started is None


@pytest.mark.parametrize("declared", [("proxy",), ("proxy", "process")])
def test_what_counts_is_what_the_runner_declares_at_its_start(declared: tuple[str, ...]) -> None:
    (turn,) = CASE.turns
    given = replace(turn.input, process="image/bodies,sen_50")
    case = replace(CASE, turns=(replace(turn, input=given),))
    site = MadeUpSite(MadeUpStation([declaring(capabilities=list(declared))]))
    (one,) = Watched(site, prepared=lane(capabilities=["proxy", "process"])).through([case]).done
    assert one.skipped == (None if "process" in declared else "process")


def test_a_case_that_is_skipped_comes_after_the_case_before() -> None:
    anonymous = replace(CASE.turns[0].input, credentials=None)
    skipped = replace(CASE, turns=(replace(CASE.turns[0], input=anonymous),))
    watched = Watched(MadeUpSite(MadeUpStation([answers]))).through([*named("a"), skipped])
    assert [one.skipped for one in watched.done] == [None, "anonymous"]
    assert journal_of(watched.done[0]).handshakes


def test_a_lane_that_cannot_be_entered_fails_with_the_reason() -> None:
    watched = Watched(MadeUpSite(None)).through(named("a"))
    (event,) = watched.events
    assert isinstance(event, LaneFailed)
    assert "install it" in event.reason
    assert watched.worker.ready.is_set()
    assert (watched.done, watched.ended) == ([], [None])


def test_a_defect_of_the_suite_ends_the_worker_and_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = MadeUpSite(MadeUpStation([answers]))
    defect = ZeroDivisionError()

    def send(_line: bytes) -> None:
        raise defect

    monkeypatch.setattr(site, "send", send)
    watched = Watched(site).through(named("a"))
    assert watched.ended == [defect]
    assert site.station is not None
    assert site.station.closed


@pytest.mark.parametrize("cases", [("a",), ("a", "b", "c")])
def test_a_lane_that_the_mock_serves_no_longer_is_given_up_and_every_case_is_answered(
    cases: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = MadeUpSite(MadeUpStation([answers]))
    arm, armed = site.mock.arm, []

    def refusing(lane: str, script: Script | None, *, continues: bool = False) -> Journal:
        armed.append(script)
        if len(armed) > 1:
            raise MockLaneError(step="mock", reason="the process of lane 'made-up' has ended")
        return arm(lane, script, continues=continues)

    monkeypatch.setattr(site.mock, "arm", refusing)
    watched = Watched(site).through(named(*cases))
    assert watched.ended == [None]
    failed = [event for event in watched.events if isinstance(event, LaneFailed)]
    assert ["has ended" in event.reason for event in failed] == [True]
    assert [one.case for one in watched.done] == list(cases)
    assert watched.problems == ["start"] * len(cases)
    assert not any(one.turns for one in watched.done)


def test_no_case_begins_after_a_stop() -> None:
    station = MadeUpStation([answers])
    watched = Watched(MadeUpSite(station))
    watched.stop.set()
    assert watched.through(named("a")).done == []
    assert station.calls == 0
    assert station.closed


@pytest.mark.parametrize(("new_case", "announced"), [(True, 2), (False, 0)])
def test_the_beginning_of_a_case_is_sent_before_its_first_call(
    new_case: bool, announced: int
) -> None:
    station = MadeUpStation([answers])
    watched = Watched(MadeUpSite(station)).through(named("a", "b"), new_case=new_case)
    assert watched.problems == [None] * 2
    assert {journal_of(one).earlier for one in watched.done} == {7 if new_case else 0}
    assert [message["type"] for message in station.sent].count("case") == announced


@pytest.mark.parametrize("secret", ["ExampleSecretForTestsOnly00001", "nothing of it"])
def test_what_a_runner_writes_at_its_end_is_searched_for_secrets_only(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"Shutting down\nclosed the client of {secret}\n"
    monkeypatch.setattr(RunnerChannel, "at_end", text)
    first, last = Watched(MadeUpSite(MadeUpStation([answers]))).through(named("a", "b")).done
    assert first.at_end == ""
    masked = "closed the client of ~masked-access-key-secret-0-plain~"
    assert last.at_end == (masked if secret.startswith("Example") else "")
    assert "Shutting" not in last.stderr


def test_a_runner_that_stays_is_noticed_once_in_a_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = [placed("a", None), placed("b", ZONED)]
    ended = Watched(MadeUpSite(MadeUpStation([answers]))).through(cases).done
    assert [one.outlives for one in ended] == [False, False]
    monkeypatch.setattr(RunnerChannel, "ends", False)
    stays = Watched(MadeUpSite(MadeUpStation([answers]))).through(cases).done
    assert [one.outlives for one in stays] == [True, False]


def test_the_end_of_a_runner_belongs_to_its_last_case_though_others_are_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RunnerChannel, "at_end", "ExampleSecretForTestsOnly00001")
    cases = [placed("a", None), placed("b", FOREIGN), placed("c", ZONED)]
    done = Watched(MadeUpSite(MadeUpStation([answers]))).through(cases).done
    assert [(one.case, bool(one.at_end), bool(one.skipped)) for one in done] == [
        ("a", True, False),
        ("b", False, True),
        ("c", True, False),
    ]
