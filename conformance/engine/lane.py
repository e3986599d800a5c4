"""The worker of one lane: takes cases from a queue, has its runner make the calls.

One thread a lane. The journal of a case comes with the next arming, so a worker finishes each case
while it begins the next, and at once when its queue is empty. A runner that broke off is started
again before the next case. A lane is given up when its runner was started `STARTS_IN_A_ROW` times
without answering anything; the cases that follow then end with the same problem.
"""

import queue
import threading
import time
from dataclasses import replace

from conformance.corpus.selection import needs
from conformance.engine.declared import capabilities, wrong_version
from conformance.engine.events import LaneFailed, LaneStarted
from conformance.engine.job import Job, LaneContext
from conformance.engine.turns import completed, environment, play, problem_of
from conformance.errors import CannotRunError, RunnerError
from conformance.model.case import Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Started
from conformance.model.verdict import Problem, Transcript
from conformance.runner.program import sample_of
from conformance.runner.protocol import Runner
from conformance.runner.site import PreparedLane, Station

# A lane is given up when its runner was started so often in a row without answering anything.
STARTS_IN_A_ROW = 3


class LaneWorker:
    """The thread of one lane and its state."""

    def __init__(self, context: LaneContext, prepared: PreparedLane) -> None:
        self.prepared = prepared
        self.name = prepared.lane.name
        self.ready = threading.Event()  # set when the runner is up or the lane is given up
        self.started: Started | None = None  # from its last start; None: it never came up
        self.can: frozenset[str] = frozenset()  # its capabilities
        self.lost = ""  # why the lane is given up
        self._context = context
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._runner: Runner | None = None
        self._problem: Problem | None = None
        self._starts = 0
        self._unanswered = 0  # starts and calls in a row that the runner did not answer
        self._pending: tuple[Job, Transcript] | None = None  # complete but for its last journal
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Start the thread, which starts the runner."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Add a job."""
        self._jobs.put(job)

    def close(self) -> None:
        """Take no more jobs; the thread ends after those that were put."""
        self._jobs.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of the thread, at most so many seconds."""
        self._thread.join(timeout)

    def _run(self) -> None:
        failed: Exception | None = None
        try:
            with self._context.slots:
                self._enter()
        except Exception as error:
            failed = error
        finally:
            self.ready.set()
            self._context.ended(failed)

    def _enter(self) -> None:
        try:
            station = self._context.site.enter(self.prepared)
        except CannotRunError as error:
            self.lost = str(error)
            self._context.report(LaneFailed(prepared=self.prepared, reason=self.lost))
            return
        try:
            self._start(station)
            self.ready.set()
            self._work(station)
            if self._runner is not None and self._problem is None:
                self._runner.stop()
        finally:
            station.close()

    def _work(self, station: Station) -> None:
        while not self._context.stop.is_set():
            try:
                job = self._jobs.get(block=self._pending is None)
            except queue.Empty:
                self._settle()
                continue
            if job is None:
                break
            self._trial(station, job)
        self._settle()

    def _start(self, station: Station) -> None:
        """Start the runner until it answers; `lost` says why when the lane is given up."""
        self._problem = None
        while not self.lost:
            try:
                if self._starts:
                    station.restart()
                self._starts += 1
                runner = Runner(station.channel)
                started = runner.start(time.monotonic() + self._context.limits.start)
            except (RunnerError, CannotRunError) as error:
                self._unanswer(problem_of(error))
                continue
            self._runner = runner
            self._took(started)
            return

    def _took(self, started: Started) -> None:
        """Take over what the runner says of itself."""
        if self.started is None:
            self._context.report(LaneStarted(prepared=self.prepared, started=started))
        self._problem = wrong_version(self.prepared, started)
        if self._problem is not None:
            self.lost = self._problem.text  # another start would load the same
            return
        self.started = started
        self.can = capabilities(self.prepared, started, self._context.site.mode)
        if self._context.limits.start_is_answer:
            self._unanswered = 0

    def _unanswer(self, problem: Problem) -> None:
        self._problem = problem
        self._unanswered += 1
        if self._unanswered >= STARTS_IN_A_ROW:
            self.lost = problem.text

    def _trial(self, station: Station, job: Job) -> None:
        if not self.lost and self._problem is not None:
            self._start(station)
        blank = Transcript(
            case=job.case.id,
            lane=self.name,
            mode=self._context.site.mode,
            turns=(),
            exposes=self.prepared.lane.manifest.exposes,
        )
        missing = ", ".join(sorted(needs(job.case) - self.can))
        if self._problem is not None:
            self._settle()
            stderr = station.channel.stderr_tail()
            job.done(job.case, replace(blank, problem=self._problem, stderr=stderr))
        elif missing:
            self._settle()
            job.done(job.case, replace(blank, skipped=missing))
        else:
            self._pending = (job, self._played(station, job, blank))

    def _played(self, station: Station, job: Job, blank: Transcript) -> Transcript:
        """The transcript of a case without its last journal."""
        self._begin_case(job)
        records, problem = play(
            job.case,
            arm=lambda script: self._context.mock.arm(self.name, script),
            armed=self._settle,
            ask=lambda turn: self._ask(station, turn),
        )
        if problem is None or len(records) > 1:
            self._unanswered = 0
        if problem is not None:
            self._unanswer(problem)
        stderr = station.channel.stderr_tail()
        return replace(blank, turns=records, stderr=stderr, problem=problem)

    def _begin_case(self, job: Job) -> None:
        """Announce a new case to the runner, which closes the clients that it kept."""
        if job.new_case and self._runner is not None:
            self._runner.begin_case()

    def _ask(self, station: Station, turn: Turn) -> Answer:
        given, limit = turn.input, self._context.limits.call
        if given.program is not None:
            sample = sample_of(self.prepared.lane.manifest)
            return station.run_program(sample, environment(given), limit)
        assert self._runner is not None
        return self._runner.call(given, proxy=station.proxy, deadline=time.monotonic() + limit)

    def _settle(self, journal: Journal | None = None) -> None:
        """Complete the case that waits for its journal; None: fetch the journal first."""
        if self._pending is None:
            return
        job, transcript = self._pending
        self._pending = None
        if journal is None:
            journal = self._context.mock.arm(self.name, None)
        turns = completed(transcript.turns, journal)
        job.done(job.case, replace(transcript, turns=turns))
