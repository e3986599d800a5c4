"""What decides the outcome: problems, skips, missing turns, contradictions, claims."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import (
    BODIES,
    ONE,
    RIGHT,
    content,
    denied,
    exchange,
    failure,
    lane,
    refused,
    request,
    unverified,
)

from conformance.judge import decide, judge
from conformance.judge.invariants import INVARIANTS
from conformance.judge.view import TurnView, Violation
from conformance.model.case import Level
from conformance.model.verdict import Outcome, Verdict

PROBLEM = {"step": "protocol", "reason": "its answer is no JSON", "remedy": "look at its stderr"}
DIED = {"step": "death", "reason": "the process exited with 2", "remedy": "look at its stderr"}
UNSUPPORTED = {"kind": "unsupported", "reason": "no anonymous access"}


def judged(expect: Json, data: Json, **given: Any) -> Verdict:
    return judge(case({"about": "a case", "expect": expect, **given}), transcript(data))


def wrong() -> Json:
    return lane(exchange(request(query=(("x-oss-process", "image/bodies"),))))


def test_a_problem_is_an_error_and_does_not_blame_the_sdk() -> None:
    verdict = judged({"required": {"process": BODIES}}, {**wrong(), "problem": PROBLEM})
    assert (verdict.outcome, verdict.findings) == (Outcome.ERROR, ())
    assert verdict.reason == "protocol: its answer is no JSON (look at its stderr)"


def test_a_rule_that_fails_is_an_error_of_its_trial_which_quotes_no_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(view: TurnView) -> Iterator[Violation]:
        raise KeyError(view.turn.input.key)

    broken = replace(INVARIANTS[0], check=fails)
    monkeypatch.setattr(decide, "INVARIANTS", (broken,))
    verdict = judged({}, RIGHT)
    assert (verdict.outcome, verdict.findings) == (Outcome.ERROR, ())
    assert verdict.reason.startswith("the judge failed with KeyError in test_judge_decide, line ")
    assert "please report" in verdict.reason


def test_a_trial_with_a_problem_has_a_profile() -> None:
    verdict = judged({}, {**RIGHT, "problem": PROBLEM})
    assert dict(verdict.profile)["requests"] == "1"


def test_a_runner_that_died_in_a_call_is_a_finding_besides_those_of_the_turns_before() -> None:
    data = {**wrong(), "problem": DIED, "stderr": "panic: boom\nmore\nexit status 2\n"}
    data["turns"].append({"answer": None, "exchanges": [exchange()]})
    verdict = judged({"required": {"process": BODIES}}, data, turns=[{}, {}, {}])
    assert verdict.outcome is Outcome.FAIL
    before, ended = verdict.findings
    assert (before.rule, ended.rule) == ("process.string", "program.death")
    assert ended.where == "call 2, answer"
    assert ended.got == (
        "the process exited with 2; 1 request in this call; "
        "standard error: 'panic: boom' ... 'exit status 2'"
    )


def test_a_runner_that_died_after_its_answer_is_a_finding() -> None:
    (found,) = judged({}, {**RIGHT, "problem": DIED}).findings
    assert (found.rule, found.where) == ("program.death", "after the answer")


def test_a_runner_that_died_before_its_first_call_does_not_blame_the_sdk() -> None:
    verdict = judged({}, {"turns": [], "problem": DIED})
    assert (verdict.outcome, verdict.findings) == (Outcome.ERROR, ())


def test_a_silent_runner_that_sends_requests_without_end_is_endless_and_nothing_else() -> None:
    silent = {"step": "timeout", "reason": "no answer", "remedy": "answer"}
    turn = {"answer": None, "exchanges": [exchange()], "exceeded": "1,000 requests"}
    (found,) = judged({}, {"turns": [turn], "problem": silent}).findings
    assert found.rule == "transport.endless"
    assert found.got.startswith("endless: 1,000 requests")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (denied(failure(origin="crash", code="")), "program.crash"),
        (lane(exchange(), exchange(), answer=failure(), exceeded="2 MB"), "transport.endless"),
    ],
)
def test_what_follows_from_a_crash_or_endless_requests_is_no_second_finding(
    data: Json, rule: str
) -> None:
    expect = {"required": {"requests": 1, "answer": "content", "code": "as-sent"}}
    assert [finding.rule for finding in judged(expect, data).findings] == [rule]


def test_a_case_that_ended_at_a_crash_has_no_other_turns() -> None:
    data = denied(failure(origin="crash", code=""))
    (found,) = judged({}, data, turns=[{}, {}]).findings
    assert (found.rule, found.where) == ("program.crash", "call 1, answer")


def test_what_comes_over_a_connection_of_the_case_before_is_no_other_finding() -> None:
    data = lane(exchange(), answer=content(ONE[:-1]), earlier=1)
    (found,) = judged({"required": {"requests": 2, "content": "as-sent"}}, data).findings
    assert (found.rule, found.where) == ("program.state", "request 1: connection")


def test_a_later_turn_may_use_the_connections_of_the_first() -> None:
    data = lane(exchange())
    data["turns"].append(lane(exchange(), earlier=1)["turns"][0])
    assert judged({}, data, turns=[{}, {}]).outcome is Outcome.PASS


def test_a_skipped_trial_says_what_the_lane_cannot() -> None:
    verdict = judged({}, {"turns": [], "skipped": "anonymous"})
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIP, "missing capability: anonymous")


def test_a_turn_that_is_missing_is_an_error() -> None:
    assert judged({}, RIGHT, turns=[{}, {}]).outcome is Outcome.ERROR


def test_a_turn_without_an_answer_is_an_error() -> None:
    assert judged({}, {"turns": [{"answer": None}]}).outcome is Outcome.ERROR


def test_unsupported_in_spite_of_its_declaration_is_an_error_with_the_reason() -> None:
    verdict = judged({"required": {"answer": "content"}}, lane(answer=UNSUPPORTED))
    assert verdict.outcome is Outcome.ERROR
    assert "no anonymous access" in verdict.reason


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (lane(exchange(), answer=failure(origin="client")), "origin 'client'"),
        ({**denied(failure()), "exposes": ["status", "code"]}, "message, request_id, host_id, ec"),
    ],
)
def test_an_answer_that_cannot_be_is_the_runners_fault(data: Json, named: str) -> None:
    verdict = judged({"required": {"answer": "content"}}, data)
    assert (verdict.outcome, verdict.findings) == (Outcome.ERROR, ())
    assert named in verdict.reason


EITHER = {"required": {"answer": ["content", "error"], "content": "as-sent", "code": "as-sent"}}


def test_where_either_kind_is_allowed_the_content_that_came_is_judged() -> None:
    cut = content(ONE[:-1])
    assert [f.rule for f in judged(EITHER, lane(exchange(), answer=cut)).findings] == [
        "bodies.bytes"
    ]


def test_where_either_kind_is_allowed_the_error_that_came_is_judged() -> None:
    data = denied(failure(code="Forbidden"))
    assert [f.rule for f in judged(EITHER, data).findings] == ["errors.code"]


@pytest.mark.parametrize("data", [RIGHT, denied(failure())])
def test_where_either_kind_is_allowed_both_pass(data: Json) -> None:
    assert judged(EITHER, data).findings == ()


def test_a_kind_that_is_not_allowed_is_a_finding() -> None:
    (found,) = judged(EITHER, lane(answer={"kind": "ended", "exit": 0, "stdout": ""})).findings
    assert (found.rule, found.expected) == ("errors.kind", "content or error")


def test_unsupported_that_is_expected_passes() -> None:
    verdict = judged({"required": {"answer": "unsupported"}}, lane(answer=UNSUPPORTED))
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize(
    "data",
    [
        lane({**exchange(), "refusal": "SignatureDoesNotMatch"}),
        lane(exchange(request(secret="AnotherSecretOf30Characters000"))),
    ],
    ids=["mock refuses what we accept", "mock accepts what we refuse"],
)
def test_a_mock_that_contradicts_the_judge_is_our_error_and_not_a_fail(data: Json) -> None:
    verdict = judged({"required": {"verified": "accepted", "process": "x"}}, data)
    assert (verdict.outcome, verdict.findings) == (Outcome.ERROR, ())
    assert "the suite contradicts itself" in verdict.reason


def test_a_request_that_the_mock_could_not_read_is_malformed_and_no_contradiction() -> None:
    data = lane({**exchange(), "refusal": "BadRequest"})
    assert [f.rule for f in judged({}, data).findings] == ["transport.malformed"]


def test_a_request_that_is_broken_off_in_its_body_is_malformed_and_no_contradiction() -> None:
    anonymous = ["GET / HTTP/1.1", "Host: h", "Content-Length: 5"]
    nothing = {"response": None, "refusal": "BadRequest"}
    (found,) = judged({}, lane({**exchange(anonymous), **nothing})).findings
    assert (found.rule, found.got[:11]) == ("transport.malformed", "broken off:")


def test_a_mock_that_does_not_verify_contradicts_nothing() -> None:
    data = lane(exchange(request(secret="AnotherSecretOf30Characters000")))
    assert judged({}, data, script={"verify": False}).outcome is Outcome.PASS


def test_a_recommended_expectation_is_shown_and_does_not_fail() -> None:
    verdict = judged({"recommended": {"process": BODIES}}, wrong())
    assert verdict.outcome is Outcome.PASS
    assert [finding.claim for finding in verdict.findings] == [Level.RECOMMENDED]


def test_an_observed_expectation_goes_to_the_profile() -> None:
    verdict = judged({"observed": ["process", "access_key_id"]}, wrong())
    assert verdict.findings == ()
    profile = dict(verdict.profile)
    assert profile["observed-process"] == "'image/bodies'"
    assert profile["observed-access-key-id"] == "'LTAI5tExampleKeyId'"


def test_equal_violations_of_several_requests_are_one_finding() -> None:
    (twice,) = wrong()["turns"][0]["exchanges"]
    verdict = judged({"required": {"process": BODIES}}, lane(twice, twice))
    assert [f.where for f in verdict.findings] == ["requests 1, 2: query parameter x-oss-process"]


def test_a_finding_of_a_later_turn_names_the_turn() -> None:
    turns = [*RIGHT["turns"], *wrong()["turns"]]
    verdict = judged({"required": {"process": BODIES}}, {"turns": turns}, turns=[{}, {}])
    assert [f.where for f in verdict.findings] == [
        "call 2, request 1: query parameter x-oss-process"
    ]


def test_a_claim_about_each_request_is_not_proved_by_no_request() -> None:
    verdict = judged({"required": {"process": BODIES}}, lane(answer=failure(origin="client")))
    assert [f.rule for f in verdict.findings] == ["transport.requests"]


def test_no_request_is_fine_where_none_is_expected() -> None:
    expect = {"required": {"requests": 0, "answer": "error", "process": BODIES}}
    assert judged(expect, lane(answer=failure(origin="client"))).outcome is Outcome.PASS


def test_an_answer_of_another_kind_is_a_single_finding() -> None:
    expect = {"required": {"answer": "content", "content": "as-sent", "parsed": "as-sent"}}
    verdict = judged(expect, denied(failure()))
    assert [f.rule for f in verdict.findings] == ["errors.kind"]


def test_a_refusal_that_is_expected_passes() -> None:
    data = lane(refused("InvalidAccessKeyId", request(identity="somebody else")))
    assert judged({"required": {"verified": "InvalidAccessKeyId"}}, data).outcome is Outcome.PASS


def test_the_consequences_of_a_refusal_are_no_findings() -> None:
    data = lane(
        refused("SignatureDoesNotMatch", request(secret="AnotherSecretOf30Characters000")),
        answer=failure(code="SignatureDoesNotMatch"),
        unused=[0],
    )
    verdict = judged({"required": {"verified": "accepted", "answer": "content"}}, data)
    assert [f.rule for f in verdict.findings] == ["auth.signature"]


def test_without_a_claim_on_verification_the_answer_to_a_refusal_is_judged() -> None:
    data = lane(
        refused("SignatureDoesNotMatch", request(secret="AnotherSecretOf30Characters000")),
        answer=failure(code="SignatureDoesNotMatch"),
    )
    verdict = judged({"required": {"answer": "content"}}, data)
    assert [f.rule for f in verdict.findings] == ["errors.kind"]


def test_a_fault_behind_an_error_need_not_be_met_by_clients_that_do_not_ask_again() -> None:
    expect = {"required": {"answer": "error"}}
    for position, found in ((1, []), (0, ["transport.fault-unused"])):
        trial = lane(exchange(), answer=failure(origin="transport"), unused=[position])
        assert [f.rule for f in judged(expect, trial).findings] == found


EXPIRED = {"script": {"certificate": "expired"}}


def test_a_bad_certificate_that_no_handshake_met_is_a_fault_unused() -> None:
    verdict = judged({"required": {"answer": "error"}}, lane(answer=unverified()), **EXPIRED)
    assert [f.rule for f in verdict.findings] == ["transport.fault-unused"]


def test_a_reused_connection_does_not_meet_the_bad_certificate() -> None:
    verdict = judged({"required": {"answer": "content"}}, lane(exchange()), **EXPIRED)
    assert [f.rule for f in verdict.findings] == ["transport.fault-unused"]


def test_a_request_over_a_bad_certificate_of_the_turn_before_is_a_finding() -> None:
    data = lane(exchange(faults=["certificate-expired"]))
    verdict = judged({"required": {"answer": "content"}}, data)
    assert [f.rule for f in verdict.findings] == ["transport.certificate"]


def test_judging_twice_gives_the_same_verdict() -> None:
    assert judged({"required": {"process": BODIES}}, wrong()) == judged(
        {"required": {"process": BODIES}}, wrong()
    )
