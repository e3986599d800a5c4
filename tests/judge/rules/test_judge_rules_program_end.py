"""Calls without an answer: what the last response has to do with it."""

from dataclasses import replace

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import DENIED, exchange, lane, reply, request

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


def test_a_runner_that_outlives_its_cases_is_a_note_at_the_last_of_them() -> None:
    for outlives, found in ((True, ["program.end"]), (False, [])):
        verdict = judge(CASE, replace(transcript(lane(exchange())), outlives=outlives))
        assert (verdict.outcome, [f.rule for f in verdict.findings]) == (Outcome.PASS, found)


@pytest.mark.parametrize("field", ["Retry-After: 0", "Retry-After: soon", "Age: 3600"])
def test_a_client_that_no_response_asks_to_wait_is_silent(field: str) -> None:
    verdict = judge(CASE, transcript(waited(field)))
    assert (verdict.outcome, verdict.findings[0].rule) == (Outcome.FAIL, "program.silence")
