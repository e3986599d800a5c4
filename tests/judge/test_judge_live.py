"""What a live trial says of the account, the network and the service says nothing of the SDK."""

from typing import Any

import pytest
from judge.notation import case, transcript
from judge.rule_examples import DENIED, exchange, failure, lane, reply, request

from conformance.judge import judge
from conformance.judge.comparable import read_for_agreement
from conformance.judge.live_trouble import trouble_of_trial
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Transcript

CONTENT = {"required": {"answer": "content"}}


def live(expect: Any = None) -> Case:
    return case({"about": "A call.", "expect": expect or CONTENT, "script": {"live": True}})


def answered(status: str, code: str, message: str = "No.", *, more: str = "") -> Transcript:
    body = DENIED.replace("AccessDenied", code).replace("You have no right", message)
    body = body.replace("</Error>", f"{more}</Error>")
    return transcript(lane({"request": request(), **reply(status, body)}, answer=failure()))


TROUBLES: dict[str, tuple[Transcript, str, bool]] = {
    "no such bucket": (answered("404 Not Found", "NoSuchBucket"), "correct --bucket", True),
    "no such object": (answered("404 Not Found", "NoSuchKey"), "correct --key", True),
    "a wrong clock": (answered("403 F", "RequestTimeTooSkewed"), "the clock of this machine", True),
    "another region": (
        answered("403 F", "AccessDenied", more="<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>"),
        "correct --region", True,
    ),
    "no IMM project": (
        answered("404 Not Found", "InvalidProject.NotFound"), "AttachOSSBucket", True,
    ),
    "no permission": (answered("403 F", "AccessDenied"), "grant oss:GetObject", True),
    "a busy service": (answered("503 S", "ServiceUnavailable"), "run again", False),
    "the network": (
        transcript(lane(exchange(response=None, trouble="the endpoint failed: x"))),
        "check the network", True,
    ),
    "the budget": (
        transcript(lane(exchange(response=None, trouble="the budget of requests is used up"))),
        "raise --max-requests", True,
    ),
    "a long answer": (transcript(lane(exchange(omitted=5))), "too long", True),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_no_failure_and_says_what_to_do(name: str) -> None:
    seen, says, ends = TROUBLES[name]
    verdict = judge(live(), seen)
    assert (verdict.outcome, says in verdict.reason) == (Outcome.ERROR, True), verdict.reason
    trouble = trouble_of_trial(live().turns, seen)
    assert trouble is not None
    assert trouble.ends is ends


def test_the_same_answer_of_the_mock_is_no_trouble() -> None:
    seen = answered("404 Not Found", "NoSuchBucket")
    assert judge(case({"about": "A call.", "expect": CONTENT}), seen).outcome is Outcome.FAIL


def test_an_error_that_the_case_expects_is_no_trouble() -> None:
    expected = live({"required": {"answer": "error", "status": "as-sent"}})
    seen = answered("404 Not Found", "NoSuchKey")
    assert trouble_of_trial(expected.turns, seen) is None


def test_anonymous_access_that_is_granted_is_a_finding() -> None:
    seen = transcript(lane(exchange(request(anonymous=True), refusal="AccessDenied")))
    anonymous = live({"required": {"answer": "error"}})
    assert [finding.rule for finding in judge(anonymous, seen).findings] == ["errors.kind"]


def test_a_request_that_only_the_service_accepts_is_a_contradiction() -> None:
    seen = transcript(lane(exchange(request(secret="x" * 30), refusal="SignatureDoesNotMatch")))
    verdict = judge(live(), seen)
    assert (verdict.outcome, "contradicts the service" in verdict.reason) == (Outcome.ERROR, True)


def test_a_request_to_another_host_is_a_finding() -> None:
    trouble = "the request names the host 'h.example', which is not that of the bucket"
    code = "SignatureDoesNotMatch"
    gone = exchange(request(host="h.example"), response=None, trouble=trouble, refusal=code)
    told = failure(origin="transport")
    verdict = judge(live({"required": {"target": "as-asked"}}), transcript(lane(gone, answer=told)))
    assert verdict.outcome is Outcome.FAIL


def test_lanes_are_compared_without_the_request_id_of_the_document() -> None:
    def got(identity: str, made: Case) -> tuple[tuple[str, str], ...]:
        answer = {
            "kind": "content",
            "content": f'{{"RequestId":"{identity}"}}',
            "parsed": {"RequestId": identity},
        }
        return read_for_agreement(made, transcript(lane(exchange(), answer=answer))).got

    assert got("A", live()) == got("B", live())
    mocked = case({"about": "A call.", "expect": CONTENT})
    assert got("A", mocked) != got("B", mocked)
