"""Secrets and tokens where they do not belong."""

import base64
from dataclasses import replace

import pytest
from judge.notation import SECRET, TOKEN, case, transcript
from judge.rule_examples import exchange, failure, lane, refused, reply, request
from judge.trials import asked, changed

from conformance.judge import judge
from conformance.judge.masking import masked_transcript, restored_transcript
from conformance.judge.rules.leaks import NAMES
from conformance.model.case import ProxyLogin
from conformance.model.codec import transcript_from, transcript_to
from conformance.oss import v4
from conformance.oss.secret import Secret, lines_with_secrets, secrets

LEAK = "auth.secret-leak"
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


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        *(base64.b64encode(before + SECRET.encode()).decode() for before in (b"", b"i", b"id")),
        "".join(f"%{byte:02x}" for byte in SECRET.encode()),
    ],
    ids=["raw", "base64", "base64 after 1 byte", "base64 after 2 bytes", "percent"],
)
def test_a_secret_is_found_in_every_encoding(text: str) -> None:
    lines = [*request(), f"X-Trace: {text}"]
    verdict = judge(case({"about": "a case"}), transcript(lane(exchange(lines))))
    (finding,) = verdict.findings
    assert (finding.rule, finding.where) == ("auth.secret-leak", "request 1: header X-Trace")
    assert SECRET not in finding.got + finding.expected + finding.where


SCOPE = v4.Scope(date="20230721", region="cn-hangzhou")
KEYS = v4.signing_keys(SECRET, SCOPE)
KEY_TEXTS = [key.hex() for key in KEYS] + [base64.b64encode(key).decode() for key in KEYS]


@pytest.mark.parametrize("text", [*KEY_TEXTS, KEYS[3].hex().upper()])
def test_a_derived_signing_key_in_the_text_of_an_error_is_a_leak(text: str) -> None:
    trial = lane(exchange(), answer=failure(text=f"403: signing key {text}"))
    verdict = judge(case({"about": "a case"}), transcript(trial))
    (finding,) = verdict.findings
    assert (finding.rule, finding.where) == (LEAK, "text of the error")
    assert finding.got == "a signing key derived from the access key secret is here"
    assert text not in repr(verdict)


def test_a_derived_signing_key_in_a_request_is_a_leak() -> None:
    lines = [*request(), f"X-Trace: {KEYS[0].hex()}"]
    verdict = judge(case({"about": "a case"}), transcript(lane(exchange(lines))))
    assert [f.where for f in verdict.findings] == ["request 1: header X-Trace"]


def test_the_signing_key_of_another_region_that_a_request_names_is_a_leak() -> None:
    key = v4.signing_key(SECRET, v4.Scope(date="20230721", region="cn-beijing")).hex()
    lines = request(region="cn-beijing")
    trial = lane(refused("InvalidArgument", lines), answer=failure(text=key))
    verdict = judge(case({"about": "a case"}), transcript(trial))
    assert [f.where for f in verdict.findings] == ["text of the error"]


def test_a_secret_that_a_runner_writes_at_its_end_is_a_leak_of_its_last_case() -> None:
    known = [Secret(kind="access-key-secret", value="ASecretOfAnotherCase")]
    at_end = lines_with_secrets("bye\nclosed ASecretOfAnotherCase", known)
    assert at_end == "closed ~masked-access-key-secret-0-plain~"
    made = case({"about": "a case"})
    trial = replace(transcript(lane(exchange())), at_end=at_end)
    (finding,) = judge(made, trial).findings
    assert (finding.rule, finding.where) == (
        LEAK,
        "standard error of the runner when it ended, after this case",
    )
    assert finding.got == "the access key secret is here"
    stored = transcript_from(transcript_to(masked_transcript(made, trial)))
    assert judge(made, restored_transcript(made, stored)).findings == (finding,)


def test_a_signature_is_no_signing_key() -> None:
    text = request()[-1].partition("Signature=")[2]
    assert len(text) == 64
    trial = lane(exchange(), answer=failure(text=f"403: {text}"))
    assert judge(case({"about": "a case"}), transcript(trial)).findings == ()


