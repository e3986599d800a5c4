"""The only loop: trials in, transcripts with their verdicts out.

One thread a lane, so that a lane that waits holds nobody up; a bounded queue to the
caller, so that memory does not grow with the number of trials. The journal of a turn comes with
the arming of the next one (see mock/__init__.py), so a lane always finishes one turn behind.
Nothing is decided here about right or wrong: that is `judge.judge`, a pure function.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from conformance.corpus.selection import needs
from conformance.errors import CannotRunError, RunnerError
from conformance.judge import judge
from conformance.model.case import Case, Input, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Started
from conformance.model.verdict import Problem, Transcript, TurnRecord, Verdict
from conformance.runner.mock_client import MockClient
from conformance.runner.protocol import Runner
from conformance.runner.site import PreparedLane, Site, Station

# A call may take this long before its lane is given up for dead, in seconds. The longest that an
# SDK waits by itself in the corpus is its read timeout (5 s) times its attempts (Java: 4).
CALL_LIMIT = 30.0
# A JVM on a busy two-core machine starts within 3 s; ten times that is a hang.
START_LIMIT = 30.0
# A lane whose runner has to be started again this often in a row is not coming back.
STARTS_IN_A_ROW = 3
# Verdicts that wait for the caller; enough to ride out a slow disk, too few to matter in memory.
QUEUE_LENGTH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds that a runner may take to start and to answer one call; lanes at a time, 0: all."""

    start: float = START_LIMIT
    call: float = CALL_LIMIT
    jobs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStarted:
    """A lane's runner is up; `started` is what it said of itself."""

    prepared: PreparedLane
    started: Started


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialJudged:
    """One trial is over."""

    case: Case
    transcript: Transcript
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFailed:
    """A lane could not be started at all: its trials count as not run."""

    prepared: PreparedLane
    reason: str


Event = LaneStarted | TrialJudged | LaneFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """A trial that is over but for the journal of its last turn."""

    case: Case
    transcript: Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What all lanes of a run share."""

    site: Site
    mock: MockClient
    pace: Pace
    emit: Callable[[Event], None]
    stop: threading.Event


def run(
    site: Site,
    mock: MockClient,
    lanes: Sequence[tuple[PreparedLane, Sequence[Case]]],
    pace: Pace | None = None,
) -> Generator[Event, None, None]:
    """Run each lane's cases in order, lanes side by side; events come as they happen.

    Closing the iterator ends the run after the calls under way.
    """
    pace = pace or Pace()
    stop = threading.Event()
    places = threading.Semaphore(pace.jobs or max(1, len(lanes)))
    events: queue.Queue[Event | Exception | None] = queue.Queue(maxsize=QUEUE_LENGTH)

    def emit(event: Event | Exception | None) -> None:
        while not stop.is_set():
            try:
                return events.put(event, timeout=0.5)
            except queue.Full:
                continue
        return None

    ground = _Ground(site=site, mock=mock, pace=pace, emit=emit, stop=stop)

    def work(prepared: PreparedLane, cases: Sequence[Case]) -> None:
        try:
            with places:
                _Lane(ground, prepared).run(cases)
        except Exception as error:
            emit(error)
        finally:
            emit(None)

    threads = [
        threading.Thread(target=work, args=pair, name=pair[0].lane.name, daemon=True)
        for pair in lanes
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left:
            event = events.get()
            if event is None:
                left -= 1
            elif isinstance(event, Exception):
                raise event
            else:
                yield event
    finally:
        stop.set()


class _Lane:
    """One lane's way through its cases: the state that a lane thread keeps."""

    def __init__(self, ground: _Ground, prepared: PreparedLane) -> None:
        self.site, self.mock, self.pace = ground.site, ground.mock, ground.pace
        self.emit, self.stop = ground.emit, ground.stop
        self.prepared = prepared
        self.name = prepared.lane.name
        self.runner: Runner | None = None
        self.can: frozenset[str] = frozenset()
        self.unwell: Problem | None = None
        self.falls = 0

    def run(self, cases: Sequence[Case]) -> None:
        try:
            station = self.site.enter(self.prepared)
        except CannotRunError as error:
            self.emit(LaneFailed(prepared=self.prepared, reason=str(error)))
            return
        try:
            self._start(station)
            pending: _Pending | None = None
            for case in cases:
                if self.stop.is_set():
                    break
                pending = self._trial(station, case, pending)
            self._settle(pending)
            if self.runner is not None and self.unwell is None:
                self.runner.stop()
        finally:
            station.close()

    def _start(self, station: Station) -> None:
        """Bring the runner up; when it does not come up, `unwell` says why."""
        runner = Runner(station.channel)
        try:
            started = runner.start(time.monotonic() + self.pace.start)
        except RunnerError as error:
            self.falls += 1
            self.unwell = _problem(error)
            return
        self.can = frozenset(started.capabilities) | _given(self.prepared, self.site.mode)
        self.unwell = _not_as_asked(self.prepared, started)
        if self.unwell is not None:
            self.falls = STARTS_IN_A_ROW  # it would load the same again
        if self.runner is None:
            self.emit(LaneStarted(prepared=self.prepared, started=started))
        self.runner = runner

    def _trial(self, station: Station, case: Case, pending: _Pending | None) -> _Pending | None:
        """Run one case; returns it without its last journal, or None if it is told already."""
        if self.unwell is not None and self.falls < STARTS_IN_A_ROW:
            station.restart()
            self._start(station)
        blank = Transcript(
            case=case.id,
            lane=self.name,
            mode=self.site.mode,
            turns=(),
            exposes=self.prepared.lane.manifest.exposes,
        )
        missing = "" if self.unwell else ", ".join(sorted(needs(case) - self.can))
        if self.unwell is not None or missing:
            self._settle(pending)
            stderr = station.channel.stderr_tail() if self.unwell else ""
            not_run = replace(blank, problem=self.unwell, skipped=missing or None, stderr=stderr)
            self._tell(case, not_run)
            return None
        if self.runner is not None:
            self.runner.begin_case()
        records, self.unwell = play(
            case,
            arm=lambda script: self.mock.arm(self.name, script),
            before=lambda journal: self._settle(pending, journal),
            ask=lambda turn: self._ask(station, turn),
        )
        # Of several turns those before the last were answered: then it is no fall after a fall.
        answered = self.unwell is None or len(records) > 1
        self.falls = (0 if answered else self.falls) + (self.unwell is not None)
        stderr = station.channel.stderr_tail()
        done = replace(blank, turns=records, stderr=stderr, problem=self.unwell)
        return _Pending(case=case, transcript=done)

    def _ask(self, station: Station, turn: Turn) -> Answer:
        given = turn.input
        if given.program is not None:
            return station.run_program(_environment(given), self.pace.call)
        assert self.runner is not None
        deadline = time.monotonic() + self.pace.call
        return self.runner.call(given, proxy=station.proxy, deadline=deadline)

    def _settle(self, pending: _Pending | None, journal: Journal | None = None) -> None:
        """Complete the trial that waits for its journal, fetching it when it is not here yet."""
        if pending is None:
            return
        if journal is None:
            journal = self.mock.arm(self.name, None)
        turns = completed(pending.transcript.turns, journal)
        self._tell(pending.case, replace(pending.transcript, turns=turns))

    def _tell(self, case: Case, transcript: Transcript) -> None:
        self.emit(TrialJudged(case=case, transcript=transcript, verdict=judge(case, transcript)))


