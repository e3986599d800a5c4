"""Signature V4: every canonical piece as text, the signature, and signing a request.

Pieces are built one by one so that each can be shown and compared; the verifier and the
signer build the same ones. Source: "Include a V4 signature in the Authorization header",
https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4 , and for
URLs https://alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls .
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from conformance.model.case import Credentials
from conformance.model.http import Header
from conformance.oss.encode import encode, raw, unwire

ALGORITHM = "OSS4-HMAC-SHA256"
PRODUCT = "oss"
SUFFIX = "aliyun_v4_request"
PAYLOAD = "UNSIGNED-PAYLOAD"  # the only value that is supported
PREFIX = "x-oss-"
SIGNED_BY_DEFAULT = ("content-type", "content-md5")  # and every x-oss-*
URL_SIGNATURE = "x-oss-signature"  # the one parameter that is not part of the canonical query

# A derived key costs four HMACs, 10 us; a run has a few secrets on one or two days.
_KEPT_KEYS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the signing key is good for. date: YYYYMMDD."""

    date: str
    region: str
    product: str = PRODUCT

    @property
    def text(self) -> str:
        """`20231203/cn-hangzhou/oss/aliyun_v4_request`."""
        return f"{self.date}/{self.region}/{self.product}/{SUFFIX}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The parts of a canonical request, each as text that stands for bytes (see `encode`).

    headers: names in lower case with trimmed values, sorted. additional: the `;`-joined list.
    """

    method: str
    uri: str
    query: str
    headers: tuple[Header, ...]
    additional: str = ""
    payload: str = PAYLOAD

    @property
    def text(self) -> str:
        """The canonical request; the header block ends with a line feed of its own."""
        block = "".join([f"{name}:{value}\n" for name, value in self.headers])
        return (
            f"{self.method}\n{self.uri}\n{self.query}\n{block}\n{self.additional}\n{self.payload}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A request to be signed: key and query decoded, headers as they will be sent.

    bucket: None for requests that name none. additional: names of headers to sign besides those
    that are always signed.
    """

    method: str
    bucket: str | None
    key: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[Header, ...] = ()
    additional: tuple[str, ...] = ()


def canonical_uri(bucket: str | None, key: str) -> str:
    """`/bucket/key` encoded with `/` kept; the bucket counts in virtual-hosted requests too."""
    if bucket is None:
        return "/"
    return f"/{encode(bucket)}/{encode(key, keep='/')}"


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values encoded, sorted by encoded name; a name alone when its value is empty."""
    encoded = sorted([(encode(name), encode(value)) for name, value in pairs])
    return "&".join([f"{name}={value}" if value else name for name, value in encoded])


def signed_by_default(name: str) -> bool:
    """Whether a header of this lower-case name is signed wherever it stands."""
    return name.startswith(PREFIX) or name in SIGNED_BY_DEFAULT


def canonical_headers(headers: Iterable[Header], additional: tuple[str, ...]) -> tuple[Header, ...]:
    """The headers that are signed: lower-case names, trimmed values, sorted.

    Fields of one name are joined by a comma (RFC 9110 5.2). additional: lower-case names.
    """
    found: dict[str, str] = {}
    for field, value in headers:
        name = field.lower()
        if name.startswith(PREFIX) or name in SIGNED_BY_DEFAULT or name in additional:
            text = unwire(value.strip(" \t"))
            found[name] = f"{found[name]},{text}" if name in found else text
    return tuple(sorted(found.items()))


def additional_list(names: Iterable[str]) -> tuple[str, ...]:
    """Names of additional headers in canonical form: lower case, each once, sorted."""
    return tuple(sorted({name.lower() for name in names}))


def string_to_sign(canonical: str, *, timestamp: str, scope: Scope) -> str:
    """Four lines. timestamp: the literal value of x-oss-date, or of Date where that is absent."""
    digest = sha256(raw(canonical)).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{digest}"


@lru_cache(maxsize=_KEPT_KEYS)
def signing_key(secret: str, scope: Scope) -> bytes:
    """The derived key, 32 bytes."""
    key = b"aliyun_v4" + raw(secret)
    for part in (scope.date, scope.region, scope.product, SUFFIX):
        key = hmac.digest(key, raw(part), "sha256")
    return key


def signature(text: str, *, secret: str, scope: Scope) -> str:
    """The signature of a string to sign: 64 lower-case hexadecimal digits."""
    return hmac.digest(signing_key(secret, scope), raw(text), "sha256").hex()


def timestamp(clock: int) -> str:
    """Unix seconds as ISO 8601 basic: `20231203T121212Z`."""
    return datetime.fromtimestamp(clock, UTC).strftime("%Y%m%dT%H%M%SZ")


def canonical(asked: Unsigned) -> Canonical:
    """The canonical request of what is asked; its list of additional headers stands as it is."""
    return Canonical(
        method=asked.method,
        uri=canonical_uri(asked.bucket, asked.key),
        query=canonical_query(asked.query),
        headers=canonical_headers(asked.headers, asked.additional),
        additional=";".join(asked.additional),
    )


def sign(
    asked: Unsigned, *, credentials: Credentials, region: str, clock: int, product: str = PRODUCT
) -> tuple[Header, ...]:
    """The headers of the request with those that sign it: what goes on the wire.

    Adds x-oss-date, x-oss-content-sha256, the token if there is one, and Authorization. An absent
    id or secret counts as empty. clock: Unix seconds.
    """
    now = timestamp(clock)
    added = [("x-oss-date", now), ("x-oss-content-sha256", PAYLOAD)]
    if credentials.security_token:
        added.append(("x-oss-security-token", credentials.security_token))
    names = {name for name, _ in added}
    headers = (*(field for field in asked.headers if field[0].lower() not in names), *added)
    asked = replace(asked, headers=headers, additional=listed(asked.additional))
    scope = Scope(date=now[:8], region=region, product=product)
    fields = [f"Credential={credentials.access_key_id or ''}/{scope.text}"]
    if asked.additional:
        fields.append(f"AdditionalHeaders={';'.join(asked.additional)}")
    fields.append(f"Signature={_proof(asked, credentials, scope, now)}")
    return (*headers, ("Authorization", f"{ALGORITHM} {','.join(fields)}"))


def presign(
    asked: Unsigned, *, credentials: Credentials, region: str, clock: int, expires: int
) -> tuple[tuple[str, str], ...]:
    """The query pairs, decoded, of a URL that is good for `expires` seconds from `clock` on."""
    now = timestamp(clock)
    scope = Scope(date=now[:8], region=region)
    names = listed(asked.additional)
    query = [
        *asked.query,
        ("x-oss-signature-version", ALGORITHM),
        ("x-oss-credential", f"{credentials.access_key_id or ''}/{scope.text}"),
        ("x-oss-date", now),
        ("x-oss-expires", str(expires)),
    ]
    if names:
        query.append(("x-oss-additional-headers", ";".join(names)))
    if credentials.security_token:
        query.append(("x-oss-security-token", credentials.security_token))
    asked = replace(asked, query=tuple(query), additional=names)
    return (*query, (URL_SIGNATURE, _proof(asked, credentials, scope, now)))


def _proof(asked: Unsigned, credentials: Credentials, scope: Scope, now: str) -> str:
    text = string_to_sign(canonical(asked).text, timestamp=now, scope=scope)
    return signature(text, secret=credentials.access_key_secret or "", scope=scope)


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """Names that may stand in AdditionalHeaders: those not signed by default, in canonical form."""
    return tuple(name for name in additional_list(names) if not signed_by_default(name))
