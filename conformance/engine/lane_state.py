"""What the workers of one lane share: what its runner says of itself, and whether it is given up.

A lane that is given up is reported once, when the last of its workers has finished the trial that
it was in, so that no verdict of the lane comes after that.
"""

import threading

from conformance.engine.events import LaneFailed, LaneStarted
from conformance.engine.job import LaneContext
from conformance.model.message import Started
from conformance.model.verdict import Problem
from conformance.runner.site import PreparedLane


class LaneState:
    """See above; what it reports comes from the threads of the workers."""

    def __init__(self, context: LaneContext, prepared: PreparedLane, *, workers: int = 1) -> None:
        self.started: Started | None = None  # from the first successful start
        self.lost = ""  # why the lane is given up and its last words, empty while it is not
        self.problem: Problem | None = None  # of the runner, when it was given up
        self._prepared, self._context = prepared, context
        self._workers = workers
        self._lock = threading.Lock()

    def has_started(self, started: Started) -> None:
        """Note what a runner says of itself; the first one is reported."""
        with self._lock:
            first, self.started = self.started is None, self.started or started
        if first:
            self._context.report(LaneStarted(prepared=self._prepared, started=started))

    def give_up(self, reason: str, problem: Problem) -> None:
        """No worker begins another case; the first reason is kept."""
        with self._lock:
            if not self.lost:
                self.lost, self.problem = reason, problem

    def leave(self) -> None:
        """A worker judges nothing any more, because it has ended or the lane is given up."""
        with self._lock:
            self._workers -= 1
            last = self._workers == 0
        if last and self.lost:
            live = self._context.mock.live
            reason = self.lost if live is None else live.redaction().text(self.lost)
            self._context.report(LaneFailed(prepared=self._prepared, reason=reason))
