"""What an SDK is free to do is no finding, and is written into the profile of the turn."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import BODIES, exchange, lane, request

from conformance.judge import judge
from conformance.model.verdict import Outcome, Verdict

EXPECT = {
    "required": {
        "requests": 1,
        "method": "GET",
        "scheme": "https",
        "target": "as-asked",
        "process": BODIES,
        "auth": "v4-header",
        "verified": "accepted",
        "access_key_id": "as-given",
        "token": "as-given",
        "signing_region": "cn-hangzhou",
        "answer": "content",
        "content": "as-sent",
        "parsed": "as-sent",
    }
}


def judged(data: Json) -> Verdict:
    return judge(case({"about": "a case", "expect": EXPECT}), transcript(data))


def backwards(lines: list[str]) -> list[str]:
    return [lines[0], *reversed(lines[1:])]


def lower_case(lines: list[str]) -> list[str]:
    pairs = [line.partition(":") for line in lines[1:]]
    return [lines[0], *(f"{name.lower()}:{value}" for name, _, value in pairs)]


def longer_user_agent(lines: list[str]) -> list[str]:
    return [line + " (image/bodies tester)" if "User-Agent" in line else line for line in lines]


def spelt(query: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [f"GET /example.jpg?{query} HTTP/1.1", *lines[1:]]


@pytest.mark.parametrize(
    "change",
    [
        backwards,
        lower_case,
        longer_user_agent,
        spelt("x-oss-process=image/bodies,sen_50"),
        spelt("x-oss-process=image%2Fbodies,sen_50"),
        spelt("x-oss-process=image/bodies%2Csen_50"),
        spelt("x-oss-process=image%2fbodies%2csen_50"),
        spelt("x-oss-process=image%2Fbodies%2Csen%5F50"),
        spelt("x%2Doss%2Dprocess=image%2Fbodies%2Csen_50"),
    ],
)
def test_equivalent_requests_have_no_finding(change: Callable[[list[str]], list[str]]) -> None:
    verdict = judged(lane(exchange(change(request()))))
    assert (verdict.outcome, verdict.findings, verdict.reason) == (Outcome.PASS, (), "")


def test_the_raw_query_is_in_the_profile() -> None:
    raw = "x-oss-process=image/bodies,sen_50"
    profile = dict(judged(lane(exchange(spelt(raw)(request())))).profile)
    assert profile["raw-query"] == raw
    assert profile["canonical-query"] == "x-oss-process=image%2Fbodies%2Csen_50"


def test_the_header_fields_are_in_the_profile() -> None:
    profile = dict(judged(lane(exchange(lower_case(request())))).profile)
    assert profile["headers"] == (
        "host, user-agent, x-oss-date, x-oss-content-sha256, authorization"
    )
    assert profile["accept-encoding"] == "none"
    assert (profile["addressing"], profile["timestamp-header"]) == ("virtual", "x-oss-date")


def test_how_requests_follow_each_other_is_in_the_profile() -> None:
    both = transcript(lane(exchange(), exchange(request(extra=(("x-oss-more", "1"),)))))
    (record,) = both.turns
    first, second = record.journal.exchanges
    exchanges = (replace(first, connection=7), replace(second, connection=9, at=first.at + 0.61))
    record = replace(record, journal=replace(record.journal, exchanges=exchanges))
    verdict = judge(case({"about": "a case", "expect": EXPECT}), replace(both, turns=(record,)))
    profile = dict(verdict.profile)
    assert (profile["request-intervals"], profile["connections"]) == ("0.6 s", "1, 2")
    assert profile["re-signed"] == "yes"
    assert "origins" not in profile


def test_the_origins_of_a_turn_are_shown_when_there_are_several() -> None:
    there = exchange(request(host="elsewhere.example", anonymous=True))
    profile = dict(judged(lane(exchange(), there)).profile)
    assert profile["origins"].endswith(", https://elsewhere.example")
    assert profile["re-signed"] == "unsigned"


def test_a_scripted_delay_is_shown_with_the_duration_of_the_call() -> None:
    slow = {"script": {"keys": [], "verify": False, "faults": [["delay", 0.1]]}}
    verdict = judge(case({"about": "a case", **slow}), transcript(lane(exchange())))
    assert dict(verdict.profile)["elapsed"] == "0.0 s, read timeout 5.0 s"


def test_path_style_is_shown() -> None:
    lines = request(host="192.0.2.7")
    lines[0] = "GET /image-demo/example.jpg?x-oss-process=image%2Fbodies%2Csen_50 HTTP/1.1"
    endpoint = {"input": {"endpoint": "https://192.0.2.7"}}
    verdict = judge(case({"about": "a case", **endpoint}), transcript(lane(exchange(lines))))
    assert verdict.findings == ()
    assert dict(verdict.profile)["addressing"] == "path"
