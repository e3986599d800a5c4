"""Which rule a request that fails verification is a finding of, and what the finding says."""

import re
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from typing import Any

import pytest
from judge.notation import CLOCK, ID, SECRET, TOKEN, case, transcript
from judge.rule_examples import (
    HOST,
    TWO,
    by_url,
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
from conformance.model.http import Header
from conformance.model.verdict import Finding
from conformance.oss import v1, v4
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


def test_a_valid_signature_of_another_kind_is_said_to_be_accepted() -> None:
    expect = {"required": {"auth": "v4-query"}}
    for lines, seen, accepted in (
        (request(), exchange, True),
        (request(secret="AnotherSecret"), partial(refused, "SignatureDoesNotMatch"), False),
    ):
        trial = transcript(lane(seen(lines)))
        (scheme, *_) = judge(case({"about": "a case", "expect": expect}), trial).findings
        assert (scheme.rule, scheme.got) == ("auth.scheme", "'v4-header'")
        assert scheme.why.startswith("The service accepts") is accepted


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


ASKED = Unsigned(
    method="GET",
    bucket="image-demo",
    key="example.jpg",
    query=(("x-oss-process", "image/bodies,sen_50"),),
    headers=(("Host", HOST),),
)


def of_asked(headers: tuple[Header, ...]) -> list[str]:
    """The lines of the request ASKED with these headers."""
    target = f"/example.jpg?{canonical_query(ASKED.query)}"
    return [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]


def v1_header(secret: str, *, clock: int) -> list[str]:
    """The lines of the request ASKED, signed with V1 at that time."""
    keys = Credentials(access_key_id=ID, access_key_secret=secret)
    return of_asked(v1.sign(ASKED, credentials=keys, date=formatdate(clock, usegmt=True)))


@pytest.mark.parametrize("by", ["url", "header"])
def test_a_v1_signature_that_nothing_explains_is_shown_with_what_was_signed(by: str) -> None:
    def at(late: int) -> str:
        lines = v1_header("AnotherSecret", clock=CLOCK + late)
        if by == "url":
            signed = by_url(3600 + late, version=1)
            lines = [line.replace("Signature=", "Signature=0") for line in signed]
        return found(lines, "SignatureDoesNotMatch").expected

    resource = "/image-demo/example.jpg?x-oss-process=image/bodies,sen_50"
    assert at(0) == f"accepted; signed over 'GET\\n\\n\\n<time>\\n{resource}'"
    assert at(0) == at(7)


def of_scope(clock: int, **other: str) -> Finding:
    """What is found of a request whose signing key and scope have other values than Credential."""
    keys = Credentials(access_key_id=ID, access_key_secret=SECRET)
    headers = v4.sign(ASKED, credentials=keys, region="cn-hangzhou", clock=clock)
    stamp = v4.timestamp(clock)
    scope = replace(v4.Scope(date=stamp[:8], region="cn-hangzhou"), **other)
    canonical = v4.canonical(replace(ASKED, headers=headers)).text
    text = v4.string_to_sign(canonical, timestamp=stamp, scope=scope)
    proof = v4.signature(text, secret=SECRET, scope=scope)
    lines = [re.sub("Signature=.*", f"Signature={proof}", line) for line in of_asked(headers)]
    given = {"about": "a case", "expect": {"required": {"verified": "accepted"}}}
    trial = lane(refused("SignatureDoesNotMatch", lines) | {"clock": clock})
    (finding,) = judge(case(given), transcript(trial)).findings
    return finding


def test_a_scope_of_another_day_is_named_without_a_date() -> None:
    finding = of_scope(CLOCK, date="20230720")
    assert finding.where == "request 1: signature, scope"
    assert finding.expected == "signed over '<day>/cn-hangzhou/oss/aliyun_v4_request'"
    assert (
        finding.got == "The signing key and the signed scope are for the day before Credential's."
    )
    assert finding == of_scope(CLOCK + 3 * 86400, date="20230723")


def test_a_scope_of_another_region_is_shown_beside_that_of_credential() -> None:
    finding = of_scope(CLOCK, region="oss-cn-hangzhou")
    assert finding.expected == "signed over '<day>/cn-hangzhou/oss/aliyun_v4_request'"
    assert finding.got == "signed over '<day>/oss-cn-hangzhou/oss/aliyun_v4_request'"
    assert "are for the region 'oss-cn-hangzhou' in place of" in finding.why


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
    assert finding.got == "signed over 'date:<time>'"
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


def validity(lines: list[str], *, clock: int = CLOCK, at: float = 0.0, offset: int = 0) -> Any:
    """What the findings say of a URL's validity; clock: when it arrived, at: how long it took."""
    keys = [{"id": ID, "secret": SECRET}]
    given = {
        "about": "a case",
        "input": {"sign": "url"},
        "script": {"clock_offset": offset, "keys": keys},
        "expect": {"required": {"answer": "content"}},
    }
    trial = lane(exchange(lines, clock=clock + offset, at=at))
    return [(f.rule, f.where, f.got) for f in judge(case(given), transcript(trial)).findings]


@pytest.mark.parametrize("version", [1, 4])
@pytest.mark.parametrize("seconds", [3598, 3599, 3600, 3601, 3602])
def test_a_url_may_be_valid_for_a_rounded_hour(seconds: int, version: int) -> None:
    assert not validity(by_url(seconds, version=version))


def test_a_url_whose_end_was_set_before_a_slow_signature_is_right() -> None:
    assert not validity(by_url(3600, version=1), clock=CLOCK + 40, at=40.0)
    assert not validity(by_url(3560, begin=CLOCK + 40), clock=CLOCK + 40, at=40.0)
    assert validity(by_url(3560, begin=CLOCK + 40), clock=CLOCK + 40)
    assert validity(by_url(3500, version=1))


@pytest.mark.parametrize("early", [300, 900])
def test_the_validity_of_a_url_may_begin_before_the_call(early: int) -> None:
    assert not validity(by_url(3600 + early, begin=CLOCK - early))


@pytest.mark.parametrize("version", [1, 4])
def test_a_url_whose_validity_ends_before_that_of_its_call_is_found(version: int) -> None:
    name = "Expires" if version == 1 else "x-oss-expires"
    ((_, where, got),) = validity(by_url(3600, version=version), clock=CLOCK + 10, at=5.0)
    assert (where, got) == (
        f"request 1: query parameter {name}",
        "less than an hour after the request",
    )


@pytest.mark.parametrize("offset", [-780, 3300])
@pytest.mark.parametrize("version", [1, 4])
def test_a_url_is_valid_by_the_clock_of_the_program_or_of_the_server(
    offset: int, version: int
) -> None:
    assert not validity(by_url(3600, version=version), offset=offset)
    seconds = 3600 + (offset if version == 1 else 0)
    lines = by_url(seconds, version=version, begin=CLOCK + offset)
    assert not validity(lines, offset=offset)
    assert validity(by_url(9999, version=version), offset=offset)


def signed_late(seconds: int, *, at: float = 0.0, offset: int = 0) -> Any:
    """What is found if a request arrives so many seconds after CLOCK, at which it is signed."""
    given = {
        "about": "a case",
        "script": {"clock_offset": offset},
        "expect": {"required": {"signing_time": "current"}},
    }
    trial = lane(exchange(clock=CLOCK + seconds + offset, at=at))
    return [f.got for f in judge(case(given), transcript(trial)).findings if f.rule == "auth.time"]


def test_a_request_may_be_signed_at_any_time_of_its_call() -> None:
    assert not signed_late(2)  # two clocks that are read in whole seconds
    assert not signed_late(300, at=299.5)
    assert signed_late(4) == ["a time before the call"]
    assert signed_late(300, at=296.0) == ["a time before the call"]


@pytest.mark.parametrize("offset", [-780, 780])
def test_a_request_is_signed_at_a_time_of_the_programs_clock(offset: int) -> None:
    assert not signed_late(1, offset=offset)
    assert signed_late(9, offset=offset)


@pytest.mark.parametrize("lines", [request(anonymous=True), by_url(3600)])
def test_what_has_no_signed_header_has_no_time_that_could_be_late(lines: list[str]) -> None:
    given = {"about": "a case", "expect": {"required": {"signing_time": "current"}}}
    trial = lane(exchange(lines, clock=CLOCK + 60))
    assert not judge(case(given), transcript(trial)).findings


@pytest.mark.parametrize(
    ("lines", "where", "got"),
    [
        (by_url(604800), "x-oss-expires", "604800 seconds"),
        (by_url(900), "x-oss-expires", "900 seconds"),
        (by_url(604800, version=1), "Expires", "about 604800 seconds after the request"),
        (by_url(CLOCK * 999, version=1), "Expires", "more than ten years after the request"),
    ],
)
def test_a_url_that_is_not_valid_for_an_hour_is_found(
    lines: list[str], where: str, got: str
) -> None:
    place = f"request 1: query parameter {where}"
    assert validity(lines) == [("auth.expires", place, got)]


def test_a_secret_of_an_earlier_call_is_named() -> None:
    turns = [{}, {"script": {"keys": [{"id": ID, "secret": "ItsNextSecret"}]}}]
    given = {"about": "a case", "turns": turns, "expect": {"required": {"verified": "accepted"}}}
    first, second = lane(exchange()), lane(refused("SignatureDoesNotMatch", request()))
    trial = {**first, "turns": [*first["turns"], *second["turns"]]}
    (finding,) = judge(case(given), transcript(trial)).findings
    assert (finding.rule, finding.where) == (
        "auth.signature",
        "call 2, request 1: signature, as a whole",
    )
    assert finding.got.startswith("The secret that this access key id had in an earlier call")
