"""What a proxy sees and what it must not see; a refusal of the proxy is no answer of the server."""

from typing import Any

import pytest
from judge.notation import SECRET, Json, case, transcript
from judge.rule_examples import HOST, content, exchange, failure, lane, reply, request

from conformance.judge import judge
from conformance.model.verdict import Outcome, Verdict

LOGIN = "Proxy-Authorization: Basic dTpw"
CONNECT = [f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443"]
TUNNEL = {"via": "connect", "authority": f"{HOST}:443"}
HTTP = {
    "endpoint": "http://oss-cn-hangzhou.aliyuncs.com",
    "proxy": {"user": "u", "password": "p"},
}
ABSOLUTE = request(target=f"http://{HOST}/example.jpg?x-oss-process=image%2Fbodies%2Csen_50")


def verdict(*exchanges: Json, answer: Json, proxy: Any = (), **about: Any) -> Verdict:
    data = {"about": "a case", "input": {"proxy": {"user": "u", "password": "p"}}, **about}
    return judge(case(data), transcript(lane(*exchanges, answer=answer, proxy=proxy)))


def asked(lines: list[str]) -> Json:
    """A request that the proxy refused."""
    response = reply("407 Proxy Authentication Required", "<html></html>")
    return {"request": lines, "via": "proxy", "scheme": "http", **response}


def rules(of: Verdict) -> list[str]:
    return [finding.rule for finding in of.findings]


NOT_SENT = failure(origin="transport", **dict.fromkeys(("status", "code", "message", "ec")))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([*CONNECT, LOGIN], []),
        ([*CONNECT, "authorization: OSS4-HMAC-SHA256 Credential=1"], ["auth.clear-text"]),
        ([*CONNECT, "Authorization: Basic dTpw"], []),
        ([*CONNECT, "x-oss-security-token: CAIS"], ["auth.clear-text"]),
        ([f"GET https://{HOST}/k?x-oss-signature=1 HTTP/1.1"], ["auth.clear-text"]),
        ([f"GET https://{HOST}/k HTTP/1.1"], []),
        ([*CONNECT, f"X-Trace: {SECRET}"], ["auth.secret-leak"]),
    ],
)
def test_a_refused_request_shows_the_proxy_no_credentials_of_the_service(
    lines: list[str], found: list[str]
) -> None:
    assert rules(verdict(answer=NOT_SENT, proxy=[asked(lines)])) == found


def test_an_http_endpoint_shows_its_proxy_everything() -> None:
    assert rules(verdict(answer=NOT_SENT, proxy=[asked(ABSOLUTE)], input=HTTP)) == []


def test_the_password_belongs_into_a_request_in_absolute_form() -> None:
    one = exchange([*ABSOLUTE, LOGIN], scheme="http")
    assert rules(verdict(one, answer=content(), input=HTTP)) == []


def test_the_password_in_a_tunnel_is_found_also_without_a_proxy_of_the_program() -> None:
    one = exchange([*request(), LOGIN], **TUNNEL)
    assert rules(verdict(one, answer=content(), input={})) == ["auth.proxy-authorization"]


def test_the_page_of_a_proxy_is_no_content() -> None:
    page = content("<html></html>")
    expect = {"required": {"requests": 0, "answer": "error"}}
    told = verdict(answer=page, proxy=[asked(CONNECT)], expect=expect)
    assert rules(told) == ["errors.kind"]


@pytest.mark.parametrize(
    ("exchanges", "proxy", "why"),
    [
        ([exchange()], [], "The program gets an error although the call succeeded."),
        ([exchange(**reply("307 Temporary Redirect", ""))], [], "None of the SDK's requests"),
        ([{**exchange(), "faults": ["reset"]}], [], "None of the SDK's requests"),
        ([], [asked(CONNECT)], "The proxy refused, so no request reached the server"),
        ([], [], "No request reached the server"),
    ],
)
def test_an_error_in_place_of_content_says_whether_the_call_succeeded(
    exchanges: list[Json], proxy: list[Json], why: str
) -> None:
    expect = {"required": {"answer": "content"}}
    found = verdict(*exchanges, answer=NOT_SENT, proxy=proxy, expect=expect).findings
    assert [one.why.startswith(why) for one in found if one.rule == "errors.kind"] == [True]


def test_a_proxy_that_nobody_asked_proves_nothing() -> None:
    script = {"proxy": ("refuse", 403)}
    expect = {"required": {"requests": 0, "answer": "error"}}
    for proxy, found in (((), ["transport.fault-unused"]), ([asked(CONNECT)], [])):
        told = verdict(answer=NOT_SENT, proxy=proxy, script=script, expect=expect)
        assert rules(told) == found


def test_a_runner_cannot_say_that_nothing_was_sent_to_a_proxy_that_refused() -> None:
    told = verdict(answer={**NOT_SENT, "origin": "client"}, proxy=[asked(CONNECT)])
    assert told.outcome is Outcome.ERROR
