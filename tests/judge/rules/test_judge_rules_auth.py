"""Which rule a request that fails verification is a finding of, and what the finding says."""

from typing import Any

import pytest
from judge.notation import CLOCK, ID, SECRET, TOKEN, case, transcript
from judge.rule_examples import (
    HOST,
    TWO,
    content,
    exchange,
    failure,
    lane,
    refused,
    request,
    several,
)

from conformance.judge import judge
from conformance.model.case import Credentials
from conformance.model.verdict import Finding
from conformance.oss.v4 import Unsigned, canonical_query, presign


def found(lines: list[str], code: str, expected: str = "accepted", **script: Any) -> Finding:
    given = {"about": "a case", "expect": {"required": {"verified": expected}}, "script": script}
    trial = lane(refused(code, lines) if code else exchange(lines))
    (finding,) = judge(case(given), transcript(trial)).findings
    return finding


@pytest.mark.parametrize(
    ("lines", "code", "rule"),
    [
        (request(identity="somebody"), "InvalidAccessKeyId", "auth.access-key"),
        (request(anonymous=True), "AccessDenied", "auth.scheme"),
        (request(region="cn-beijing"), "InvalidArgument", "auth.region"),
        (request(secret="AnotherSecret"), "SignatureDoesNotMatch", "auth.signature"),
    ],
)
def test_the_error_names_the_rule(lines: list[str], code: str, rule: str) -> None:
    assert found(lines, code).rule == rule


def test_a_missing_token_is_a_finding_about_the_token() -> None:
    keys = [{"id": ID, "secret": SECRET, "token": TOKEN}]
    assert found(request(), "InvalidAccessKeyId", keys=keys).rule == "auth.token"


def test_the_region_is_shown_beside_that_of_the_script() -> None:
    finding = found(request(region="cn-beijing"), "InvalidArgument")
    assert (finding.expected, finding.got) == ("region 'cn-hangzhou'", "'cn-beijing'")


def test_a_query_changed_after_signing_is_found_by_its_canonical_line() -> None:
    target = "/example.jpg?x-oss-process=image%2Fbodies%2Csen_51"
    finding = found(request(target=target), "SignatureDoesNotMatch")
    assert finding.rule == "process.canonical"
    assert finding.where == "request 1: signature, canonical query"
    assert "sen_50" in finding.got.replace("%5F", "_")
    assert "sen_51" in finding.expected.replace("%5F", "_")


def test_a_signature_that_nothing_explains_is_shown_with_what_was_signed() -> None:
    finding = found(request(secret="AnotherSecret"), "SignatureDoesNotMatch")
    assert finding.got == "a signature that no known mistake explains"
    assert finding.expected.startswith("accepted; signed over 'GET")


def test_a_request_accepted_against_expectation_is_a_finding_that_says_so() -> None:
    finding = found(request(), "", "InvalidAccessKeyId")
    assert finding.why.startswith("The service accepts a request that must be refused")
    assert (finding.rule, finding.expected, finding.got) == (
        "auth.access-key",
        "'InvalidAccessKeyId'",
        "'accepted'",
    )


def test_a_request_refused_for_another_reason_is_not_said_to_be_accepted() -> None:
    finding = found(request(secret="x"), "SignatureDoesNotMatch", "InvalidAccessKeyId")
    assert finding.why.startswith("The program gets another error")


def test_a_request_signed_as_a_parallel_call_says_which() -> None:
    first, second = request(key="a.jpg"), request(key="b.jpg")
    mixed = [*second[:-1], first[-1]]
    assert mixed != second
    trial = lane(
        exchange(first),
        refused("SignatureDoesNotMatch", mixed),
        answer=several(content(), failure()),
    )
    expect = {"required": {"verified": "accepted"}}
    given = case({"about": "a case", "expect": expect, **TWO})
    (finding,) = judge(given, transcript(trial)).findings
    assert (finding.rule, finding.where) == (
        "auth.signature",
        "parallel call 2, request 1: signature, canonical URI",
    )
    assert finding.got == "signed as parallel call 1, over '/image-demo/a.jpg'"
    assert finding.expected == "signed over '/image-demo/b.jpg'"


