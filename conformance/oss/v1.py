"""Signature V1, in the header and in the URL: the string to sign and its signature.

Source: https://www.alibabacloud.com/help/zh/doc-detail/31951.htm . There is no canonical request:
the string to sign has the method, three header values, the x-oss-* headers, and the resource with
its sub-resources, decoded. The query parameters that are sub-resources are listed below, because
clients disagree about them.
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace

from conformance.model.case import Credentials
from conformance.model.http import Header, first
from conformance.oss.encoding import raw, unwire
from conformance.oss.v4 import PREFIX, Unsigned, joined_fields

SCHEME = "OSS"

# Documented names of sub-resources; case-sensitive.
_DOCUMENTED = (
    "acl uploads location cors logging website referer lifecycle delete append tagging objectMeta "
    "uploadId partNumber security-token position img style styleName replication "
    "replicationProgress replicationLocation cname bucketInfo comp qos live status vod startTime "
    "endTime symlink x-oss-process callback callback-var response-content-type "
    "response-content-language response-expires response-cache-control "
    "response-content-disposition response-content-encoding"
)
# Names that oss2 (oss2/auth.py) and the second-generation Go SDK (oss/signer/v1.go) sign as well.
# The Go SDK also signs every parameter that begins with `x-oss-`.
_SIGNED_BY_SDKS = (
    "group link objectInfo restore stat encryption versions versioning versionId policy "
    "requestPayment qosInfo asyncFetch sequential inventory inventoryId continuation-token worm "
    "wormId wormExtend transferAcceleration metaQuery resourceGroup regionList cloudboxes"
)
SUB_RESOURCES = frozenset(f"{_DOCUMENTED} {_SIGNED_BY_SDKS}".split())
URL_PARAMETERS = ("OSSAccessKeyId", "Expires", "Signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLines:
    """The parts of a V1 string to sign, as decoded text (see `encoding`)."""

    method: str
    md5: str  # value of Content-MD5, "" without one
    type: str  # value of Content-Type, "" without one
    date: str  # value of the date header, or of `Expires` in a URL
    headers: tuple[Header, ...]  # x-oss-* only, in the form of `joined_fields`
    resource: str  # bucket, key and sub-resources

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
    """`/bucket/key?sub=value`, not encoded, with the sub-resources sorted by name."""
    path = "/" if bucket is None else f"/{bucket}/{key}"
    subs = sorted([pair for pair in query if is_sub_resource(pair[0])])
    if not subs:
        return path
    return path + "?" + "&".join([f"{name}={value}" if value else name for name, value in subs])


def lines(request: Unsigned, *, date: str) -> SigningLines:
    """The parts of the string to sign. date: the signed time as text."""
    oss_fields = [field for field in request.headers if field[0].lower().startswith(PREFIX)]
    return SigningLines(
        method=request.method,
        md5=unwire(first(request.headers, "content-md5") or ""),
        type=unwire(first(request.headers, "content-type") or ""),
        date=date,
        headers=joined_fields(oss_fields),
        resource=resource_line(request.bucket, request.key, request.query),
    )


def signature(text: str, *, secret: str) -> str:
    """The signature of a string to sign: 20 bytes in Base64."""
    return base64.b64encode(hmac.digest(raw(secret), raw(text), "sha1")).decode("ascii")


def sign(request: Unsigned, *, credentials: Credentials, date: str) -> tuple[Header, ...]:
    """The headers with Date, any security token, and Authorization. date: RFC 1123, GMT."""
    headers = (*request.headers, ("Date", date))
    if credentials.security_token:
        headers += (("x-oss-security-token", credentials.security_token),)
    text = lines(replace(request, headers=headers), date=date).text
    proof = signature(text, secret=credentials.access_key_secret or "")
    return (*headers, ("Authorization", f"{SCHEME} {credentials.access_key_id or ''}:{proof}"))


def presign(
    request: Unsigned, *, credentials: Credentials, expires: int
) -> tuple[tuple[str, str], ...]:
    """The decoded query pairs of a URL that is valid until `expires`, in Unix seconds."""
    query = request.query
    if credentials.security_token:
        query = (*query, ("security-token", credentials.security_token))
    text = lines(replace(request, query=query), date=str(expires)).text
    proof = signature(text, secret=credentials.access_key_secret or "")
    values = (credentials.access_key_id or "", str(expires), proof)
    return (*query, *zip(URL_PARAMETERS, values, strict=True))
