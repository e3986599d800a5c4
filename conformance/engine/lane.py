"""A worker of a lane: a thread that takes jobs from a queue and passes the calls to its runner.

A lane may have several, each with a runner and a place in the mock of its own.

The mock returns the journal of a case when the next script is armed, so a worker completes a case
when it begins the next one, or at once if its queue is empty.

A runner that failed or answered a crash is restarted before the next case. If it died or was silent
in a call, that is evidence against its SDK, which the judge finds. A lane is given up, and its
remaining cases are not run, after `FAILURES_IN_A_ROW` starts or violations of the protocol without
an answered call between them, or when no call was answered for `LaneLimits.patience` seconds.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from conformance.corpus.selection import environment_of, needs
from conformance.engine.call_limit import BUSY, call_limit
from conformance.engine.cleaning import Cleaning
from conformance.engine.declared import capabilities, wrong_start
from conformance.engine.exiting import Exiting
from conformance.engine.job import Job, LaneContext
from conformance.engine.lane_state import LaneState
from conformance.engine.pending import Pending
from conformance.engine.turns import environment, not_run_text, play, problem_of, proxy_of
from conformance.errors import CannotRunError, MockLaneError, RunnerError
from conformance.model.case import ProgramEnvironment, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Started, is_crash
from conformance.model.verdict import UNANSWERED, Problem, Transcript
from conformance.runner.program import program_of
from conformance.runner.protocol import Runner
from conformance.runner.proxy_probe import SCRIPT, arrived, not_used, probes
from conformance.runner.site import PreparedLane, Station, mock_lane
from conformance.runner.surroundings import USUAL, surroundings

# Failures of the runner itself after which a lane is given up; silence at start, which takes the
# user's time, counts twice.
FAILURES_IN_A_ROW = 3


class LaneWorker:
    """The thread and its state. state: of the lane, if it has other workers too."""

    def __init__(
        self,
        context: LaneContext,
        prepared: PreparedLane,
        *,
        state: LaneState | None = None,
        part: int = 1,
    ) -> None:
        self.prepared = prepared
        self.name = prepared.lane.name
        self.ready = threading.Event()  # set when the runner has started or the lane is given up
        self.can: frozenset[str] = frozenset()  # its capabilities
        self._context = context
        self._part, self._mock_lane = part, mock_lane(self.name, part)
        self.state = state or LaneState(context, prepared)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._runner: Runner | None = None
        self._problem: Problem | None = None
        self._crashed = False  # in its last call: it may end, or be in any state
        self._starts = 0
        self._probed = False  # whether its calls reach the mock through the proxy
        self._environment: ProgramEnvironment | None = None  # of the case that the runner is for
        self._surroundings = USUAL
        self._failures = 0  # of the runner itself, since it last answered a call
        self._unanswered = 0.0  # seconds in calls that it did not answer, since then
        self._left = False  # whether it judges nothing any more
        self._cleaning = Cleaning(prepared, context.mock.live)
        self._pending = Pending(self._cleaning.cleaned)
        self._exiting = Exiting()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Start the thread, which starts the runner."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Add a job."""
        self._jobs.put(job)

    def close(self) -> None:
        """End the thread after the jobs that were added before."""
        self._jobs.put(None)

    def join(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for the thread to end."""
        self._thread.join(timeout)

    def _run(self) -> None:
        failed: Exception | None = None
        try:
            with self._context.slots:
                self._run_in_station()
        except Exception as error:
            failed = error
        finally:
            self._leave()
            self.ready.set()
            self._context.ended(failed)

    def _run_in_station(self) -> None:
        try:
            station = self._context.site.enter(self.prepared, self._part)
        except CannotRunError as error:
            self.state.give_up(str(error), problem_of(error))
            return
        try:
            self._guarded(partial(self._start, station))
            self.ready.set()
            self._take_jobs(station)
            if self._runner is not None and self._problem is None:
                self._runner.stop()
        finally:
            station.close()

    def _take_jobs(self, station: Station) -> None:
        while not self._context.stop.is_set():
            try:
                job = self._jobs.get(block=not self._pending.waits)
            except queue.Empty:
                self._guarded(partial(self._settle, station))
                continue
            if job is None:
                break
            self._guarded(partial(self._trial, station, job), job)
        self._guarded(partial(self._finish, station))

    def _settle(self, station: Station) -> None:
        self._add_late(station)
        self._complete_pending()

    def _finish(self, station: Station) -> None:
        """Complete the pending trial and end its runner, if there is one that is well.

        What the runner writes to standard error meanwhile is searched for the secrets of its cases.
        Its last journal is taken before, so that it tells what a client does that is in use.
        """
        self._add_late(station)
        runner = self._runner
        if runner is None or self._problem is not None or self._crashed or not self._pending.waits:
            self._complete_pending()
            return
        journal = self._context.mock.arm(self._mock_lane, None)
        self._runner = None
        at_end, outlives = self._exiting.of(runner, interrupted=self._context.stop.is_set())
        self._pending.change(at_end=at_end, outlives=outlives)
        self._pending.complete(journal)

    def _guarded(self, act: Callable[[], None], job: Job | None = None) -> None:
        """Do it. If the mock serves this lane no longer, give the lane up: others may go on."""
        try:
            act()
        except MockLaneError as error:
            self._problem = problem_of(error)
            self.state.give_up(str(error), self._problem)
            self._leave()
            self._pending.lose(self._not_run)
            if job is not None:
                self._not_run(job)

    def _not_run(self, job: Job) -> None:
        """Report a case that was not run, or not to its end, with the problem of the lane."""
        job.done(job.case, replace(self._blank(job), problem=self._problem))

    def _start(self, station: Station) -> None:
        """Start the runner, again if it does not answer, until it does or the lane is given up."""
        well = self._problem is None and not self._crashed
        self._problem, self._crashed = None, False
        while not self.state.lost:
            try:
                if self._starts:
                    self._surroundings = surroundings(self._environment, datetime.now(UTC))
                    replace_runner = station.follow if well else station.restart
                    well = False  # the next is a further attempt
                    replace_runner(self._surroundings)
                self._starts += 1
                runner = Runner(station.channel)
                started = runner.start(time.monotonic() + self._context.limits.start)
            except (RunnerError, CannotRunError) as error:
                self._count_failure(station, problem_of(error))
                continue
            self._runner, self._cleaning.ran = runner, []
            self._accept(started)
            if not self.state.lost and not self._probed and station.proxy is not None:
                self._probe_proxy(station, runner)
            if not self.state.lost:
                self._probed = True
                self.state.has_started(started)
            return

    def _accept(self, started: Started) -> None:
        """Check what the runner says of itself, and note what it can do."""
        self._problem = wrong_start(self.prepared, started)
        if self._problem is not None:
            # A restart would start the same.
            self.state.give_up(not_run_text(self._problem), self._problem)
            return
        self.can = capabilities(self.prepared, started, self._context.site.mode)

    def _probe_proxy(self, station: Station, runner: Runner) -> None:
        """Give the lane up if a call does not reach the mock through the proxy.

        A runner that fails in the call shows nothing: it is given up where requests could leave the
        machine, and otherwise started again for the first case.
        """
        mock, lane = self._context.mock, self._mock_lane
        for given in probes():
            mock.arm(lane, SCRIPT)
            deadline = time.monotonic() + (self._context.limits.call or BUSY)
            outcome: Answer | Problem
            try:
                outcome = runner.call(given, proxy=station.proxy, deadline=deadline)
                self._crashed = is_crash(outcome)
            except RunnerError as error:
                outcome = self._problem = problem_of(error)
            silent = isinstance(outcome, Problem) and self._context.site.closed
            if not arrived(mock.arm(lane, None)) and not silent:
                self._problem = not_used(given, outcome)
                self.state.give_up(not_run_text(self._problem), self._problem)
            if self._problem is not None:
                return

    def _count_failure(self, station: Station, problem: Problem) -> None:
        """Count a failed start or a violation of the protocol."""
        self._problem = problem
        self._failures += 2 if problem.step == "timeout" else 1
        if self._failures >= FAILURES_IN_A_ROW:
            self.state.give_up(not_run_text(problem, self._last_words(station)), self._problem)

    def _last_words(self, station: Station) -> str:
        """The end of the runner's standard error; it is quoted, which may cut a name in two."""
        return self._cleaning.hidden(station.channel.stderr_tail())

    def _trial(self, station: Station, job: Job) -> None:
        self._add_late(station)
        environment = environment_of(job.case)
        lacking = frozenset() if environment is None else self._context.site.lacks(environment)
        missing = ", ".join(sorted((needs(job.case) - self.can) | lacking))
        another = environment != self._environment and not missing
        if not self.state.lost and (self._problem is not None or self._crashed or another):
            self._finish(station)  # with the journal of the process that it ran in
            self._environment = environment if another else self._environment
            self._start(station)
        blank = self._blank(job)
        if self.state.lost:
            self._complete_pending()
            self._leave()
            lost = replace(blank, problem=self._problem or self.state.problem)
            job.done(job.case, self._cleaning.cleaned(job.case, lost))
        elif missing:  # what is pending stays so, for what its runner may write at its end
            self._pending.skip(job, replace(blank, skipped=missing))
        else:
            self._cleaning.ran.append(job.case)
            self._pending.put(job, self._played(station, job, blank))

    def _blank(self, job: Job) -> Transcript:
        return Transcript(
            case=job.case.id,
            lane=self.name,
            mode=self._context.site.mode,
            turns=(),
            exposes=self.prepared.lane.manifest.exposes,
        )

    def _leave(self) -> None:
        if not self._left:
            self._left = True
            self.state.leave()

    def _played(self, station: Station, job: Job, blank: Transcript) -> Transcript:
        """The transcript of a case without its last journal."""
        station.channel.take_stderr()
        if job.new_case and self._runner is not None:
            self._runner.begin_case()  # the runner closes the clients that it kept
        records, problem = play(
            job.case,
            arm=self._arm,
            armed=self._pending.complete,
            ask=lambda turn: self._ask(station, self._real(turn)),
        )
        self._crashed = is_crash(records[-1].answer)
        stderr = station.channel.take_stderr()
        if problem is None or len(records) > 1:
            self._failures, self._unanswered = 0, 0.0
        if problem is not None:
            self._count_unanswered(station, problem, records[-1].elapsed)
        return replace(blank, turns=records, stderr=stderr, problem=problem)

    def _real(self, turn: Turn) -> Turn:
        """The turn as the runner gets it: in a live run with the user's values."""
        live = self._context.mock.live
        return turn if live is None else live.real(turn)

    def _arm(self, script: Script, continues: bool) -> Journal:
        """Arm a script with the clock of the runner's process."""
        if offset := self._surroundings.offset:
            script = replace(script, clock_offset=script.clock_offset + offset)
        return self._context.mock.arm(self._mock_lane, script, continues=continues)

    def _count_unanswered(self, station: Station, problem: Problem, seconds: float) -> None:
        """Count a call without a valid answer."""
        if problem.step not in UNANSWERED:
            self._count_failure(station, problem)
            return
        self._problem = problem
        self._unanswered += seconds
        if self._unanswered > self._context.limits.patience:
            self.state.give_up(not_run_text(problem, self._last_words(station)), self._problem)

    def _add_late(self, station: Station) -> None:
        """Add to the pending trial what its runner did after the answer: it wrote, or it died.

        The end of a runner that answered a crash is no second event.
        """
        if self._problem is not None:
            return
        late = station.channel.take_stderr()
        error = None if self._crashed else station.channel.ended()
        if error is not None:
            self._problem = problem_of(error)
        self._pending.change(late=late, problem=self._problem)

    def _ask(self, station: Station, turn: Turn) -> Answer:
        given, limit = turn.input, self._context.limits.call or call_limit(turn)
        if given.program is not None:
            program = program_of(self.prepared.lane, given.program)
            return station.run_program(program, environment(given), limit)
        assert self._runner is not None
        deadline = time.monotonic() + limit
        proxy = proxy_of(turn.inputs[0], station)
        if turn.calls:
            return self._runner.calls(turn.calls, proxy=proxy, deadline=deadline)
        return self._runner.call(given, proxy=proxy, deadline=deadline)

    def _complete_pending(self) -> None:
        """Complete the pending trial, if any, with its journal from the mock."""
        if self._pending.waits:
            self._pending.complete(self._context.mock.arm(self._mock_lane, None))
