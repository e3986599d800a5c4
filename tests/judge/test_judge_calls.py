"""Calls that were made at once: each is judged with its own requests and its own answer."""

from typing import Any

from judge.notation import Json, case, transcript
from judge.rule_examples import (
    ONE,
    TWO,
    at_once,
    content,
    exchange,
    failure,
    lane,
    request,
    several,
)

from conformance.judge import judge
from conformance.judge.agreement import compare
from conformance.judge.comparable import read_for_agreement
from conformance.judge.observation import observe
from conformance.model.verdict import Outcome, Verdict

RIGHT = at_once("a.jpg", "b.jpg")
EXPECT: Json = {"required": {
    "requests": 1, "process": "as-asked", "target": "as-asked", "answer": "content",
    "content": "as-sent",
}}  # fmt: skip


def judged(data: Json, expect: Json = EXPECT, **more: Any) -> Verdict:
    return judge(case({"about": "a case", "expect": expect, **TWO, **more}), transcript(data))


def found(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.where, finding.got) for finding in verdict.findings]


def test_the_order_in_which_requests_arrive_does_not_matter() -> None:
    verdict = judged(at_once("b.jpg", "a.jpg", strings=(20, 10)))
    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ())


def test_a_request_with_the_string_of_another_call_is_found_at_its_call() -> None:
    verdict = judged(at_once("a.jpg", "b.jpg", strings=(20, 20)))
    assert found(verdict) == [
        (
            "process.string",
            "parallel call 1, request 1: query parameter x-oss-process",
            "'image/bodies,sen_20'",
        )
    ]


def test_strings_that_were_exchanged_are_one_finding_of_both_calls() -> None:
    verdict = judged(at_once("a.jpg", "b.jpg", strings=(20, 10)))
    where = "parallel calls 1, 2 (shown: 1), request 1: query parameter x-oss-process"
    assert found(verdict) == [("process.string", where, "'image/bodies,sen_20'")]


def test_a_call_whose_request_went_to_the_object_of_another_has_none() -> None:
    verdict = judged(at_once("b.jpg", "b.jpg", strings=(20, 20)))
    assert [one[:2] for one in found(verdict)] == [
        ("transport.requests", "parallel calls 1, 2 (shown: 1), number of requests"),
        ("bodies.bytes", "parallel call 1, content"),
    ]


def test_calls_for_one_object_are_told_apart_by_their_strings() -> None:
    same: Json = {"turns": [{"calls": [
        {"key": "a.jpg", "parameters": {"sen": 10}}, {"key": "a.jpg", "parameters": {"sen": 20}},
    ]}]}  # fmt: skip
    right = judged(at_once("a.jpg", "a.jpg", strings=(20, 10)), **same)
    assert (right.outcome, right.findings) == (Outcome.PASS, ())
    shared = judged(at_once("a.jpg", strings=(20,)), **same)
    assert [one[:2] for one in found(shared)] == [
        ("transport.requests", "parallel call 1, number of requests"),
        ("bodies.bytes", "parallel call 1, content"),
    ]
    odd = judged(at_once("a.jpg", "a.jpg", strings=(30, 20)), **same)
    where = "parallel call 1, request 1: query parameter x-oss-process"
    assert found(odd) == [("process.string", where, "'image/bodies,sen_30'")]


def test_answers_that_were_exchanged_are_found() -> None:
    data = at_once("a.jpg", "b.jpg")
    other = ONE.replace("0.733", "0.101")
    data["turns"][0]["exchanges"][1]["response_body"] = other
    data["turns"][0]["answer"] = several(content(other), content())
    assert {rule for rule, _, _ in found(judged(data))} == {"bodies.bytes"}


def test_an_error_of_one_call_is_found_at_its_place() -> None:
    data = at_once("a.jpg", "b.jpg")
    data["turns"][0]["answer"] = several(content(), failure())
    assert [one[:2] for one in found(judged(data))] == [("errors.kind", "parallel call 2, answer")]


def test_a_request_for_an_object_of_no_call_is_found_once() -> None:
    verdict = judged(at_once("a.jpg", "c.jpg"))
    assert ("naming.unasked", "request 1: key in '/c.jpg'", "'c.jpg'") in found(verdict)


def test_what_arrived_before_the_turn_is_no_call_s() -> None:
    verdict = judged(at_once("a.jpg", "b.jpg", strays=[exchange()]))
    assert [one[:2] for one in found(verdict)] == [("transport.stray", "before this call")]


def test_connections_are_counted_for_the_turn_and_not_for_each_call() -> None:
    expect = {"required": {"answer": "content", "open_connections": 1}}
    verdict = judged(at_once("a.jpg", "b.jpg", open=2), expect)
    assert [one[:2] for one in found(verdict)] == [("transport.open-connections", "connections")]


def test_a_runner_that_does_not_support_one_of_the_calls_is_an_error() -> None:
    data = at_once("a.jpg", "b.jpg")
    data["turns"][0]["answer"] = several(content(), {"kind": "unsupported", "reason": "no thread"})
    verdict = judged(data)
    assert verdict.outcome is Outcome.ERROR
    assert "no thread" in verdict.reason


def test_answers_to_another_number_of_calls_cannot_be_judged() -> None:
    for answer in (several(content()), content()):
        data = lane(exchange(request(key="a.jpg")), answer=answer)
        assert judged(data).outcome is Outcome.ERROR
    assert judged(RIGHT, turns=[{}]).outcome is Outcome.ERROR


def test_the_profile_is_that_of_the_first_call_whatever_came_first() -> None:
    first, second = judged(RIGHT), judged(at_once("b.jpg", "a.jpg", strings=(20, 10)))
    assert first.profile == second.profile
    assert dict(first.profile)["raw-query"] == "x-oss-process=image%2Fbodies%2Csen_10"


def test_calls_at_once_are_no_retries() -> None:
    busy = at_once("a.jpg", "b.jpg")
    for one in busy["turns"][0]["exchanges"]:
        one["response"] = ["HTTP/1.1 503 Service Unavailable", "Content-Length: 0"]
        one["response_body"] = ""
    made = case({"about": "a case", "expect": EXPECT, **TWO})
    assert observe(made, transcript(busy)) == ()


def test_lanes_are_compared_call_by_call() -> None:
    made = case({"about": "a case", "expect": EXPECT, **TWO})
    lanes = [
        read_for_agreement(made, transcript({**data, "lane": name}))
        for name, data in {
            "java@1": RIGHT,
            "php@1": at_once("b.jpg", "a.jpg", strings=(20, 10)),
            "go@1": at_once("a.jpg", "b.jpg", strings=(10, 10)),
        }.items()
    ]
    assert compare("x", lanes[:2]).agree
    (one, _), (other, _) = compare("x", lanes).groups
    assert one.startswith("parallel call 2 processing string 'image/bodies,sen_10'")
    assert other.startswith("parallel call 2 processing string 'image/bodies,sen_20'")
