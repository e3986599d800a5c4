"""One example on one lane, judged: what was asked, what came of it, and by which rules it failed.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.judge import judge
from conformance.judge.agreement import compare, read_for_agreement
from conformance.model.case import Case, Level
from conformance.model.message import Content, Failure
from conformance.model.verdict import Agreement, Outcome, Transcript, Verdict

# A reply in pieces that nobody met says something of a case that was made for it, not of a lane.
_OF_CASES = frozenset({"transport.fault-unused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example on one lane, judged; `rules` is what it failed by, empty if nothing.

    noted: rules of findings that are told and not failed, because the contract ends before them.

    Beside the rules of the judge there are `lane.STEP` for a runner that broke off (death, timeout,
    protocol) and `suite.error` for what the judge could not tell.
    """

    lane: str
    case: Case
    transcript: Transcript
    verdict: Verdict
    rules: frozenset[str]
    noted: frozenset[str] = frozenset()

    @property
    def skipped(self) -> bool:
        """Whether the lane cannot do what the example asks."""
        return self.verdict.outcome is Outcome.SKIP


def judged(case: Case, transcript: Transcript) -> Judged:
    """The shot that a transcript is."""
    verdict = judge(case, transcript)
    return Judged(
        lane=transcript.lane,
        case=case,
        transcript=transcript,
        verdict=verdict,
        rules=failed_by(verdict, transcript),
        noted=frozenset(f.rule for f in verdict.findings if f.claim is not Level.REQUIRED),
    )


def one_turn(shot: Judged, index: int, case: Case) -> Judged:
    """The shot of one call of several, as if the case of that call had been run alone."""
    transcript = replace(shot.transcript, case=case.id, turns=(shot.transcript.turns[index],))
    return judged(case, transcript)


def failed_by(verdict: Verdict, transcript: Transcript) -> frozenset[str]:
    """The rules of required findings, or what stands in their place; see Shot."""
    if transcript.problem is not None:
        return frozenset({f"lane.{transcript.problem.step}"})
    if verdict.outcome is Outcome.ERROR:
        return frozenset({"suite.error"})
    required = (f.rule for f in verdict.findings if f.claim is Level.REQUIRED)
    return frozenset(required) - _OF_CASES


def agreement_of(shots: Sequence[Judged]) -> Agreement | None:
    """How the lanes differ on one case; None if they agree.

    A full reading costs as much as judging, so what is plainly the same is not read.
    """
    first, *others = map(_plainly, shots)
    if first is not None and all(other == first for other in others):
        return None
    found = compare(
        shots[0].case.id, [read_for_agreement(shot.case, shot.transcript) for shot in shots]
    )
    return None if found.agree else found


def _plainly(shot: Judged) -> Any:
    """All that lanes are compared by, unread; None if one request is not all that there was."""
    told: list[Any] = [
        value for name, value in shot.verdict.profile if name.endswith("canonical-query")
    ]
    right = not any(finding.rule.startswith("bodies.") for finding in shot.verdict.findings)
    for asked, turn in zip(shot.case.turns, shot.transcript.turns, strict=False):
        answer = turn.answer
        if len(turn.journal.exchanges) != 1:
            return None
        if isinstance(answer, Content):
            # The judge has compared it with what was sent, if that was claimed.
            as_sent = right and any("parsed" in dict(one.values) for one in asked.expect[:1])
            told.append(as_sent or (answer.parsed, answer.parse_error is None))
        elif isinstance(answer, Failure):
            told.append((answer.origin, answer.status, answer.code))
        else:
            return None
    return told
