"""Error responses of the service: reading and writing the XML body, and the authentication errors.

The constants are the documented authentication errors. `[X]` marks a part that no public page
states, so that it was chosen for the mock; the suite never asserts such a part.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

Pair = tuple[str, str]

# XML 1.0 2.2: no document can contain these characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RECOMMEND = "https://api.aliyun.com/troubleshoot?q="


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """An error of the service."""

    status: int  # of the HTTP response
    code: str
    message: str
    ec: str = ""  # the more specific code, "" if none is documented
    extra: tuple[Pair, ...] = ()  # further elements

    def plus(self, *extra: Pair) -> "ServiceError":
        """The same error with further elements."""
        return replace(self, extra=self.extra + extra)


def render(error: ServiceError, *, request_id: str, host_id: str) -> bytes:
    """The XML body, elements in the documented order.

    Source: https://www.alibabacloud.com/help/en/document_detail/32005.html . RequestId and HostId
    follow Message, and further elements precede EC. Characters that XML does not allow become
    U+FFFD.
    """
    elements = [
        ("Code", error.code),
        ("Message", error.message),
        ("RequestId", request_id),
        ("HostId", host_id),
        *error.extra,
    ]
    if error.ec:
        elements += [("EC", error.ec), ("RecommendDoc", _RECOMMEND + error.ec)]
    lines = [f"  <{name}>{_text(value)}</{name}>" for name, value in elements]
    document = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<Error>", *lines, "</Error>"])
    return (document + "\n").encode("utf-8")


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value), {"\r": "&#13;"})


def read(body: bytes) -> dict[str, str] | None:
    """The names and texts of the children of an <Error> document; None for any other content.

    A body with a document type declaration is rejected, because entities can expand without limit;
    the service sends none.
    """
    if b"<!DOCTYPE" in body:
        return None
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, ValueError, LookupError):
        return None
    if root.tag != "Error":
        return None
    return {child.tag: child.text or "" for child in root}


def _denied(message: str, ec: str = "") -> ServiceError:
    return ServiceError(status=403, code="AccessDenied", message=message, ec=ec)


def _argument(message: str, ec: str) -> ServiceError:
    # 226 and 227 are documented as InvalidArgument 400; for the other header-format ECs [X].
    return ServiceError(status=400, code="InvalidArgument", message=message, ec=ec)


def _key(message: str, ec: str = "") -> ServiceError:
    return ServiceError(status=403, code="InvalidAccessKeyId", message=message, ec=ec)


_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
_INCOMPLETE = (
    "Query string authentication requires the Signature, Expires and OSSAccessKeyId parameters."
)

# https://help.aliyun.com/en/oss/user-guide/0002-00000201
V4_SIGNATURE = ServiceError(
    status=403, code="SignatureDoesNotMatch", message=_MISMATCH, ec="0002-00000201"
)
# https://help.aliyun.com/knowledge_detail/108790.html
V1_SIGNATURE = replace(V4_SIGNATURE, ec="0002-00000040")
# asserted by the unit tests of alibabacloud-oss-python-sdk-v2
KEY_UNKNOWN = _key(
    "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902"
)
# "How to troubleshoot 403" (the 403 page): code and "... is disabled."; the start of the text [X]
KEY_DISABLED = _key("The OSS Access Key Id you provided is disabled.")
# https://www.alibabacloud.com/help/en/oss/support/0002-00000504
SKEWED = ServiceError(
    status=403,
    code="RequestTimeTooSkewed",
    message="The difference between the request time and the current time is too large.",
    ec="0002-00000504",
)
# EC page 0002-00000503; code and message [X], as users quote them for V1
DATE_MISSING = _denied("OSS authentication requires a valid Date.", "0002-00000503")
DATE_MALFORMED = _denied("OSS authentication requires a valid Date.")
# EC pages 0002-00000007 and 0002-00000008, and the 403 page
TOKEN_EXPIRED = ServiceError(
    status=403,
    code="SecurityTokenExpired",
    message="The security token you provided has expired.",
    ec="0002-00000007",
)
TOKEN_INVALID = ServiceError(
    status=403,
    code="InvalidSecurityToken",
    message="The security token you provided is invalid.",
    ec="0002-00000008",
)
# lucky1213/aliyun_oss #19: the real body for a temporary key ID without its token
TOKEN_MISSING = _key(
    "The OSS Access Key Id you provided does not exist in our records. "
    "The Security Token may be lost to specify that it is a STS Access Id.",
    "0002-00000003",
)
# the 403 page names the code; the message is [X]
TOKEN_NOT_OF_KEY = ServiceError(
    status=403,
    code="AccessKeyIdAndSecurityTokenNotMatch",
    message="The access key ID and the security token do not match.",
)
# The bucket in the path at a public endpoint: treeverse/lakeFS #3613 has the body; no EC is known
PATH_STYLE = ServiceError(
    status=403,
    code="SecondLevelDomainForbidden",
    message="Please use virtual hosted style to access.",
)
# 404 page and EC page 0026-00000001
NO_KEY = ServiceError(
    status=404,
    code="NoSuchKey",
    message="The specified key does not exist.",
    ec="0026-00000001",
)
# Anonymous access to image/bodies is denied; code, message and EC are not published [X].
ANONYMOUS = _denied("Anonymous access is forbidden for this operation.")
# Two authorizations in one request: nothing is published [X].
TWO_SCHEMES = ServiceError(
    status=400, code="InvalidArgument", message="Only one authentication mechanism is allowed."
)

# https://help.aliyun.com/en/oss/user-guide/0002-00000NNN; only 226 and 227 print code and message
V4_MALFORMED = _argument("The Authorization header is malformed.", "0002-00000203")
V4_CREDENTIAL_MISSING = _argument(
    "The Authorization header has no Credential field.", "0002-00000205"
)
V4_SIGNATURE_EMPTY = _argument("The Authorization header has no signature.", "0002-00000208")
V4_ADDITIONAL_EMPTY = _argument("AdditionalHeaders is empty.", "0002-00000209")
V4_ADDITIONAL_ITEM = _argument("AdditionalHeaders has an empty item.", "0002-00000210")
V4_SIGN_DATE = _argument("Invalid signing date in Authorization header.", "0002-00000212")
V4_CREDENTIAL = _argument("Invalid Credential in Authorization header.", "0002-00000213")
V4_PAYLOAD = _argument("The value of x-oss-content-sha256 is not supported.", "0002-00000214")
# aliyun/alibabacloud-oss-go-sdk-v2 #29, #85
V4_REGION = _argument("Invalid signing region in Authorization header.", "0002-00000226")
# aliyun/alibabacloud-oss-python-sdk-v2 #74
V4_PRODUCT = _argument("Invalid signing product in Authorization header.", "0002-00000227")

# Nothing is published about an unknown version [X].
URL_VERSION = _denied("x-oss-signature-version is not OSS4-HMAC-SHA256.")
# V4 in the URL: EC pages; status, code and message [X], by analogy with V1
URL_EXPIRES_MISSING = _denied("x-oss-expires is missing.", "0002-00000215")
URL_EXPIRES_EMPTY = _denied("x-oss-expires is empty.", "0002-00000216")
URL_CREDENTIAL_MISSING = _denied("x-oss-credential is missing.", "0002-00000217")
URL_CREDENTIAL_EMPTY = _denied("x-oss-credential is empty.", "0002-00000218")
URL_SIGNATURE_MISSING = _denied("x-oss-signature is missing.", "0002-00000219")
URL_SIGNATURE_EMPTY = _denied("x-oss-signature is empty.", "0002-00000220")
URL_DATE = _denied("x-oss-date is not in the form 20231220T083018Z.", "0002-00000223")
URL_CREDENTIAL = _denied("x-oss-credential is malformed.", "0002-00000224")
URL_EXPIRES_RANGE = _denied("x-oss-expires must be 1 to 604800 seconds.", "0002-00000232")
URL_TOO_EARLY = _denied("Request is not valid yet.", "0002-00000235")
URL_EXPIRED = _denied("Request has expired.", "0002-00000236")

# V1: EC pages; the texts of 069 and 070 are documented, which text goes with 067 and 068 is [X]
V1_PREFIX = _argument("The Authorization header has no known prefix.", "0002-00000061")
V1_KEY_MISSING = _argument("The Authorization header has no access key ID.", "0002-00000063")
V1_SIGNATURE_MISSING = _argument("The Authorization header has no signature.", "0002-00000065")
V1_URL_INCOMPLETE = _denied(_INCOMPLETE, "0002-00000067")
V1_URL_EXPIRES_EMPTY = _denied(_INCOMPLETE, "0002-00000068")
V1_URL_EXPIRED = _denied("Request has expired.", "0002-00000069")
V1_URL_EXPIRES = _denied("Invalid date (should be seconds since epoch).", "0002-00000070")
