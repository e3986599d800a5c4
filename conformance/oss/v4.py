"""Signature V4: the parts of the canonical request, the signature, and signing a request.

The parts are separate so that each can be shown and compared. The verifier and the signer use the
same functions. Source: "Include a V4 signature in the Authorization header",
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
from conformance.oss.encoding import encode, raw, unwire

ALGORITHM = "OSS4-HMAC-SHA256"
PRODUCT = "oss"
SUFFIX = "aliyun_v4_request"
PAYLOAD = "UNSIGNED-PAYLOAD"  # the only value that is supported
PREFIX = "x-oss-"
SIGNED_BY_DEFAULT = ("content-type", "content-md5")  # and every x-oss-*
URL_SIGNATURE = "x-oss-signature"  # the only parameter that is not in the canonical query

# A derived key costs four HMACs, 10 us; a run has a few secrets on one or two days.
_CACHED_KEYS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a signing key is valid for."""

    date: str  # YYYYMMDD
    region: str  # `cn-hangzhou`
    product: str = PRODUCT

    @property
    def text(self) -> str:
        """`20231203/cn-hangzhou/oss/aliyun_v4_request`."""
        return f"{self.date}/{self.region}/{self.product}/{SUFFIX}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The parts of a canonical request, as decoded text (see `encoding`)."""

    method: str
    uri: str  # `/bucket/key`, encoded
    query: str  # encoded and sorted
    headers: tuple[Header, ...]  # names in lower case with trimmed values, sorted
    additional: str = ""  # names of additional headers, joined by `;`
    payload: str = PAYLOAD

    @property
    def text(self) -> str:
        """The canonical request; an empty line ends the block of headers."""
        block = "".join([f"{name}:{value}\n" for name, value in self.headers])
        return (
            f"{self.method}\n{self.uri}\n{self.query}\n{block}\n{self.additional}\n{self.payload}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A request to be signed, with V1 or V4."""

    method: str
    bucket: str | None  # None if the request names none
    key: str  # decoded
    query: tuple[tuple[str, str], ...] = ()  # decoded
    headers: tuple[Header, ...] = ()  # as they will be sent
    additional: tuple[str, ...] = ()  # V4: headers to sign besides those that are always signed


def canonical_uri(bucket: str | None, key: str) -> str:
    """`/bucket/key`, encoded except for `/`; virtual-hosted requests include the bucket too."""
    if bucket is None:
        return "/"
    return f"/{encode(bucket)}/{encode(key, keep='/')}"


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values encoded, sorted by encoded name; only the name if the value is empty."""
    encoded = sorted([(encode(name), encode(value)) for name, value in pairs])
    return "&".join([f"{name}={value}" if value else name for name, value in encoded])


def signed_by_default(name: str) -> bool:
    """Whether a header with this lower-case name is signed whenever it is sent."""
    return name.startswith(PREFIX) or name in SIGNED_BY_DEFAULT


def canonical_headers(headers: Iterable[Header], additional: tuple[str, ...]) -> tuple[Header, ...]:
    """The headers that are signed, in the form of `joined_fields`. additional: lower-case names."""
    signed = []
    for field in headers:
        name = field[0].lower()
        if name.startswith(PREFIX) or name in SIGNED_BY_DEFAULT or name in additional:
            signed.append(field)
    return joined_fields(signed)


def joined_fields(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Headers with lower-case names and trimmed values, sorted by name.

    The values of fields with the same name are joined by a comma (RFC 9110 5.2).
    """
    joined: dict[str, str] = {}
    for field, value in headers:
        name, text = field.lower(), unwire(value.strip(" \t"))
        joined[name] = f"{joined[name]},{text}" if name in joined else text
    return tuple(sorted(joined.items()))


def additional_list(names: Iterable[str]) -> tuple[str, ...]:
    """Names of additional headers in canonical form: lower case, sorted, without duplicates."""
    return tuple(sorted({name.lower() for name in names}))


def string_to_sign(canonical: str, *, timestamp: str, scope: Scope) -> str:
    """Four lines. timestamp: the value of x-oss-date as sent, or of Date if there is none."""
    digest = sha256(raw(canonical)).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{digest}"


@lru_cache(maxsize=_CACHED_KEYS)
def signing_key(secret: str, scope: Scope) -> bytes:
    """The derived key, 32 bytes."""
    return signing_keys(secret, scope)[-1]


def signing_keys(secret: str, scope: Scope) -> tuple[bytes, ...]:
    """The results of the steps of deriving a key, 32 bytes each; the last is the signing key."""
    key, keys = b"aliyun_v4" + raw(secret), []
    for part in (scope.date, scope.region, scope.product, SUFFIX):
        key = hmac.digest(key, raw(part), "sha256")
        keys.append(key)
    return tuple(keys)


def signature(text: str, *, secret: str, scope: Scope) -> str:
    """The signature of a string to sign: 64 lower-case hexadecimal digits."""
    return hmac.digest(signing_key(secret, scope), raw(text), "sha256").hex()


def timestamp(clock: int) -> str:
    """Unix seconds as ISO 8601 basic: `20231203T121212Z`."""
    return datetime.fromtimestamp(clock, UTC).strftime("%Y%m%dT%H%M%SZ")


def canonical(request: Unsigned) -> Canonical:
    """The canonical request; `additional` must be in canonical form (see `listed`)."""
    return Canonical(
        method=request.method,
        uri=canonical_uri(request.bucket, request.key),
        query=canonical_query(request.query),
        headers=canonical_headers(request.headers, request.additional),
        additional=";".join(request.additional),
    )


def sign(
    request: Unsigned, *, credentials: Credentials, region: str, clock: int, product: str = PRODUCT
) -> tuple[Header, ...]:
    """The headers of the signed request.

    Adds x-oss-date, x-oss-content-sha256, any security token, and Authorization. A missing id or
    secret counts as empty. clock: Unix seconds.
    """
    now = timestamp(clock)
    added = [("x-oss-date", now), ("x-oss-content-sha256", PAYLOAD)]
    if credentials.security_token:
        added.append(("x-oss-security-token", credentials.security_token))
    names = {name for name, _ in added}
    headers = (*(field for field in request.headers if field[0].lower() not in names), *added)
    request = replace(request, headers=headers, additional=listed(request.additional))
    scope = Scope(date=now[:8], region=region, product=product)
    items = [f"Credential={credentials.access_key_id or ''}/{scope.text}"]
    if request.additional:
        items.append(f"AdditionalHeaders={';'.join(request.additional)}")
    items.append(f"Signature={_signature(request, credentials, scope, now)}")
    return (*headers, ("Authorization", f"{ALGORITHM} {','.join(items)}"))


def presign(
    request: Unsigned, *, credentials: Credentials, region: str, clock: int, expires: int
) -> tuple[tuple[str, str], ...]:
    """The decoded query pairs of a URL that is valid for `expires` seconds from `clock`."""
    now = timestamp(clock)
    scope = Scope(date=now[:8], region=region)
    names = listed(request.additional)
    query = [
        *request.query,
        ("x-oss-signature-version", ALGORITHM),
        ("x-oss-credential", f"{credentials.access_key_id or ''}/{scope.text}"),
        ("x-oss-date", now),
        ("x-oss-expires", str(expires)),
    ]
    if names:
        query.append(("x-oss-additional-headers", ";".join(names)))
    if credentials.security_token:
        query.append(("x-oss-security-token", credentials.security_token))
    request = replace(request, query=tuple(query), additional=names)
    return (*query, (URL_SIGNATURE, _signature(request, credentials, scope, now)))


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are not signed by default, in the canonical form of AdditionalHeaders."""
    return tuple(name for name in additional_list(names) if not signed_by_default(name))


def _signature(request: Unsigned, credentials: Credentials, scope: Scope, now: str) -> str:
    text = string_to_sign(canonical(request).text, timestamp=now, scope=scope)
    return signature(text, secret=credentials.access_key_secret or "", scope=scope)
