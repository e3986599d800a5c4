"""What happens while lanes run, as values.

Pure. The worker of a lane reports that the lane started or could not be started; `trials.py` adds
each judged trial.
"""

from dataclasses import dataclass

from conformance.model.case import Case
from conformance.model.message import Started
from conformance.model.verdict import Transcript, Verdict
from conformance.runner.site import PreparedLane


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStarted:
    """The runner of a lane answered `start`."""

    prepared: PreparedLane
    # What the runner says it is and has loaded.
    started: Started


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFailed:
    """The program of a lane could not be started at all: its trials count as not run."""

    prepared: PreparedLane
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialJudged:
    """One trial has ended and was judged."""

    case: Case
    transcript: Transcript
    verdict: Verdict


LaneEvent = LaneStarted | LaneFailed
Event = LaneEvent | TrialJudged
