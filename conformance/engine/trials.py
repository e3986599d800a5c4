"""Runs the cases of several lanes concurrently and yields each trial when it has been judged.

Each lane has a worker for each of its runners, so that a waiting lane delays no other. A bounded
queue leads to the caller, so that memory does not grow with the number of trials. Trials are judged
in the thread of their worker by `judge.judge`, a pure function.
"""

import queue
import threading
from collections.abc import Callable, Generator, Sequence

from conformance.engine.events import Event, TrialJudged
from conformance.engine.job import Job, LaneContext, LaneLimits
from conformance.engine.lane import LaneWorker
from conformance.engine.lane_state import LaneState
from conformance.judge import judge
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Site

# Events that may wait for the caller: enough to cover a slow disk, few enough for memory.
QUEUE_LENGTH = 256
# A lane and, for each of its runners, the cases in order.
LaneCases = tuple[PreparedLane, Sequence[Sequence[Case]]]


def run_trials(
    site: Site,
    mock: MockClient,
    lanes: Sequence[LaneCases],
    limits: LaneLimits | None = None,
    *,
    jobs: int = 0,
) -> Generator[Event, None, None]:
    """Run the cases of each lane, all lanes concurrently, and yield events as they occur.

    lanes: the cases of each runner of a lane, in order; the runners run concurrently too. jobs: the
    number of runners that run at the same time, 0 for all. Closing the generator ends the run after
    the calls in progress. An exception that ends a worker, such as MockError, is raised.
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

    running = sum(len(shares) for _, shares in lanes)
    context = LaneContext(
        site=site,
        mock=mock,
        limits=limits or LaneLimits(),
        report=emit,
        ended=emit,
        slots=threading.Semaphore(jobs or max(1, running)),
        stop=stop,
    )
    for prepared, shares in lanes:
        _start_workers(context, prepared, shares, done)
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


def _start_workers(
    context: LaneContext,
    prepared: PreparedLane,
    shares: Sequence[Sequence[Case]],
    done: Callable[[Case, Transcript], None],
) -> None:
    state = LaneState(context, prepared, workers=len(shares))
    for part, cases in enumerate(shares, start=1):
        worker = LaneWorker(context, prepared, state=state, part=part)
        for case in cases:
            worker.put(Job(case=case, done=done))
        worker.close()
        worker.start()
