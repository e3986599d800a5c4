"""What is recorded of an exchange with the live service: the same messages without the secrets.

The tap verifies each request with the user's key pair and records what it found. In the record the
label of the access key id stands for the id, and the signature is replaced by that of the label's
secret over the redacted request, or by a wrong one if the original was refused. So whoever reads
the results can verify them, and gets the same result as the tap. Nothing of this is sent. Pure.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.model.case import Credentials, KnownKey
from conformance.model.content_coding import decoded, encode
from conformance.model.http import Exchange, Request, Response
from conformance.oss import v1, v4
from conformance.oss.derived_key import scope_in
from conformance.oss.redaction import Redaction, redaction
from conformance.oss.secret_labels import label_key, real_key
from conformance.oss.verification import Verification, verify

LAST_CHUNK = b"0\r\n\r\n"
# Signatures that are none of any request, for those that were refused.
_WRONG_V4, _WRONG_V1 = "0" * 64, "A" * 27 + "="
_LENGTH = re.compile(rb"(?im)^(content-length:[ \t]*)([0-9]+)(?=[ \t]*\r?$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """How the exchanges of one user are recorded."""

    real: KnownKey  # of the user
    label: KnownKey  # what stands for it
    redaction: Redaction

    def recorded(self, exchange: Exchange, region: str) -> Exchange:
        """The exchange for the journal, with what its verification said. region: of the bucket."""
        request = exchange.request
        scopes = (v4.Scope(date=v4.timestamp(exchange.clock)[:8], region=region),)
        named = scope_in(exchange.received)
        redaction = self.redaction.with_keys(scopes if named is None else (*scopes, named))
        received, refusal = redaction.data(exchange.received), exchange.refusal
        signatures: tuple[bytes, ...] = ()
        if request is not None:
            found = verify(request, keys=(self.real,), region=region, clock=exchange.clock)
            refusal = refusal or (None if found.error is None else found.error.code)
            signatures = _spellings(found.authorization.signature)
            another = self._signature(received, found, region, exchange.clock)
            for signature in signatures:
                received = received.replace(signature, another)
        return replace(
            exchange,
            received=received,
            sent=_response(exchange.sent, redaction, signatures),
            refusal=refusal,
            sni=None if exchange.sni is None else redaction.text(exchange.sni),
            authority=None if exchange.authority is None else redaction.text(exchange.authority),
        )

    def _signature(self, received: bytes, found: Verification, region: str, clock: int) -> bytes:
        """The signature of the redacted request: of the label's secret, or a wrong one."""
        request = Request.read(received)
        text = _WRONG_V1 if found.auth.startswith("v1") else _WRONG_V4
        if request is not None and found.error is None:
            again = verify(request, keys=(self.label,), region=region, clock=clock)
            scope, secret = again.authorization.scope, self.label.secret
            text = (
                v1.signature(again.string_to_sign, secret=secret)
                if scope is None
                else v4.signature(again.string_to_sign, secret=secret, scope=scope)
            )
        return (quote(text, safe="") if found.auth.endswith("query") else text).encode()


def capture(real: Credentials, bucket: str | None) -> Capture:
    """The capture for a user's credentials. bucket: to redact; None: it is kept."""
    return Capture(real=real_key(real), label=label_key(real), redaction=redaction(real, bucket))


def _spellings(signature: str) -> tuple[bytes, ...]:
    if not signature:
        return ()
    written = (signature, quote(signature, safe=""), quote(signature, safe="").lower())
    return tuple(dict.fromkeys(text.encode("utf-8", "surrogateescape") for text in written))


def _response(sent: bytes, redaction: Redaction, signatures: tuple[bytes, ...]) -> bytes:
    """The response with a redacted head and content; its length fits if it fitted before."""
    response = Response.read(sent)
    if response is None:
        return redaction.content(sent, signatures)
    head, body = _split(sent)
    head = redaction.data(head)
    coding = (response.header("content-encoding") or "").lower()
    plain = decoded(response.body, coding) if coding not in ("", "identity") else response.body
    if plain is None:
        return head  # nobody can read what is coded like this, so nobody can clean it
    new = redaction.content(plain, signatures)
    if new == plain:
        return head + body
    if plain is not response.body:
        new = _encoded(new, coding)
    if response.header("transfer-encoding") is not None:
        return (
            head
            + b"%x\r\n%b\r\n" % (len(new), new)
            + (body[-5:] if body.endswith(b"0\r\n\r\n") else b"")
        )
    return _LENGTH.sub(lambda length: _fitting(length, len(body), len(new)), head) + new


def _fitting(length: re.Match[bytes], before: int, after: int) -> bytes:
    return length[1] + (b"%d" % after if int(length[2]) == before else length[2])


def _encoded(content: bytes, coding: str) -> bytes:
    return encode(content, "deflate" if coding == "deflate" else "gzip")


def _split(sent: bytes) -> tuple[bytes, bytes]:
    """The head of the final response with everything before it, and what follows."""
    at = 0
    while True:
        end = sent.index(b"\r\n\r\n", at) + 4
        status = sent[at:end].split(b" ", 2)[1][:1]
        if status != b"1" or not sent[end:]:
            return sent[:end], sent[end:]
        at = end
