"""Secrets in every spelling: found, masked, and restored to the byte."""

import base64
import json
from urllib.parse import quote

import pytest

from conformance.corpus.load import load
from conformance.oss.derived_key import scope_in, spelled
from conformance.oss.secret import (
    Secret,
    has_mask,
    is_clean,
    masked,
    masked_text,
    restored,
    secrets,
    spelling_of,
)
from conformance.oss.v4 import Scope

VALUE = 'Example/Secret+For Tests=%2F\\"é'
SECRET = Secret(kind="access-key-secret", value=VALUE)
DATA = VALUE.encode()
WRITTEN = {
    "plain": DATA,
    "header field": DATA.decode("latin-1").encode(),
    "Python literal": repr(VALUE).encode(),
    "JSON": json.dumps(VALUE).encode(),
    "percent-encoded": quote(VALUE, safe="").encode(),
    "percent-encoded in part": quote(VALUE).lower().encode(),
    "every byte percent-encoded": "".join(f"%{byte:02x}" for byte in DATA).encode(),
    "base64": base64.b64encode(DATA),
    "base64 after 1 byte": base64.b64encode(b"i" + DATA),
    "base64 after 2 bytes": base64.b64encode(b"id" + DATA),
    "base64 for URLs": base64.urlsafe_b64encode(DATA),
    "hex": DATA.hex().encode(),
    "upper hex": DATA.hex().upper().encode(),
    "bytes of a string to sign": DATA.hex(" ").upper().encode(),
}
# "percent-encoded in part" is lower case only where the escapes are: the value has to be as it is.
WRITTEN["percent-encoded in part"] = b"".join(
    quote(char, safe="").lower().encode() if char in "%/é" else char.encode() for char in VALUE
)
each_spelling = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)


@each_spelling
def test_a_secret_is_found_in_every_spelling(written: bytes) -> None:
    assert spelling_of(SECRET, b"before " + written + b" after") is not None
    assert spelling_of(SECRET, b"before " + written.swapcase()[1:] + b" after") is None


@each_spelling
def test_a_mask_hides_a_secret_and_can_be_undone(written: bytes) -> None:
    data = b"x=" + written + b"&y=" + written
    hidden = masked(data, [SECRET])
    assert spelling_of(SECRET, hidden) is None
    assert hidden.count(b"~masked-access-key-secret-1-") == 2
    assert restored(hidden, [SECRET]) == data


def test_the_number_in_a_mask_tells_secrets_apart() -> None:
    known = [Secret(kind="security-token", value="the-longer-secret"), SECRET]
    data = DATA + b" and the-longer-secret"
    assert restored(masked(data, known), known) == data


def test_a_quote_that_ends_within_a_secret_is_masked_too() -> None:
    known = [Secret(kind="security-token", value="ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    text = masked_text("'token ABCDEFGHIJKLMNOP'... (900 characters)", known)
    assert text == "'token ~part-of-security-token-1~'... (900 characters)"


def test_the_password_for_a_proxy_is_a_secret() -> None:
    cases = [case for case in load().cases if case.id == "transport/proxies/password"]
    assert [one.kind for one in secrets(cases[0].turns) if one.value.startswith("Word")] == [
        "proxy-password"
    ]


@pytest.mark.parametrize("start", range(0, len(VALUE) - 12, 3))
def test_a_text_with_a_part_of_a_secret_at_its_truncated_end_is_not_clean(start: int) -> None:
    part = VALUE[start : start + 12]
    text = f"'{part}... (4000 characters, sha256 00)"
    assert (masked_text(text, [SECRET]) == text) == is_clean(["first", text], [SECRET])
    assert part not in masked_text(text, [SECRET])
    assert is_clean(["first", text.replace(part, "nothing of it")], [SECRET])


@pytest.mark.parametrize("written", WRITTEN.values(), ids=list(WRITTEN))
def test_what_was_masked_is_known_to_have_a_mask(written: bytes) -> None:
    assert has_mask(masked(written, [SECRET]))
    assert not has_mask(written)


REQUEST = (
    b"GET /k HTTP/1.1\r\nAuthorization: OSS4-HMAC-SHA256 "
    b"Credential=id/20231203/cn-hangzhou/oss/aliyun_v4_request,Signature=00\r\n\r\n"
)


@pytest.mark.parametrize(
    ("data", "scope"),
    [
        (REQUEST, Scope(date="20231203", region="cn-hangzhou")),
        (
            b"GET /?x-oss-credential=id%2F20231204%2Fcn-beijing%2Foss%2Faliyun_v4_request HTTP/1.1",
            Scope(date="20231204", region="cn-beijing"),
        ),
        (b"aliyun_v4_request", None),
        (b"GET /id/today/cn-hangzhou/oss/aliyun_v4_request HTTP/1.1", None),
        (b"GET / HTTP/1.1", None),
    ],
)
def test_the_scope_of_a_request_is_read_from_its_credential(
    data: bytes, scope: Scope | None
) -> None:
    assert scope_in(data) == scope


def test_a_name_of_a_spelling_that_is_none_of_a_key_is_not_one() -> None:
    assert spelled("secret", "plain") is None
    assert spelled("secret", "v4-20231203-00-00-1-octal") is None
