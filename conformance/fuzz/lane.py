"""One lane of a fuzz: its thread and its runner.

A journal comes with the next arming, so a lane is one turn behind while it has
work and catches up at once when it has none. A runner that dies is started again; what killed it
is told as its own failure.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from conformance.corpus.selection import needs
from conformance.engine.lane import START_LIMIT, STARTS_IN_A_ROW, completed, play
from conformance.errors import CannotRunError, RunnerError
from conformance.fuzz.judged import Judged, judged
from conformance.model.case import Case, Input
from conformance.model.http import Journal
from conformance.model.message import Answer, Started
from conformance.model.verdict import Problem, Transcript, TurnRecord
from conformance.runner.mock_client import MockClient
from conformance.runner.protocol import Runner
from conformance.runner.site import PreparedLane, Site, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A case to run."""

    case: Case
    done: Callable[[Judged], None]  # called from the lane's thread
    new_case: bool  # the runner closes the clients that it has kept before the first call


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A job whose last journal has not come yet."""

    job: Job
    records: tuple[TurnRecord, ...]
    problem: Problem | None
    stderr: str


class Lane:
    """One lane's thread and what it keeps.

    jobs: what it is to do, None to end. ready: it is up, or `lost` says why not. can: what its
    runner and its manifest both declare.
    """

    def __init__(
        self,
        site: Site,
        mock: MockClient,
        prepared: PreparedLane,
        *,
        limit: float,
        failed: Callable[[Exception], None],
    ) -> None:
        self.site, self.mock, self.prepared, self.limit = site, mock, prepared, limit
        self.failed = failed
        self.name = prepared.lane.name
        self.jobs: queue.Queue[Job | None] = queue.Queue()
        self.ready = threading.Event()
        self.told: Started | None = None
        self.can: frozenset[str] = frozenset()
        self.lost = ""
        self._station: Station | None = None
        self._runner: Runner | None = None
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Bring it up in its thread; `ready` is set when it is up or lost."""
        self._thread.start()

    def stop(self) -> None:
        """End it after what it has been given."""
        self.jobs.put(None)
        self._thread.join(timeout=2 * self.limit)

    def _run(self) -> None:
        try:
            self._bring_up()
        except Exception as error:
            self.failed(error)
        finally:
            self.ready.set()
        try:
            self._work()
        except Exception as error:
            self.failed(error)
        finally:
            if self._station is not None:
                self._station.close()

    def _bring_up(self) -> None:
        try:
            self._station = self.site.enter(self.prepared)
        except CannotRunError as error:
            self.lost = str(error)
            return
        self._begin()

    def _begin(self) -> None:
        """Start the runner; three times in vain, and the lane is lost."""
        assert self._station is not None
        reason = ""
        for attempt in range(STARTS_IN_A_ROW):
            try:
                if attempt or self._runner is not None:
                    self._station.restart()
                runner = Runner(self._station.channel)
                self.told = runner.start(time.monotonic() + START_LIMIT)
            except (RunnerError, CannotRunError) as error:
                reason = str(error)
                continue
            self._runner = runner
            declared = frozenset(self.told.capabilities)
            self.can = declared & frozenset(self.prepared.lane.manifest.capabilities)
            return
        self.lost = reason

    def _work(self) -> None:
        pending: _Open | None = None
        while True:
            try:
                job = self.jobs.get(block=pending is None)
            except queue.Empty:
                self._settle(pending, None)
                pending = None
                continue
            if job is None:
                break
            pending = self._do(job, pending)
        self._settle(pending, None)
        if self._runner is not None and not self.lost:
            self._runner.stop()

    def _do(self, job: Job, pending: _Open | None) -> _Open | None:
        missing = ", ".join(sorted(needs(job.case) - self.can))
        if self.lost or missing:
            self._settle(pending, None)
            gone = Problem(step="start", reason=self.lost, remedy="") if self.lost else None
            self._tell(job, (), problem=gone, skipped=missing or None)
            return None
        if job.new_case and self._runner is not None:
            self._runner.begin_case()
        records, problem = play(
            job.case,
            arm=lambda script: self.mock.arm(self.name, script),
            before=lambda journal: self._settle(pending, journal),
            ask=lambda turn: self._call(turn.input),
        )
        assert self._station is not None
        stderr = self._station.channel.stderr_tail()
        if problem is not None:
            self._begin()
        return _Open(job=job, records=records, problem=problem, stderr=stderr)

    def _call(self, given: Input) -> Answer:
        assert self._runner is not None
        assert self._station is not None
        deadline = time.monotonic() + self.limit
        return self._runner.call(given, proxy=self._station.proxy, deadline=deadline)

    def _settle(self, pending: _Open | None, journal: Journal | None) -> None:
        """Complete the job that waits for its journal, fetching it when it is not here yet."""
        if pending is None:
            return
        if journal is None:
            journal = self.mock.arm(self.name, None)
        turns = completed(pending.records, journal)
        self._tell(pending.job, turns, problem=pending.problem, stderr=pending.stderr)

    def _tell(
        self,
        job: Job,
        turns: tuple[TurnRecord, ...],
        *,
        problem: Problem | None = None,
        skipped: str | None = None,
        stderr: str = "",
    ) -> None:
        transcript = Transcript(
            case=job.case.id,
            lane=self.name,
            mode=self.site.mode,
            turns=turns,
            exposes=self.prepared.lane.manifest.exposes,
            stderr=stderr,
            problem=problem,
            skipped=skipped,
        )
        job.done(judged(job.case, transcript))
