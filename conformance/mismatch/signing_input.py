"""A signature in the making: every line that goes into it, each with a name, and the key.

V4 and V1 alike are lines joined by line feeds; named lines can be exchanged, left out and
compared one by one, which is how `explain` finds what a client did differently. `Facts` is what a
hypothesis may draw on.
"""

import base64
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss import v1, v4
from conformance.oss.authorization import Authorization
from conformance.oss.encode import raw
from conformance.oss.naming import Resource
from conformance.oss.v4 import Scope, Unsigned

Line = tuple[str, str]  # name and text

METHOD = "method"
URI = "canonical URI"
QUERY = "canonical query"
HEADER = "canonical header "  # and its name
HEADERS_END = "end of the headers"
ADDITIONAL = "additional headers"
PAYLOAD = "payload hash"
TIMESTAMP = "timestamp"
SCOPE = "scope"
# V1
MD5 = "Content-MD5"
TYPE = "Content-Type"
DATE = "date"
RESOURCE = "resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningInput:
    """What a signature is computed from. key: of the last HMAC. scope: None for V1.

    form: how the bytes are written: `hex`, `HEX` or `base64`. hashed: whether the canonical
    request enters the string to sign as its SHA-256 (V4).
    """

    lines: tuple[Line, ...]
    key: bytes
    form: str
    timestamp: str = ""
    scope: Scope | None = None
    hashed: bool = True

    @property
    def canonical(self) -> str:
        """V4: the canonical request; V1: the string to sign."""
        return "\n".join([text for _, text in self.lines])

    @property
    def string_to_sign(self) -> str:
        """What the last HMAC is taken of."""
        if self.scope is None or not self.hashed:
            return self.canonical
        return v4.string_to_sign(self.canonical, timestamp=self.timestamp, scope=self.scope)

    @property
    def signature(self) -> str:
        """The signature as a client that signs this would send it."""
        digest = hmac.digest(self.key, raw(self.string_to_sign), "sha256" if self.scope else "sha1")
        if self.form == "base64":
            return base64.b64encode(digest).decode("ascii")
        return digest.hex().upper() if self.form == "HEX" else digest.hex()

    @property
    def every_line(self) -> tuple[Line, ...]:
        """The lines with those of the string to sign behind them."""
        if self.scope is None:
            return self.lines
        return (*self.lines, (TIMESTAMP, self.timestamp), (SCOPE, self.scope.text))

    def line(self, name: str) -> str:
        """The text of a line, "" if it is not there."""
        return next((text for known, text in self.lines if known == name), "")

    def put(self, name: str, text: str) -> "SigningInput":
        """The same with another text in one line."""
        return replace(self, lines=tuple((n, text if n == name else t) for n, t in self.lines))

    def drop(self, name: str) -> "SigningInput":
        """The same without a line."""
        return replace(self, lines=tuple(line for line in self.lines if line[0] != name))

    def add_header(self, name: str, value: str) -> "SigningInput":
        """The same with one more canonical header, in its place."""
        headers = sorted([*self.headers(), (HEADER + name, f"{name}:{value}")])
        names = {known for known, _ in self.headers()}
        rest = [line for line in self.lines if line[0] not in names]
        names_left = [known for known, _ in rest]
        end = names_left.index(HEADERS_END if HEADERS_END in names_left else RESOURCE)
        return replace(self, lines=(*rest[:end], *headers, *rest[end:]))

    def headers(self) -> tuple[Line, ...]:
        """The lines of canonical headers."""
        return tuple(line for line in self.lines if line[0].startswith(HEADER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What arrived, read in every way; `key` is the one that the claim names."""

    request: Request
    resource: Resource
    claim: Authorization
    asked: Unsigned
    key: KnownKey
    keys: tuple[KnownKey, ...]
    region: str


def ours(facts: Facts) -> SigningInput | None:
    """The draft of the signature that the service computes; None if the claim is not whole."""
    claim, asked, secret = facts.claim, facts.asked, facts.key.secret
    if claim.error is not None:
        return None
    if claim.scope is None:
        found = v1.lines(asked, date=claim.timestamp)
        lines = (
            (METHOD, found.method),
            (MD5, found.md5),
            (TYPE, found.type),
            (DATE, found.date),
            *((HEADER + name, f"{name}:{value}") for name, value in found.headers),
            (RESOURCE, found.resource),
        )
        return SigningInput(lines=lines, key=raw(secret), form="base64")
    request = v4.canonical(asked)
    lines = (
        (METHOD, request.method),
        (URI, request.uri),
        (QUERY, request.query),
        *((HEADER + name, f"{name}:{value}") for name, value in request.headers),
        (HEADERS_END, ""),
        (ADDITIONAL, request.additional),
        (PAYLOAD, request.payload),
    )
    key = v4.signing_key(secret, claim.scope)
    return SigningInput(
        lines=lines, key=key, form="hex", timestamp=claim.timestamp, scope=claim.scope
    )


def differing(mine: SigningInput, theirs: SigningInput) -> Iterator[tuple[str, str, str]]:
    """Name, text of mine and of theirs of each line that differs, "" where one has no such line."""
    other = dict(theirs.every_line)
    for name, text in mine.every_line:
        if other.pop(name, None) != text:
            yield name, text, dict(theirs.every_line).get(name, "")
    yield from ((name, "", text) for name, text in other.items())
