"""The record of a trial and its verdict.

A transcript is evidence without judgement. The pure function `judge.judge` makes a verdict from
it, whose findings quote the evidence.
"""

from dataclasses import dataclass
from enum import StrEnum

from conformance.model.case import Case, Level, Provenance
from conformance.model.http import Journal
from conformance.model.manifest import Lane
from conformance.model.message import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One case on one lane."""

    case: Case
    lane: Lane


# The line of a transcript's standard error that stands for everything before it.
STDERR_CUT = "[the beginning is missing]"

# Steps of a `Problem` that are findings, because a user's program would have ended or hung there.
UNANSWERED = ("death", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a trial ended early."""

    step: str  # `start`, `protocol`, `timeout`, `death` or `mock`
    reason: str
    remedy: str

    @property
    def text(self) -> str:
        """The problem in one sentence."""
        return f"{self.step}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """The record of one turn."""

    answer: Answer | None  # None: a problem ended the trial in this turn
    journal: Journal
    elapsed: float  # seconds from writing the command to reading the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The record of one trial, sufficient to re-judge it."""

    case: str
    lane: str
    mode: str
    turns: tuple[TurnRecord, ...]
    exposes: tuple[str, ...]  # error fields that the SDK fills, by the runner's manifest
    stderr: str = ""  # of this trial, the last part of at most 4 KiB
    problem: Problem | None = None
    skipped: str | None = None  # the missing capability that kept the trial from running
    # Lines with secrets that its runner wrote to standard error while it ended, masked; they may be
    # secrets of any case that it ran. Nothing else of what it wrote then belongs to a trial.
    at_end: str = ""
    outlives: bool = False  # after the trial its runner was asked to exit, and did not


class Outcome(StrEnum):
    """How a trial ended."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation of a rule."""

    rule: str  # stable name, `FAMILY.RULE`: `process.string`
    where: str  # call, request and part of the request
    expected: str  # quoted
    got: str  # quoted
    why: str  # why it matters, in one sentence
    claim: Level
    source: Provenance | None = None  # what the rule or the case rests on

    @property
    def family(self) -> str:
        """The first part of the rule's name."""
        return self.rule.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Outcome and findings of one trial.

    A `required` finding makes it a failure; a `recommended` one is only shown. What is `observed`
    is part of the profile and never a finding.
    """

    case: str
    lane: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    profile: tuple[tuple[str, str], ...] = ()  # pairs of name and value
    reason: str = ""  # of `error` and `skip`; of a failure, which known failure has expired
    known_failing: str | None = None  # reason of the known-failing entry that matches

    @property
    def unexpected(self) -> bool:
        """Whether it is a new failure, or a known one that passes."""
        return self.outcome is (Outcome.FAIL if self.known_failing is None else Outcome.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Whether the lanes agree on one case."""

    case: str
    agree: bool
    groups: tuple[tuple[str, tuple[str, ...]], ...]  # a result, and the lanes that got it


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileItem:
    """One observed behaviour of a lane that the documentation leaves open."""

    name: str  # stable, in kebab-case
    value: str
    count: int  # number of cases that show it
    cases: tuple[str, ...]  # the first of their ids, as evidence