def play(
    case: Case,
    *,
    arm: Callable[[Script], Journal],
    before: Callable[[Journal], None],
    ask: Callable[[Turn], Answer],
) -> tuple[tuple[TurnRecord, ...], Problem | None]:
    """Ask the turns of a case one after the other, until the runner breaks off.

    arm: arms a script and hands over the journal of the one before; `before` gets the one that is
    not of this case. The last record is without its journal: see `completed`.
    """
    records: list[TurnRecord] = []
    problem: Problem | None = None
    for turn in case.turns:
        journal = arm(turn.script)
        if records:
            records = [*completed(records, journal)]
        else:
            before(journal)
        began = time.perf_counter()
        answer: Answer | None = None
        try:
            answer = ask(turn)
        except RunnerError as error:
            problem = _problem(error)
        elapsed = round(time.perf_counter() - began, 6)
        records.append(TurnRecord(answer=answer, journal=Journal(), elapsed=elapsed))
        if problem is not None:
            break
    return tuple(records), problem


def completed(records: Sequence[TurnRecord], journal: Journal) -> tuple[TurnRecord, ...]:
    """The records with the journal of the last, which came with the next arming."""
    *whole, last = records
    return (*whole, replace(last, journal=journal))


def _problem(error: RunnerError) -> Problem:
    return Problem(step=error.step, reason=error.reason, remedy=error.remedy)


def _environment(given: Input) -> dict[str, str]:
    """The credentials of the input as the variables that a program finds them in."""
    keys = given.credentials
    if keys is None:
        return {}
    named = {
        "OSS_ACCESS_KEY_ID": keys.access_key_id,
        "OSS_ACCESS_KEY_SECRET": keys.access_key_secret,
        "OSS_SESSION_TOKEN": keys.security_token,
    }
    return {name: value for name, value in named.items() if value is not None}


def _given(prepared: PreparedLane, mode: str) -> frozenset[str]:
    """What the place brings: containers run any sample, host mode those that declare it.

    In host mode the mock is a lane's proxy, so a lane gets there whatever host it asks for.
    """
    sample = prepared.lane.manifest.sample
    brought = {
        "sample": sample is not None and (mode == "container" or sample.host_mode),
        "any-host": mode == "host",
    }
    return frozenset(name for name, given in brought.items() if given)


def _not_as_asked(prepared: PreparedLane, started: Started) -> Problem | None:
    """A runner that loaded another SDK version than its lane names cannot speak for the lane."""
    lane = prepared.lane
    if lane.version is None or lane.path is not None or started.sdk_version == lane.version:
        return None
    return Problem(
        step="start",
        reason=f"the lane names SDK {lane.version}, the runner has loaded {started.sdk_version}",
        remedy="make the build script install the version it is given; ask the SDK for its version",
    )