def test_a_finding_that_quotes_a_text_with_a_signing_key_does_not_show_it() -> None:
    text = f"403: {'x' * 150} {KEYS[3].hex()}"
    expect = {"required": {"answer": "content"}}
    trial = lane(exchange(), answer=failure(text=text, error_class=text))
    verdict = judge(case({"about": "a case", "expect": expect}), transcript(trial))
    assert len(verdict.findings) == 2
    assert KEYS[3].hex()[:24] not in repr(verdict)


def test_a_token_in_another_header_is_a_leak() -> None:
    lines = [*request(token=TOKEN), f"X-Trace: {TOKEN}"]
    verdict = judge(case({"about": "a case", **STS}), transcript(lane(exchange(lines))))
    assert [f.rule for f in verdict.findings] == ["auth.secret-leak"]


def test_a_token_alone_at_another_host_is_a_leak() -> None:
    lines = [*request(host="elsewhere.example.com", anonymous=True)]
    trial = lane(refused("AccessDenied", [*lines, f"x-oss-security-token: {TOKEN}"]))
    verdict = judge(case({"about": "a case", **STS}), transcript(trial))
    assert [f.rule for f in verdict.findings] == ["auth.secret-leak"]


@pytest.mark.parametrize(
    ("named", "claim"),
    [("oss-cn-shanghai.aliyuncs.com", "recommended"), ("oss-cn-beijing.aliyuncs.com", "required")],
)
def test_credentials_for_the_endpoint_that_an_error_names_are_as_those_for_a_redirect(
    named: str, claim: str
) -> None:
    body = f"<Error><Code>AccessDenied</Code><Endpoint>{named}</Endpoint></Error>"
    there = request(host="image-demo.oss-cn-shanghai.aliyuncs.com", region="cn-shanghai")
    first = {"request": request(), **reply("403 Forbidden", body)}
    given = {"about": "a case", "script": {"verify": False}}
    trial = lane(first, exchange(there))
    (found,) = judge(case(given), transcript(trial)).findings
    assert (found.rule, found.claim) == (LEAK, claim)


def test_a_leak_stands_before_what_follows_from_its_request() -> None:
    lines = request(host="elsewhere.example.com", anonymous=True)
    trial = lane(refused("AccessDenied", [*lines, f"x-oss-security-token: {TOKEN}"]))
    given = {"about": "a case", **STS, "expect": {"required": {"requests": 0}}}
    rules = [f.rule for f in judge(case(given), transcript(trial)).findings]
    assert rules == [LEAK, "transport.requests"]


@pytest.mark.parametrize(("alone", "claim"), [(True, "recommended"), (False, "required")])
def test_a_token_over_clear_text_without_authorization_is_recommended_only(
    alone: bool, claim: str
) -> None:
    lines = request(anonymous=True) if alone else request(token=TOKEN)
    if alone:
        lines = [*lines, f"x-oss-security-token: {TOKEN}"]
    seen = refused("AccessDenied", lines) if alone else exchange(lines)
    trial = lane({**seen, "scheme": "http"})
    (found,) = judge(case({"about": "a case", **STS}), transcript(trial)).findings
    assert (found.rule, found.claim) == ("auth.clear-text", claim)


def test_a_token_where_the_service_reads_it_is_no_finding() -> None:
    trial = lane(exchange(request(token=TOKEN)))
    assert judge(case({"about": "a case", **STS}), transcript(trial)).findings == ()


GATEWAY = {"input": {"endpoint": "https://192.0.2.7", "addressing": "path"}}
ELSEWHERE = "image-demo.oss-cn-beijing.aliyuncs.com"


@pytest.mark.parametrize(
    ("host", "went", "found"),
    [
        ("192.0.2.7:443", {"authority": "192.0.2.7:443"}, []),
        ("image-demo.oss-cn-hangzhou.aliyuncs.com", {"authority": "192.0.2.7:443"}, []),
        ("image-demo.oss-cn-hangzhou.aliyuncs.com", {}, ["auth.secret-leak"]),
        ("192.0.2.7", {"authority": "192.0.2.8:443"}, ["auth.secret-leak"]),
        ("192.0.2.7", {"sni": "elsewhere.example.com"}, ["auth.secret-leak"]),
        ("192.0.2.7", {"authority": "2001:db8::7:443"}, ["transport.malformed", LEAK]),
    ],
    ids=["right", "Host", "Host alone", "authority", "name in TLS", "authority unbracketed"],
)
def test_where_credentials_went_is_judged_by_the_connection(
    host: str, went: dict[str, str], found: list[str]
) -> None:
    path = "/example.jpg" if host.startswith("image-demo.") else "/image-demo/example.jpg"
    lines = request(host=host, target=f"{path}?x-oss-process=image%2Fbodies%2Csen_50")
    judged = judge(
        case({"about": "a case", **GATEWAY}), changed(transcript(lane(exchange(lines))), went)
    )
    assert judged.reason == ""
    assert [finding.rule for finding in judged.findings] == found


