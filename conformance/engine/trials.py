"""Runs the cases of several lanes concurrently and yields each trial when it has been judged.

Each lane has a worker, so that a waiting lane delays no other. A bounded queue leads to the caller,
so that memory does not grow with the number of trials. Trials are judged in the thread of their
lane by `judge.judge`, a pure function.
"""

import queue
import threading
from collections.abc import Generator, Sequence

from conformance.engine.events import Event, TrialJudged
from conformance.engine.job import Job, LaneContext, LaneLimits
from conformance.engine.lane import LaneWorker
from conformance.judge import judge
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Site

# Events that may wait for the caller: enough to cover a slow disk, few enough for memory.
QUEUE_LENGTH = 256


def run_trials(
    site: Site,
    mock: MockClient,
    lanes: Sequence[tuple[PreparedLane, Sequence[Case]]],
    limits: LaneLimits | None = None,
    *,
    jobs: int = 0,
) -> Generator[Event, None, None]:
    """Run the cases of each lane in order, the lanes concurrently, and yield events as they occur.

    jobs: the number of lanes that run at the same time, 0 for all. Closing the generator ends the
    run after the calls in progress. An exception that ends a worker, such as MockError, is raised.
    """
    stop = threading.Event()
    events: queue.Queue[Event | Exception | None] = queue.Queue(maxsize=QUEUE_LENGTH)

    def emit(event: Event | Exception | None) -> None:
        while not stop.is_set():
            try:
                return events.put(event, timeout=0.5)
            except queue.Full:
                continue
        return None

    def done(case: Case, transcript: Transcript) -> None:
        if transcript.problem is not None and not transcript.turns:
            return  # of a lane that was given up, which a LaneFailed has reported
        emit(TrialJudged(case=case, transcript=transcript, verdict=judge(case, transcript)))

    context = LaneContext(
        site=site,
        mock=mock,
        limits=limits or LaneLimits(),
        report=emit,
        ended=emit,
        slots=threading.Semaphore(jobs or max(1, len(lanes))),
        stop=stop,
    )
    for prepared, cases in lanes:
        worker = LaneWorker(context, prepared)
        for case in cases:
            worker.put(Job(case=case, done=done))
        worker.close()
        worker.start()
    running = len(lanes)
    try:
        while running:
            event = events.get()
            if event is None:
                running -= 1
            elif isinstance(event, Exception):
                raise event
            else:
                yield event
    finally:
        stop.set()
