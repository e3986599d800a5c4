"""What a lane is given: cases, limits, and what it shares with the other lanes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from conformance.engine.events import LaneEvent
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.runner.mock_client import MockClient
from conformance.runner.site import Site

# Seconds for one call. The longest that an SDK waits by itself in the corpus is its read timeout
# (5 s) times its attempts (Java: 4).
CALL_LIMIT = 30.0
# Seconds. A JVM on a busy two-core machine starts within 3 s; ten times that is a hang.
START_LIMIT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """How long a lane may take, and when it is given up."""

    # Seconds until a runner has answered `start`.
    start: float = START_LIMIT
    # Seconds until it has answered one call.
    call: float = CALL_LIMIT
    # Whether a start that succeeds counts as an answer. Shrinking an example that ends the runner
    # restarts it many times in a row; in a run a lane that answers no call is not worth the wait.
    start_is_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case for a lane."""

    case: Case
    # Called from the thread of the lane when the transcript is complete.
    done: Callable[[Case, Transcript], None]
    # Whether a new case begins for the runner; if not, kept clients stay those of the job before.
    new_case: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneContext:
    """What the lanes of a run or of a fuzz share."""

    site: Site
    mock: MockClient
    limits: LaneLimits
    # Called from the thread of a lane.
    report: Callable[[LaneEvent], None]
    # Called from the thread of a lane when it ends, with the defect that ended it, if any.
    ended: Callable[[Exception | None], None]
    # Held by a lane while it runs: so many lanes run at a time.
    slots: threading.Semaphore
    # Once it is set, no lane begins another case.
    stop: threading.Event
