"""Events of running lanes, as values.

The worker of a lane reports that the lane has started or could not be started; `trials.py` adds
each judged trial. Pure.
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
    started: Started  # the runner's answer: its language, SDK and capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFailed:
    """The lane could not be started or was given up: the rest of its trials is not run."""

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