def test_an_address_without_brackets_in_connect_is_malformed_and_no_other_host() -> None:
    lines = request(
        host="[2001:db8::7]", target="/image-demo/example.jpg?x-oss-process=image%2Fbodies%2Csen_50"
    )
    given = {"input": {"endpoint": "https://[2001:db8::7]", "addressing": "path"}}
    trial = transcript(lane(exchange(lines)))
    for authority, found in (
        ("[2001:db8::7]:443", []),
        ("2001:DB8::7:443", ["transport.malformed"]),
    ):
        judged = judge(case({"about": "a case", **given}), changed(trial, {"authority": authority}))
        assert judged.reason == ""
        assert [finding.rule for finding in judged.findings] == found
        assert [finding.got for finding in judged.findings] == [repr(authority)] * len(found)


def test_credentials_in_absolute_form_go_to_the_host_of_the_target() -> None:
    lines = request()
    lines[0] = lines[0].replace(" /", f" http://{ELSEWHERE}/")
    data = {"about": "a case", "input": {"endpoint": "http://oss-cn-hangzhou.aliyuncs.com"}}
    trial = transcript(lane({**exchange(lines), "scheme": "http"}))
    judged = judge(case(data), trial)
    assert [f.rule for f in judged.findings] == ["auth.secret-leak"], judged.reason


def test_a_token_under_another_name_at_the_right_server_is_told_once() -> None:
    lines = [*request(), f"x-oss-token: {TOKEN}"]
    expect = {"required": {"token": "as-given", "verified": "accepted"}}
    trial = transcript(lane(refused("InvalidAccessKeyId", lines)))
    (found,) = judge(case({"about": "a case", "expect": expect, **STS}), trial).findings
    assert (found.rule, found.got) == ("auth.token", "it is in the header x-oss-token")


def test_a_token_that_the_service_named_in_its_error_is_no_leak_of_the_sdk() -> None:
    text = f"SignatureDoesNotMatch: x-oss-security-token:{TOKEN}"
    for body, found in ((f"<Error><Message>{text}</Message></Error>", []), ("", [LEAK])):
        seen = {**exchange(request(token=TOKEN)), "response_body": body}
        failed = {"kind": "error", "origin": "service", "error_class": "ServiceError", "text": text}
        trial = {"turns": [{"answer": failed, "exchanges": [seen]}]}
        verdict = judge(case({"about": "a case", **STS}), transcript(trial))
        assert [f.rule for f in verdict.findings] == found


def test_a_secret_on_standard_error_is_a_leak_of_the_trial() -> None:
    trial = replace(transcript(lane(exchange(request()))), stderr=f"signed with {SECRET}")
    findings = judge(case({"about": "a case"}), trial).findings
    assert [one.rule for one in findings] == [LEAK, "program.output"]
    assert findings[0].where == "standard error during the case"
    assert SECRET not in repr(findings)


def test_the_password_of_the_proxy_in_the_text_of_an_error_is_a_leak() -> None:
    given = {"input": {"proxy": {"user": "u", "password": "ExampleProxyPassword"}}}
    failed = failure(origin="transport", text="no answer from http://u:ExampleProxyPassword@proxy")
    verdict = judge(case({"about": "a case", **given}), transcript(lane(answer=failed)))
    assert [(one.rule, one.where) for one in verdict.findings] == [(LEAK, "text of the error")]
    assert verdict.findings[0].got == "the password of the proxy is here"


def test_every_kind_of_secret_has_a_name_in_findings() -> None:
    login = ProxyLogin(user="u", password="ExampleProxyPassword")
    given = asked(case({"about": "a case", **STS}), proxy=login)
    assert {one.kind for one in secrets(given.turns)} == NAMES.keys()
    assert len(NAMES) == 3
