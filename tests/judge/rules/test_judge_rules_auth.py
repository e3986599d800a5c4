"""Which rule a request that fails verification is a finding of, and what the finding says."""

from typing import Any

import pytest
from judge.notation import ID, SECRET, TOKEN, case, transcript
from judge.rule_examples import exchange, lane, refused, request

from conformance.judge import judge
from conformance.model.verdict import Finding


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


def test_a_request_accepted_against_expectation_is_a_finding() -> None:
    finding = found(request(), "", "InvalidAccessKeyId")
    assert (finding.rule, finding.expected, finding.got) == (
        "auth.access-key",
        "'InvalidAccessKeyId'",
        "'accepted'",
    )
