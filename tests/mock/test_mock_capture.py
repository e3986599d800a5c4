"""A recorded exchange holds no secret, and its verification says what it said before."""

import gzip
from dataclasses import replace
from urllib.parse import quote

import pytest
from live.endpoint import IDENTITY, SECRET, TOKEN

from conformance.mock.capture import capture
from conformance.model.case import Credentials
from conformance.model.http import Exchange, Response
from conformance.oss import v1, v4
from conformance.oss.secret import Secret, spelling_of
from conformance.oss.secret_labels import label_key
from conformance.oss.verification import verify

USER = Credentials(access_key_id=IDENTITY, access_key_secret=SECRET, security_token=TOKEN)
BUCKET, REGION, CLOCK = "bucket-of-the-user", "cn-beijing", 1_700_000_000
HOST = f"{BUCKET}.oss-{REGION}.aliyuncs.com"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
SCHEMES = ("v4-header", "v4-query", "v1-header", "v1-query")


def signed(scheme: str, user: Credentials = USER) -> bytes:
    query: tuple[tuple[str, str], ...] = (("x-oss-process", "image/bodies,sen_50"),)
    asked = v4.Unsigned(
        method="GET", bucket=BUCKET, key="a b.jpg", query=query, headers=(("Host", HOST),)
    )
    fields = asked.headers
    if scheme == "v4-header":
        fields = v4.sign(asked, credentials=user, region=REGION, clock=CLOCK)
    elif scheme == "v4-query":
        query = v4.presign(asked, credentials=user, region=REGION, clock=CLOCK, expires=60)
    elif scheme == "v1-header":
        date = "Tue, 14 Nov 2023 22:13:20 GMT"
        fields = v1.sign(asked, credentials=user, date=date)
    else:
        query = v1.presign(asked, credentials=user, expires=CLOCK + 60)
    target = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in query)
    lines = [f"GET /a%20b.jpg?{target} HTTP/1.1", *(f"{name}: {text}" for name, text in fields)]
    return "\r\n".join([*lines, "", ""]).encode()


def exchange(received: bytes, sent: bytes = OK) -> Exchange:
    return Exchange(
        received=received, sent=sent, scheme="https", connection=1, clock=CLOCK, at=0.0,
        via="connect", authority=f"{HOST}:443", sni=HOST,
    )  # fmt: skip


def holds_a_secret(recorded: Exchange) -> bool:
    secrets = (Secret(kind="secret", value=text) for text in (IDENTITY, SECRET, TOKEN, BUCKET))
    parts = (recorded.received, recorded.sent, str((recorded.sni, recorded.authority)).encode())
    return any(spelling_of(secret, part) for secret in secrets for part in parts)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_accepted_request_is_accepted_with_the_label(scheme: str) -> None:
    recorded = capture(USER, BUCKET).recorded(exchange(signed(scheme)), REGION)
    request = recorded.request
    assert request is not None
    found = verify(request, keys=(label_key(USER),), region=REGION, clock=CLOCK)
    assert (recorded.refusal, found.verified, found.auth) == (None, "accepted", scheme)
    assert not holds_a_secret(recorded)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("change", "code"), [
    ({"access_key_secret": "another secret"}, "SignatureDoesNotMatch"),
    ({"access_key_id": "LTAI5tExampleOther"}, "InvalidAccessKeyId"),
])  # fmt: skip
def test_a_refused_request_is_refused_with_the_label(
    scheme: str, change: dict[str, str], code: str
) -> None:
    received = signed(scheme, replace(USER, **change))
    recorded = capture(USER, BUCKET).recorded(exchange(received), REGION)
    request = recorded.request
    assert request is not None
    found = verify(request, keys=(label_key(USER),), region=REGION, clock=CLOCK)
    assert (recorded.refusal, found.verified) == (code, code)
    assert not holds_a_secret(recorded)


ECHO = f"<Error><OSSAccessKeyId>{IDENTITY}</OSSAccessKeyId><B>{BUCKET}</B></Error>".encode()
LENGTH, CHUNKED = b"Content-Length: %d\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n"
PACKED = gzip.compress(ECHO)
BODIES = {
    "length": LENGTH % len(ECHO) + ECHO,
    "chunks": CHUNKED % (len(ECHO), ECHO) + b"0\r\n\r\n",
    "gzip": b"Content-Encoding: gzip\r\n" + LENGTH % len(PACKED) + PACKED,
    "broken gzip": b"Content-Encoding: gzip\r\n" + LENGTH % 9 + PACKED[:9],
    "an interim response": LENGTH % len(ECHO) + ECHO,
}


@pytest.mark.parametrize("form", BODIES)
def test_a_response_that_repeats_secrets_is_recorded_without_them(form: str) -> None:
    before = b"HTTP/1.1 100 Continue\r\n\r\n" if form == "an interim response" else b""
    sent = before + b"HTTP/1.1 403 Forbidden\r\n" + BODIES[form]
    recorded = capture(USER, BUCKET).recorded(exchange(signed("v4-header"), sent), REGION)
    response = Response.read(recorded.sent)
    assert response is not None
    body = response.body
    if form == "gzip":
        body = gzip.decompress(body)
    if form != "broken gzip":
        assert label_key(USER).id.encode() in body
        assert response.header("content-length") in (None, str(len(response.body)))
    assert not holds_a_secret(replace(recorded, sent=body))


def test_a_response_without_secrets_is_recorded_byte_for_byte() -> None:
    odd = b"HTTP/1.1 200 OK\r\nx-ODD:  1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\n{\r\n0\r\n\r\n"
    assert capture(USER, BUCKET).recorded(exchange(b"GET", odd), REGION).sent == odd
