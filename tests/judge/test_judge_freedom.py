"""What an SDK is free to do is not a finding; it is profile."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from judge.build_transcripts import BODIES, exchange, lane, refused, request
from judge.transcript_files import SECRET, TOKEN, Json, case, transcript

from conformance.judge import EXPECTATIONS, judge
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


def judged(told: Json) -> Verdict:
    return judge(case({"about": "a case", "expect": EXPECT}), transcript(told))


def backwards(lines: list[str]) -> list[str]:
    return [lines[0], *reversed(lines[1:])]


def lower_case(lines: list[str]) -> list[str]:
    pairs = [line.partition(":") for line in lines[1:]]
    return [lines[0], *(f"{name.lower()}:{value}" for name, _, value in pairs)]


def more_words(lines: list[str]) -> list[str]:
    return [line + " (image/bodies tester)" if "User-Agent" in line else line for line in lines]


def spelt(query: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [f"GET /example.jpg?{query} HTTP/1.1", *lines[1:]]


@pytest.mark.parametrize(
    "change",
    [
        backwards,
        lower_case,
        more_words,
        spelt("x-oss-process=image/bodies,sen_50"),
        spelt("x-oss-process=image%2Fbodies,sen_50"),
        spelt("x-oss-process=image/bodies%2Csen_50"),
        spelt("x-oss-process=image%2fbodies%2csen_50"),
        spelt("x-oss-process=image%2Fbodies%2Csen%5F50"),
        spelt("x%2Doss%2Dprocess=image%2Fbodies%2Csen_50"),
    ],
)
def test_harmless_freedom_is_no_finding(change: Callable[[list[str]], list[str]]) -> None:
    verdict = judged(lane(exchange(change(request()))))
    assert (verdict.outcome, verdict.findings, verdict.reason) == (Outcome.PASS, (), "")


def test_the_spelling_on_the_wire_is_told_in_the_profile() -> None:
    raw = "x-oss-process=image/bodies,sen_50"
    profile = dict(judged(lane(exchange(spelt(raw)(request())))).profile)
    assert profile["raw-query"] == raw
    assert profile["canonical-query"] == "x-oss-process=image%2Fbodies%2Csen_50"


def test_the_habits_of_the_client_are_told_in_the_profile() -> None:
    profile = dict(judged(lane(exchange(lower_case(request())))).profile)
    assert profile["headers"] == (
        "host, user-agent, x-oss-date, x-oss-content-sha256, authorization"
    )
    assert profile["accept-encoding"] == "none"
    assert (profile["addressing"], profile["date-header"]) == ("virtual", "x-oss-date")


def test_the_way_from_one_request_to_the_next_is_told_in_the_profile() -> None:
    told = transcript(lane(exchange(), exchange(request(extra=(("x-oss-more", "1"),)))))
    (record,) = told.turns
    first, second = record.journal.exchanges
    exchanges = (replace(first, connection=7), replace(second, connection=9, at=first.at + 0.61))
    record = replace(record, journal=replace(record.journal, exchanges=exchanges))
    verdict = judge(case({"about": "a case", "expect": EXPECT}), replace(told, turns=(record,)))
    profile = dict(verdict.profile)
    assert (profile["waits"], profile["connections"]) == ("0.6 s", "1, 2")
    assert profile["signed-anew"] == "yes"
    assert "hosts" not in profile


def test_the_hosts_of_a_turn_are_told_when_there_are_several() -> None:
    there = exchange(request(host="elsewhere.example", anonymous=True))
    profile = dict(judged(lane(exchange(), there)).profile)
    assert profile["hosts"].endswith(", https://elsewhere.example")
    assert profile["signed-anew"] == "left out"


def test_a_scripted_wait_tells_how_long_the_call_took() -> None:
    slow = {"script": {"keys": [], "verify": False, "faults": [["delay", 0.1]]}}
    verdict = judge(case({"about": "a case", **slow}), transcript(lane(exchange())))
    assert dict(verdict.profile)["elapsed"] == "0.0 s, read timeout 5.0 s"


def test_path_style_names_the_same_object() -> None:
    lines = request(host="oss-cn-hangzhou.aliyuncs.com")
    lines[0] = "GET /image-demo/example.jpg?x-oss-process=image%2Fbodies%2Csen_50 HTTP/1.1"
    verdict = judged(lane(exchange(lines)))
    assert verdict.findings == ()
    assert dict(verdict.profile)["addressing"] == "path"


@pytest.mark.parametrize("coded", ["raw", "base64", "percent"])
def test_a_secret_is_found_however_it_is_spelt(coded: str) -> None:
    import base64  # noqa: PLC0415

    spellings = {
        "raw": SECRET,
        "base64": base64.b64encode(b"id:" + SECRET.encode()).decode(),
        "percent": "".join(f"%{byte:02x}" for byte in SECRET.encode()),
    }
    lines = [*request(), f"X-Trace: {spellings[coded]}"]
    (finding,) = judged(lane(exchange(lines))).findings
    assert (finding.rule, finding.where) == ("auth.secret-leak", "request 1: header X-Trace")
    assert SECRET not in finding.got + finding.expected + finding.where


STS = {
    "input": {
        "credentials": {
            "access_key_id": "LTAI5tExampleKeyId",
            "access_key_secret": SECRET,
            "security_token": TOKEN,
        }
    },
    "script": {"keys": [{"id": "LTAI5tExampleKeyId", "secret": SECRET, "token": TOKEN}]},
}


def test_a_token_in_another_header_is_a_leak() -> None:
    lines = [*request(token=TOKEN), f"X-Trace: {TOKEN}"]
    verdict = judge(case({"about": "a case", **STS}), transcript(lane(exchange(lines))))
    assert [f.rule for f in verdict.findings] == ["auth.secret-leak"]


def test_a_token_alone_at_another_host_is_a_leak() -> None:
    lines = [*request(host="elsewhere.example.com", anonymous=True)]
    told = lane(refused("AccessDenied", [*lines, f"x-oss-security-token: {TOKEN}"]))
    verdict = judge(case({"about": "a case", **STS}), transcript(told))
    assert [f.rule for f in verdict.findings] == ["auth.secret-leak"]


@pytest.mark.parametrize(("alone", "claim"), [(True, "recommended"), (False, "required")])
def test_a_token_over_clear_text_weighs_less_alone(alone: bool, claim: str) -> None:
    lines = request(anonymous=True) if alone else request(token=TOKEN)
    if alone:
        lines = [*lines, f"x-oss-security-token: {TOKEN}"]
    seen = refused("AccessDenied", lines) if alone else exchange(lines)
    told = lane({**seen, "scheme": "http"})
    (found,) = judge(case({"about": "a case", **STS}), transcript(told)).findings
    assert (found.rule, found.claim) == ("auth.clear-text", claim)


def test_a_token_where_the_service_reads_it_is_no_leak() -> None:
    told = lane(exchange(request(token=TOKEN)))
    assert judge(case({"about": "a case", **STS}), transcript(told)).findings == ()


def test_every_name_of_the_vector_schema_can_be_judged() -> None:
    import json  # noqa: PLC0415

    from conformance.assets import SCHEMAS  # noqa: PLC0415

    schema = json.loads((SCHEMAS / "vectors.schema.json").read_text(encoding="utf-8"))
    assert set(EXPECTATIONS) == set(schema["$defs"]["expectations"]["properties"])
