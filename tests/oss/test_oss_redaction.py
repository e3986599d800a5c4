"""Every secret, in every spelling, is replaced by a label that is stable and spelt the same way."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from live.endpoint import IDENTITY, SECRET, TOKEN

from conformance.assets import VECTORS
from conformance.model.case import Credentials
from conformance.oss import secret_labels
from conformance.oss.redaction import redaction
from conformance.oss.secret_labels import label_key
from conformance.oss.v4 import Scope, signing_keys

USER = Credentials(access_key_id=IDENTITY, access_key_secret=SECRET, security_token=TOKEN)
LABEL = label_key(USER)
BUCKET = "bucket-of-the-user"
VALUES = {IDENTITY: LABEL.id, SECRET: LABEL.secret, TOKEN: LABEL.token, BUCKET: "examplebucket"}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "repr": lambda text: repr(text)[1:-1],
    "hex": lambda text: text.encode().hex(),
    "spaced hex": lambda text: text.encode().hex(" ").upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a line": lambda text: base64.b64encode(f"id={text}!".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_a_secret_is_replaced_in(spelling: str, value: str) -> None:
    spell = SPELLINGS[spelling]
    clean = redaction(USER, BUCKET)
    for text in (clean.text(f"a {spell(value)} b"), clean.data(f"a {spell(value)} b".encode())):
        shown = text if isinstance(text, str) else text.decode()
        assert spell(value)[4:-4] not in shown
        assert shown.startswith("a ")
        assert shown.endswith(" b")
    if spelling == "plain":
        assert clean.text(value) == VALUES[value]


def test_a_signing_key_is_replaced_by_that_of_the_label_in_the_same_spelling() -> None:
    scope = Scope(date="20261129", region="cn-beijing")
    clean = redaction(USER, None).with_keys((scope,))
    for key, label in zip(
        signing_keys(SECRET, scope), signing_keys(LABEL.secret, scope), strict=True
    ):
        assert clean.text(f"key {key.hex()}") == f"key {label.hex()}"
        coded = base64.b64encode(key)
        assert clean.data(b"key " + coded) == b"key " + base64.b64encode(label)


def test_a_short_bucket_is_replaced_as_a_word_only() -> None:
    clean = redaction(USER, "cats")
    assert clean.text("https://cats.oss/catsuit") == "https://examplebucket.oss/catsuit"


def test_a_bucket_that_is_not_to_be_redacted_is_kept() -> None:
    assert redaction(USER, None).text(BUCKET) == BUCKET


@pytest.mark.parametrize("text", [
    "x-oss-signature=" + "ab" * 32,
    "Signature=" + "ab" * 32,
    "Signature=" + quote("A" * 26 + "+/=", safe=""),
    "'SignatureProvided': '" + "ab" * 32,
    "<SignatureProvided>" + "A" * 27 + "=</SignatureProvided>",
    f"Authorization: OSS {IDENTITY}:" + "A" * 27 + "=",
    "acs:ram::1234567890123456:user/me",
    "<AuthPrincipalOwnerId>1234567890123456</AuthPrincipalOwnerId>",
    "'AuthPrincipalDisplayName': 'somebody'",
    "<EncodedDiagnosticMessage>AQEAAAAAZ</EncodedDiagnosticMessage>",
    "<StringToSignBytes>4F 53 53</StringToSignBytes>",
])  # fmt: skip
def test_what_only_its_place_tells_is_replaced(text: str) -> None:
    shown = redaction(USER, None).text(text)
    for part in ("ab" * 8, "A" * 20, "1234567890123456", "somebody", "AQEAAAAAZ", "4F 53"):
        assert part not in shown
    assert "redacted" in shown or "1000000000000000" in shown


@pytest.mark.parametrize("text", [
    '{"Confidence":0.7331234567890123,"Left":115}',
    "x-oss-hash-crc64ecma: 13420962247653419692",
    "</StringToSignBytes>\n  <EC>0002-00000201</EC>",
    "signature version v4",
])  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    clean = redaction(USER, None)
    assert clean.text(text) == text
    assert clean.content(text.encode()) == text.encode()


def test_the_labels_are_those_of_the_corpus() -> None:
    defaults = json.loads((VECTORS / "defaults.json").read_text())
    given, (key,) = defaults["input"], defaults["script"]["keys"]
    assert {"id": LABEL.id, "secret": LABEL.secret} == key
    labels = (secret_labels.BUCKET, secret_labels.OBJECT, secret_labels.REGION)
    assert labels == (given["bucket"], given["key"], given["region"])
