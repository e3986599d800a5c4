"""The input of a lane: its jobs, its time limits, and what it shares with the other lanes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from conformance.engine.events import LaneEvent
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.runner.mock_client import MockClient
from conformance.runner.site import Site

# Seconds. A JVM on a busy two-core machine starts within 3 s; ten times that is a hang.
START_LIMIT = 30.0
# Seconds. Enough for several calls that are not answered, and for hundreds of quick deaths.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """How long a runner may take to answer, and when its lane is given up."""

    start: float = START_LIMIT  # seconds to answer `start`
    call: float | None = None  # seconds to answer a call; None: as `call_limit` says
    # Seconds. A lane is given up when it has taken so long without an answer to any call.
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case for a lane."""

    case: Case
    # Called from the thread of the lane when the transcript is complete.
    done: Callable[[Case, Transcript], None]
    # Whether a new case is announced to the runner; if not, it reuses the clients that it kept.
    new_case: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneContext:
    """What the lanes of a run or a fuzz share."""

    site: Site
    mock: MockClient
    limits: LaneLimits
    # Called from the thread of a lane.
    report: Callable[[LaneEvent], None]
    # Called from the thread of a lane when it ends, with the exception that ended it, if any.
    ended: Callable[[Exception | None], None]
    # Held by a lane while it runs; limits the number of lanes that run at the same time.
    slots: threading.Semaphore
    # When set, no lane begins another case.
    stop: threading.Event
