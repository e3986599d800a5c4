"""Signature V1, in the header and in the URL: the string to sign and its signature.

Source: https://www.alibabacloud.com/help/zh/doc-detail/31951.htm . There is no canonical
request: five lines, the x-oss-* headers, and the resource with its sub-resources, decoded. Which
query parameters are sub-resources is a list; clients disagree about its end, see below.
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.model.case import Credentials
from conformance.model.http import Header, first
from conformance.oss.encode import raw, unwire
from conformance.oss.v4 import PREFIX, Unsigned

SCHEME = "OSS"

# Names are case-sensitive. The documented ones:
_DOCUMENTED = (
    "acl uploads location cors logging website referer lifecycle delete append tagging objectMeta "
    "uploadId partNumber security-token position img style styleName replication "
    "replicationProgress replicationLocation cname bucketInfo comp qos live status vod startTime "
    "endTime symlink x-oss-process callback callback-var response-content-type "
    "response-content-language response-expires response-cache-control "
    "response-content-disposition response-content-encoding"
)
# Those that oss2 signs besides (oss2/auth.py), and those of the second-generation Go SDK
# (oss/signer/v1.go), which also signs every parameter that begins with `x-oss-`.
_SIGNED_BY_SDKS = (
    "group link objectInfo restore stat encryption versions versioning versionId policy "
    "requestPayment qosInfo asyncFetch sequential inventory inventoryId continuation-token worm "
    "wormId wormExtend transferAcceleration metaQuery resourceGroup regionList cloudboxes"
)
SUB_RESOURCES = frozenset(f"{_DOCUMENTED} {_SIGNED_BY_SDKS}".split())
URL_PARAMETERS = ("OSSAccessKeyId", "Expires", "Signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLines:
    """The parts of a V1 string to sign, as text that stands for bytes (see `encode`).

    date: value of the date header, or `Expires` in a URL. headers: x-oss-* only, as in V4.
    """

    method: str
    md5: str
    type: str
    date: str
    headers: tuple[Header, ...]
    resource: str

    @property
    def text(self) -> str:
        """The string to sign."""
        block = "".join([f"{name}:{value}\n" for name, value in self.headers])
        head = f"{self.method}\n{self.md5}\n{self.type}\n{self.date}\n"
        return f"{head}{block}{self.resource}"


def is_sub_resource(name: str) -> bool:
    """Whether a query parameter of this name is signed."""
    return name in SUB_RESOURCES or name.startswith(PREFIX)


def resource_line(bucket: str | None, key: str, query: Iterable[tuple[str, str]]) -> str:
    """`/bucket/key?sub=value`: nothing is encoded, sub-resources sorted by name."""
    path = "/" if bucket is None else f"/{bucket}/{key}"
    subs = sorted([pair for pair in query if is_sub_resource(pair[0])])
    if not subs:
        return path
    return path + "?" + "&".join([f"{name}={value}" if value else name for name, value in subs])


def lines(asked: Unsigned, *, date: str) -> SigningLines:
    """The parts of the string to sign of a request with these headers and this query."""
    found: dict[str, str] = {}
    for field, value in asked.headers:
        name = field.lower()
        if name.startswith(PREFIX):
            text = unwire(value.strip(" \t"))
            found[name] = f"{found[name]},{text}" if name in found else text
    return SigningLines(
        method=asked.method,
        md5=unwire(first(asked.headers, "content-md5") or ""),
        type=unwire(first(asked.headers, "content-type") or ""),
        date=date,
        headers=tuple(sorted(found.items())),
        resource=resource_line(asked.bucket, asked.key, asked.query),
    )


def signature(text: str, *, secret: str) -> str:
    """The signature of a string to sign: Base64 of 20 bytes."""
    return base64.b64encode(hmac.digest(raw(secret), raw(text), "sha1")).decode("ascii")


def sign(asked: Unsigned, *, credentials: Credentials, date: str) -> tuple[Header, ...]:
    """The headers with Date, the token if there is one, and Authorization. date: RFC 1123, GMT."""
    added = [("Date", date)]
    if credentials.security_token:
        added.append(("x-oss-security-token", credentials.security_token))
    headers = (*asked.headers, *added)
    text = lines(_with(asked, headers, asked.query), date=date).text
    proof = signature(text, secret=credentials.access_key_secret or "")
    return (*headers, ("Authorization", f"{SCHEME} {credentials.access_key_id or ''}:{proof}"))


def presign(
    asked: Unsigned, *, credentials: Credentials, expires: int
) -> tuple[tuple[str, str], ...]:
    """The query pairs, decoded, of a URL that is good until `expires`, in Unix seconds."""
    query = asked.query
    if credentials.security_token:
        query = (*query, ("security-token", credentials.security_token))
    text = lines(_with(asked, asked.headers, query), date=str(expires)).text
    proof = signature(text, secret=credentials.access_key_secret or "")
    values = (credentials.access_key_id or "", str(expires), proof)
    return (*query, *zip(URL_PARAMETERS, values, strict=True))


def _with(
    asked: Unsigned, headers: tuple[Header, ...], query: tuple[tuple[str, str], ...]
) -> Unsigned:
    return Unsigned(
        method=asked.method, bucket=asked.bucket, key=asked.key, query=query, headers=headers
    )
