"""What a trial left behind and what the judge made of it.

A transcript is evidence and holds no opinion; a verdict holds opinions, each with its
evidence. Between them stands one pure function, `judge.judge`.
"""

from dataclasses import dataclass
from enum import StrEnum

from conformance.model.case import Case, Level
from conformance.model.http import Journal
from conformance.model.manifest import Lane
from conformance.model.message import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One case on one lane."""

    case: Case
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a trial could not be judged."""

    # `start`, `protocol`, `timeout`, `death` or `mock`.
    step: str
    reason: str
    remedy: str

    @property
    def text(self) -> str:
        """The problem in one sentence."""
        return f"{self.step}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """What one turn of a trial left: answer None when a problem ended the trial in this turn.

    elapsed: seconds from the command written to the answer read.
    """

    answer: Answer | None
    journal: Journal
    elapsed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything known about one trial; stored, and enough to judge it again.

    skipped: the capability that is missing, when the trial was not run for that. exposes: the
    error fields the lane's manifest says its SDK fills. stderr: the tail, at most 4 KiB.
    """

    case: str
    lane: str
    mode: str
    turns: tuple[TurnRecord, ...]
    exposes: tuple[str, ...]
    stderr: str = ""
    problem: Problem | None = None
    skipped: str | None = None


class Outcome(StrEnum):
    """How a trial ended."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold.

    rule: stable name (`process.string`), its first part is the family. where: which turn, request
    and part of it. expected, got: quoted values. why: why it matters, in one sentence.
    """

    rule: str
    where: str
    expected: str
    got: str
    why: str
    claim: Level

    @property
    def family(self) -> str:
        """The first part of the rule's name."""
        return self.rule.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Outcome and findings of one trial; `reason` says why for `error` and `skip`.

    Findings of claim `required` make it a fail; `recommended` ones are shown and do not;
    `observed` ones never become findings, they go to `profile` (pairs of name and value).
    """

    case: str
    lane: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    profile: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    known_failing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The verdict across lanes for one case.

    groups: sets of lanes that got the same, with what they got; one group means agreement.
    """

    case: str
    agree: bool
    groups: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileItem:
    """One thing that a lane does where it is free: a stable kebab-case name and what was seen.

    count: of cases that show it; cases: the first of their ids, as evidence.
    """

    name: str
    value: str
    count: int
    cases: tuple[str, ...]