def test_a_request_signed_with_the_secret_of_an_earlier_call_says_so() -> None:
    other = {"access_key_id": "LTAIofTheFirstCall", "access_key_secret": "AnotherSecret"}
    turns = [{"input": {"credentials": other}}, {}]
    given = case(
        {"about": "a case", "turns": turns, "expect": {"required": {"verified": "accepted"}}}
    )
    calls = (
        refused(
            "InvalidAccessKeyId", request(secret="AnotherSecret", identity="LTAIofTheFirstCall")
        ),
        refused("SignatureDoesNotMatch", request(secret="AnotherSecret")),
    )
    trial = {"turns": [lane(one, answer=failure())["turns"][0] for one in calls]}
    _, finding = judge(given, transcript(trial)).findings
    assert finding.where == "call 2, request 1: signature, as a whole"
    assert finding.got == "The access key secret of another call of the case was used."


def test_a_mismatch_on_a_bound_name_is_explained_with_the_bucket_behind_it() -> None:
    lines = request(host="img.example.com", bucket="img.example.com")
    given = {
        "about": "a case",
        "input": {"endpoint": "https://img.example.com", "addressing": "cname"},
        "script": {"bound": [["img.example.com", "image-demo"]]},
        "expect": {"required": {"verified": "accepted"}},
    }
    trial = lane(refused("SignatureDoesNotMatch", lines))
    (finding,) = judge(case(given), transcript(trial)).findings
    assert finding.where == "request 1: signature, canonical URI"
    assert finding.expected == "signed over '/image-demo/example.jpg'"
    assert finding.got == "signed over '/img.example.com/example.jpg'"


def presigned(signed: tuple[tuple[str, str], ...], *additional: str) -> list[str]:
    """A request by a URL that was signed with these headers and is sent without them."""
    asked = Unsigned(
        method="GET",
        bucket="image-demo",
        key="example.jpg",
        query=(("x-oss-process", "image/bodies,sen_50"),),
        headers=signed,
        additional=additional,
    )
    keys = Credentials(access_key_id=ID, access_key_secret=SECRET)
    pairs = presign(asked, credentials=keys, region="cn-hangzhou", clock=CLOCK, expires=3600)
    return [f"GET /example.jpg?{canonical_query(pairs)} HTTP/1.1", f"Host: {HOST}"]


def test_a_header_that_a_url_signs_and_nobody_sends_is_named() -> None:
    lines = presigned((("Date", "Fri, 21 Jul 2023 08:49:07 GMT"),), "date")
    finding = found(lines, "SignatureDoesNotMatch")
    assert finding.where == "request 1: signature, canonical header date"
    assert finding.expected == "signed without it"
    assert finding.got == "signed over 'date:Fri, 21 Jul 2023 08:49:07 GMT'"
    assert finding.why.startswith("A header was signed that is not in the request.")


def test_a_header_with_an_unknown_value_that_is_listed_and_not_sent_is_named() -> None:
    finding = found(presigned((("X-Color", "red"),), "x-color"), "SignatureDoesNotMatch")
    assert finding.got.endswith("; headers that it says are signed are not sent: x-color")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("AWS4-HMAC-SHA256 Credential=AKID/20230721/cn-hangzhou/s3/aws4_request", "aws4-header"),
        ("Bearer eyJhbGciOi", "bearer"),
        ("Basic dXNlcjpwYXNz", "unknown"),
        ("OSS nobody:c2lnbmF0dXJl", "v1-header"),
        ("OSS4-HMAC-SHA1 Credential=", "v4-header"),
    ],
)
def test_the_kind_of_an_authorization_is_that_of_its_scheme(value: str, shown: str) -> None:
    lines = [*request(anonymous=True), f"Authorization: {value}"]
    expect = {"required": {"auth": "anonymous"}}
    trial = lane(exchange(lines))
    given = {"about": "a case", "expect": expect, "script": {"verify": False}}
    (finding,) = judge(case(given), transcript(trial)).findings
    assert finding.got == repr(shown)
