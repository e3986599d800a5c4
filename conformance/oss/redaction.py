"""Replaces the user's secrets by labels in whatever was sent, received, printed or reported.

The secrets that are known (access key id, secret, token, and the bucket if the user asks) are found
in every spelling that `oss.secret` knows, and a label is written in the same spelling. What is
only recognized by its place (signatures, account ids and names, what the service encodes of them)
is replaced by a fixed label. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.model.case import Credentials
from conformance.oss.secret import (
    KEY_SECRET,
    SHORTEST,
    Secret,
    in_text,
    masked_text,
    relabelled,
    with_keys,
)
from conformance.oss.secret_labels import BUCKET, label_key, real_key
from conformance.oss.v4 import Scope

SIGNATURE = b"redacted-signature"
ACCOUNT = b"1000000000000000"
# A signature behind its name, in a URL, a header field, an XML element or a printed dictionary; 27
# characters are the shortest, a SHA-1 in base64 without its padding.
_SIGNATURE = re.compile(
    rb"((?i:signature(?:provided)?)(?:=|%3[Dd]|>|[\"']?\s*[:=]\s*b?[\"']?))([0-9A-Za-z+/%_-]{27,}=?)"
)
# A V1 signature behind the label of the access key id.
_V1 = re.compile(rb"(OSS [^\s:]*Example[^\s:]*:)([0-9A-Za-z+/]{27}=)")
# Account ids have 16 digits.
_ACCOUNT = re.compile(rb"(?<![0-9A-Za-z.])[0-9]{16}(?![0-9A-Za-z.])")
# Elements that name an account or encode it, or the request with its token.
_ENCODED = re.compile(
    rb"(?<!/)((?:EncodedDiagnosticMessage|AuthPrincipalDisplayName|AuthPrincipalOwnerId|OwnerDisplayName"
    rb"|StringToSignBytes|CanonicalRequestBytes)(?:>|[\"']?\s*[:=]\s*b?[\"']?))([^<'\"&]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What is replaced and by what; `known` and `labels` have the same order."""

    known: tuple[Secret, ...]
    labels: tuple[Secret, ...]
    bucket: re.Pattern[bytes] | None = None  # a bucket too short to be found in other spellings

    def with_keys(self, scopes: tuple[Scope, ...]) -> "Redaction":
        """The same, which also replaces the signing keys of the secret for these scopes."""
        return replace(self, known=tuple(with_keys(secret, scopes) for secret in self.known))

    def data(self, data: bytes) -> bytes:
        """The bytes with labels in place of what is known."""
        if self.bucket is not None:
            data = self.bucket.sub(BUCKET.encode(), data)
        return relabelled(data, self.known, self.labels)

    def content(self, data: bytes, signatures: Sequence[bytes] = ()) -> bytes:
        """The content of a response, also without signatures and what names the account.

        signatures: those that are known, which the service may repeat.
        """
        for signature in signatures:
            data = data.replace(signature, SIGNATURE)
        return _by_place(self.data(data))

    def text(self, text: str) -> str:
        """A text of a runner or of the suite, also without the parts that a short quote shows."""
        text = masked_text(in_text(text, self.data), self.known)
        return in_text(text, _by_place)


def redaction(real: Credentials, bucket: str | None) -> Redaction:
    """The redaction of a live run. bucket: None to keep it."""
    key, label = real_key(real), label_key(real)
    pairs = [
        (Secret(kind="access-key-id", value=key.id), label.id),
        (Secret(kind=KEY_SECRET, value=key.secret), label.secret),
        (Secret(kind="security-token", value=key.token or ""), label.token or ""),
    ]
    short: re.Pattern[bytes] | None = None
    if bucket is not None and len(bucket) >= SHORTEST:
        pairs.append((Secret(kind="bucket", value=bucket), BUCKET))
    elif bucket is not None:
        short = re.compile(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % re.escape(bucket.encode()))
    pairs = sorted((pair for pair in pairs if pair[0].value), key=lambda pair: -len(pair[0].value))
    return Redaction(
        known=tuple(secret for secret, _ in pairs),
        labels=tuple(Secret(kind=secret.kind, value=label) for secret, label in pairs),
        bucket=short,
    )


def _by_place(data: bytes) -> bytes:
    data = _ENCODED.sub(rb"\1redacted", data)
    data = _SIGNATURE.sub(rb"\g<1>" + SIGNATURE, data)
    data = _V1.sub(rb"\g<1>" + SIGNATURE, data)
    return _ACCOUNT.sub(ACCOUNT, data)
