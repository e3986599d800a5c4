"""Calls without an answer: what the last response has to do with it."""

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import DENIED, reply, request

from conformance.judge import judge
from conformance.model.verdict import Outcome

SILENT = {"step": "timeout", "reason": "no answer before the deadline", "remedy": "answer"}
CASE = case({"about": "a case", "expect": {"required": {"answer": "content"}}})


def waited(*fields: str) -> Json:
    """A call without an answer after a 503 with these fields."""
    busy = {"request": request(), **reply("503 Service Unavailable", DENIED, *fields)}
    return {"turns": [{"exchanges": [busy], "answer": None}], "problem": SILENT}


def test_a_client_that_waits_as_long_as_a_response_asks_is_no_failure_and_is_told() -> None:
    verdict = judge(CASE, transcript(waited("Retry-After: 3600")))
    (finding,) = verdict.findings
    assert (verdict.outcome, finding.rule) == (Outcome.PASS, "program.silence")
    assert finding.got.endswith("the last response asks for a wait of 3600 s (Retry-After)")


@pytest.mark.parametrize("field", ["Retry-After: 0", "Retry-After: soon", "Age: 3600"])
def test_a_client_that_no_response_asks_to_wait_is_silent(field: str) -> None:
    verdict = judge(CASE, transcript(waited(field)))
    assert (verdict.outcome, verdict.findings[0].rule) == (Outcome.FAIL, "program.silence")
