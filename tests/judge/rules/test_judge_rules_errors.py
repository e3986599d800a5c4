"""Fields of an error: where their values come from, and what is not judged."""

from typing import Any

from judge.notation import Json, case, transcript
from judge.rule_examples import exchange, failure, lane, reply

from conformance.judge import judge

ERROR = {"required": {"request_id": "as-sent", "ec": "as-sent", "code": "as-sent"}}


def empty_404(**got: Any) -> Json:
    sent = reply("404 Not Found", "", "x-oss-ec: 0026-00000001")
    return lane({**exchange(), **sent}, answer=failure(**got))


def test_header_fields_are_used_if_there_is_no_body() -> None:
    trial = empty_404(code=None, request_id="64BA4685A645AE37313CBD14", ec="0026-00000001")
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(trial))
    assert verdict.findings == ()


def test_an_error_code_that_nobody_sent_is_a_finding() -> None:
    trial = empty_404(code="NoSuchKey", ec="0026-00000001")
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(trial))
    assert [(f.rule, f.expected) for f in verdict.findings] == [("errors.code", "nothing")]


def test_a_field_that_the_sdk_does_not_expose_is_listed_and_not_judged() -> None:
    trial = {**empty_404(code=None, request_id=None, ec=None), "exposes": ["status"]}
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(trial))
    assert verdict.findings == ()
    assert dict(verdict.profile)["not-exposed"] == "code, message, request_id, host_id, ec"


def test_an_empty_field_that_was_not_sent_is_no_finding() -> None:
    trial = empty_404(code="", request_id="64BA4685A645AE37313CBD14", ec="0026-00000001")
    assert judge(case({"about": "a case", "expect": ERROR}), transcript(trial)).findings == ()


def test_content_that_came_too_late_is_said_to_have_been_waited_for() -> None:
    late = {"delay": 6.0}
    script = {"faults": list(late.items())}
    for limit, waited in ((400, True), (10_000, False)):
        given = {"script": script, "input": {"read_timeout": limit}}
        made = case({"about": "a case", "expect": {"required": {"answer": "error"}}, **given})
        (finding,) = judge(made, transcript(lane({**exchange(), "faults": [*late]}))).findings
        assert ("waited longer" in finding.why) == waited


def test_content_is_taken_for_an_error_only_if_an_error_was_sent() -> None:
    made = case({"about": "a case", "expect": {"required": {"answer": "error"}}})
    for status, words in (("200 OK", "has to refuse"), ("404 Not Found", "mistakes an error")):
        (finding,) = judge(made, transcript(lane({**exchange(), **reply(status)}))).findings
        assert words in finding.why


def test_a_response_that_dripped_in_was_whole() -> None:
    made = case({"about": "a case", "expect": {"required": {"answer": "content"}}})
    for fault, words in (("drip", "the call succeeded"), ("cut", "None of the SDK's requests")):
        trial = lane(exchange(faults=[fault]), answer=failure(origin="transport"))
        (finding,) = judge(made, transcript(trial)).findings
        assert words in finding.why


def test_an_observed_field_that_the_sdk_does_not_expose_is_said_to_be_hidden() -> None:
    trial = {**empty_404(ec=None, code=None), "exposes": ["code"]}
    observing = case({"about": "a case", "expect": {"observed": ["ec", "code"]}})
    profile = dict(judge(observing, transcript(trial)).profile)
    assert (profile["observed-ec"], profile["observed-code"]) == ("not exposed", "nothing")
