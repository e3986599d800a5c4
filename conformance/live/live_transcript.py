"""A live transcript without the user's secrets, in whatever its runner answered and wrote. Pure.

Its journals hold none: the tap takes them out when it records an exchange (mock/capture.py).
"""

from dataclasses import replace

from conformance.judge.masking import changed
from conformance.model.message import Answer, Failure, Several
from conformance.model.verdict import Transcript
from conformance.oss.redaction import Redaction


def redacted(transcript: Transcript, redaction: Redaction) -> Transcript:
    """The transcript as it is judged and stored."""
    problem = transcript.problem
    if problem is not None:
        reason, remedy = redaction.text(problem.reason), redaction.text(problem.remedy)
        problem = replace(problem, reason=reason, remedy=remedy)
    turns = (
        turn if turn.answer is None else replace(turn, answer=_answer(turn.answer, redaction))
        for turn in transcript.turns
    )
    stderr, at_end = redaction.text(transcript.stderr), redaction.text(transcript.at_end)
    return replace(transcript, turns=tuple(turns), stderr=stderr, problem=problem, at_end=at_end)


def _answer(answer: Answer, redaction: Redaction) -> Answer:
    if isinstance(answer, Several):
        return Several(answers=tuple(_answer(one, redaction) for one in answer.answers))
    if isinstance(answer, Failure):  # its text may be a short quote
        answer = replace(answer, text=redaction.text(answer.text))
    cleaned: Answer = changed(answer, redaction.content)
    return cleaned
