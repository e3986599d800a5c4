"""Judged trials of a fuzz: one example on one lane, with the rules by which it failed.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.judge import judge
from conformance.judge.agreement import compare
from conformance.judge.comparable import read_for_agreement
from conformance.judge.masking import masked_transcript
from conformance.model.case import Case, Level
from conformance.model.message import Content, Failure
from conformance.model.verdict import Agreement, Outcome, Transcript, Verdict

# A scripted fault that was not used is a defect of the case, not of the lane.
_RULES_OF_CASES = frozenset({"transport.fault-unused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example on one lane, judged.

    In addition to the rules of the judge there are `lane.STEP`, for a runner that failed by itself
    (start, protocol), and `suite.error`, for a trial that the judge could not decide.
    """

    lane: str
    case: Case
    transcript: Transcript
    verdict: Verdict
    rules: frozenset[str]  # by which it failed; empty: it passed
    not_required: frozenset[str] = frozenset()  # rules of findings that are not failures

    @property
    def skipped(self) -> bool:
        """Whether the lane lacks a capability that the example needs."""
        return self.verdict.outcome is Outcome.SKIP

    @property
    def not_run(self) -> bool:
        """Whether no call was made, because the lane had been given up."""
        return self.transcript.problem is not None and not self.transcript.turns


def judged(case: Case, transcript: Transcript) -> Judged:
    """Judge a transcript."""
    verdict = judge(case, transcript)
    return Judged(
        lane=transcript.lane,
        case=case,
        transcript=transcript,
        verdict=verdict,
        rules=_failed_by(verdict, transcript),
        not_required=frozenset(f.rule for f in verdict.findings if f.claim is not Level.REQUIRED),
    )


def one_turn(trial: Judged, index: int, case: Case) -> Judged:
    """The trial of one of several calls, judged as if the case of that call had been run alone."""
    turns = trial.transcript.turns[index : index + 1]  # none if the trial ended before this call
    transcript = replace(trial.transcript, case=case.id, turns=turns)
    return judged(case, transcript)


def with_id(trial: Judged, case: str) -> Judged:
    """The trial with another case id."""
    return replace(
        trial,
        case=replace(trial.case, id=case),
        transcript=replace(trial.transcript, case=case),
        verdict=replace(trial.verdict, case=case),
    )


def _failed_by(verdict: Verdict, transcript: Transcript) -> frozenset[str]:
    if verdict.outcome is Outcome.ERROR:
        if transcript.problem is not None:
            return frozenset({f"lane.{transcript.problem.step}"})
        return frozenset({"suite.error"})
    required = (f.rule for f in verdict.findings if f.claim is Level.REQUIRED)
    return frozenset(required) - _RULES_OF_CASES


def disagreement_of(trials: Sequence[Judged]) -> Agreement | None:
    """How lanes differ on one case; None if they agree.

    A full comparison takes as long as judging, so it is skipped if a short one finds no difference.
    """
    first, *others = map(_essentials, trials)
    if first is not None and all(other == first for other in others):
        return None
    comparables = [
        read_for_agreement(trial.case, masked_transcript(trial.case, trial.transcript))
        for trial in trials
    ]
    agreement = compare(trials[0].case.id, comparables)
    return None if agreement.agree else agreement


def _essentials(trial: Judged) -> Any:
    """The values that are compared; None unless each call gave one request and an answer."""
    essentials: list[Any] = [
        value for name, value in trial.verdict.profile if name.endswith("canonical-query")
    ]
    intact = not any(finding.rule.startswith("bodies.") for finding in trial.verdict.findings)
    for case_turn, turn in zip(trial.case.turns, trial.transcript.turns, strict=False):
        answer = turn.answer
        if len(turn.journal.exchanges) != 1:
            return None
        if isinstance(answer, Content):
            # If "parsed" was expected, the judge has compared it with what was sent.
            compared = any("parsed" in dict(block.values) for block in case_turn.expect[:1])
            as_sent = intact and compared
            essentials.append(as_sent or (answer.parsed, answer.parse_error is None))
        elif isinstance(answer, Failure):
            essentials.append((answer.origin, answer.status, answer.code))
        else:
            return None
    return essentials
