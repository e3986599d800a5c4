"""Parses the authorization of a request: scheme, key, scope, time, token and signature.

Nothing is verified here and nothing raises. A malformed authorization has the error that the
service documents for it, beside the values that could be parsed. The items of the header may be in
any order, with or without spaces between them, because SDKs differ in that.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from conformance.model.http import Request
from conformance.oss import service_error as errors
from conformance.oss.encoding import unwire
from conformance.oss.naming import Resource
from conformance.oss.service_error import ServiceError
from conformance.oss.v1 import SCHEME, URL_PARAMETERS
from conformance.oss.v4 import ALGORITHM, SUFFIX, URL_SIGNATURE, Scope, additional_list

LONGEST = 604800  # seconds, seven days: the page "Add signatures to URLs"

# Of the Authorization field -> `Authorization.auth`; the names of other services in lower case.
_SCHEMES = {SCHEME: "v1-header", "aws4-hmac-sha256": "aws4-header", "bearer": "bearer"}
# What `Authorization.auth` says of an Authorization that is none of OSS.
FOREIGN = ("aws4-header", "bearer", "unknown")
_ITEMS = ("Credential", "AdditionalHeaders", "Signature")
_ISO = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) ({'|'.join(_MONTHS)})"
    r" ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_NUMBER = re.compile(r"[0-9]{1,15}")
_CACHED = 256  # dates and credentials; requests within a second have the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The authorization of a request, not verified."""

    # `v4-header`, `v4-query`, `v1-header`, `v1-query` or `anonymous`; of an Authorization that is
    # none of OSS `aws4-header`, `bearer` or `unknown`.
    auth: str
    error: ServiceError | None = None  # what is malformed, None if nothing is
    access_key_id: str | None = None
    signature: str = ""
    scope: Scope | None = None  # V4 only
    additional: tuple[str, ...] = ()  # names of additional headers in canonical form
    timestamp: str = ""  # the signed time as text; V1 in a URL: the value of `Expires`
    moment: int | None = None  # the same in Unix seconds; None in a URL of V1
    expires: int = 0  # V4 in a URL: seconds; V1 in a URL: Unix seconds
    token: str | None = None  # security token


@lru_cache(maxsize=_CACHED)
def moment_of(text: str) -> int | None:
    """Unix seconds of a time in ISO 8601 basic or RFC 1123 format; None for any other text."""
    iso = _ISO.fullmatch(text)
    http = None if iso else _HTTP.fullmatch(text)
    if iso:
        digits = "".join(iso.groups())
    elif http:
        month = _MONTHS.index(http[2]) + 1
        digits = f"{http[3]}{month:02d}{http[1]}{http[4]}{http[5]}{http[6]}"
    else:
        return None
    try:
        return int(datetime.strptime(digits + "+0000", "%Y%m%d%H%M%S%z").timestamp())
    except ValueError:  # 30 February
        return None


def read(request: Request, resource: Resource) -> Authorization:
    """The authorization of a request; `anonymous` if it has none."""
    auth, only = _form(request, resource)
    if not only:
        return Authorization(auth=auth, error=errors.TWO_SCHEMES)
    fields = request.values("authorization")
    if fields:
        return _from_header(unwire(fields[0].strip(" \t")), request)
    query: dict[str, str] = {}
    for name, value in resource.query:
        query.setdefault(name, value)
    if auth == "v4-query":
        return _from_v4_query(query, request)
    if auth == "v1-query":
        return _from_v1_query(query)
    return Authorization(auth=auth)


def form(request: Request, resource: Resource) -> str:
    """The `auth` of `read`, which takes a tenth of the time."""
    return _form(request, resource)[0]


def _form(request: Request, resource: Resource) -> tuple[str, bool]:
    """`auth`, and whether the request has no second authorization."""
    fields = request.values("authorization")
    names = {name for name, _ in resource.query}
    v4_url = "x-oss-signature-version" in names or URL_SIGNATURE in names
    v1_url = "OSSAccessKeyId" in names or "Signature" in names
    only = len(fields) + v4_url + v1_url <= 1
    if fields:
        return _header_scheme(fields[0]), only
    return ("v4-query" if v4_url else "v1-query" if v1_url else "anonymous"), only


def _header_scheme(value: str) -> str:
    scheme = value.strip(" \t").partition(" ")[0]
    if scheme.startswith("OSS4"):
        return "v4-header"
    return _SCHEMES.get(scheme if scheme == SCHEME else scheme.lower(), "unknown")


def _from_header(value: str, request: Request) -> Authorization:
    scheme, _, rest = value.partition(" ")
    if scheme == ALGORITHM:
        return _from_v4_header(rest, request)
    if scheme == SCHEME:
        return _from_v1_header(rest.strip(), request)
    if scheme.startswith("OSS4"):
        return Authorization(auth="v4-header", error=errors.V4_MALFORMED)
    return Authorization(auth=_header_scheme(value), error=errors.V1_PREFIX)


def _from_v4_header(rest: str, request: Request) -> Authorization:
    items: dict[str, str] = {}
    malformed = False
    for item in rest.split(","):
        name, equals, text = item.strip().partition("=")
        malformed |= not equals or name not in _ITEMS or name in items
        items.setdefault(name, text)
    listed = items.get("AdditionalHeaders")
    names = tuple(listed.split(";")) if listed else ()
    date = request.header("x-oss-date")
    timestamp = unwire(date or request.header("date") or "")
    moment = moment_of(timestamp)
    identity, scope = _credential(items.get("Credential", ""))
    token = request.header("x-oss-security-token")
    day = _day(scope)
    wrong = (
        (malformed, errors.V4_MALFORMED),
        (not items.get("Credential"), errors.V4_CREDENTIAL_MISSING),
        (not items.get("Signature"), errors.V4_SIGNATURE_EMPTY),
        (listed == "", errors.V4_ADDITIONAL_EMPTY),
        ("" in names, errors.V4_ADDITIONAL_ITEM),
        (scope is None, errors.V4_CREDENTIAL),
        (scope is not None and day is None, errors.V4_SIGN_DATE),
        (not timestamp, errors.DATE_MISSING),
        (moment is None or (date is not None and not date.endswith("Z")), errors.DATE_MALFORMED),
        (scope is not None and moment is not None and day != moment - moment % 86400,
         errors.V4_SIGN_DATE),
    )  # fmt: skip
    return Authorization(
        auth="v4-header",
        error=_first(wrong),
        access_key_id=identity,
        signature=items.get("Signature", ""),
        scope=scope,
        additional=additional_list(names),
        timestamp=timestamp,
        moment=moment,
        token=unwire(token) if token else None,
    )


def _from_v4_query(query: dict[str, str], request: Request) -> Authorization:
    credential, signature = query.get("x-oss-credential"), query.get(URL_SIGNATURE)
    expires, timestamp = query.get("x-oss-expires"), query.get("x-oss-date", "")
    names = query.get("x-oss-additional-headers", "").split(";")
    identity, scope = _credential(credential or "")
    moment = moment_of(timestamp) if timestamp.endswith("Z") else None
    day = _day(scope)
    seconds = int(expires) if expires and _NUMBER.fullmatch(expires) else 0
    wrong = (
        (query.get("x-oss-signature-version") != ALGORITHM, errors.URL_VERSION),
        (credential is None, errors.URL_CREDENTIAL_MISSING),
        (credential == "", errors.URL_CREDENTIAL_EMPTY),
        (signature is None, errors.URL_SIGNATURE_MISSING),
        (signature == "", errors.URL_SIGNATURE_EMPTY),
        (expires is None, errors.URL_EXPIRES_MISSING),
        (expires == "", errors.URL_EXPIRES_EMPTY),
        (day is None, errors.URL_CREDENTIAL),
        (moment is None, errors.URL_DATE),
        (moment is not None and day != moment - moment % 86400, errors.URL_CREDENTIAL),
        (not 1 <= seconds <= LONGEST, errors.URL_EXPIRES_RANGE),
    )  # fmt: skip
    # The Java SDK presigns with `security-token`, other SDKs and the documentation with the former.
    token = query.get("x-oss-security-token") or query.get("security-token")
    sent = request.header("x-oss-security-token")
    return Authorization(
        auth="v4-query",
        error=_first(wrong),
        access_key_id=identity,
        signature=signature or "",
        scope=scope,
        additional=additional_list(name for name in names if name),
        timestamp=timestamp,
        moment=moment,
        expires=seconds,
        token=token or (unwire(sent) if sent else None),
    )


def _from_v1_header(rest: str, request: Request) -> Authorization:
    identity, colon, signature = rest.partition(":")
    timestamp = unwire(request.header("x-oss-date") or request.header("date") or "")
    moment = moment_of(timestamp)
    token = request.header("x-oss-security-token")
    wrong = (
        (not identity, errors.V1_KEY_MISSING),
        (not colon or not signature, errors.V1_SIGNATURE_MISSING),
        (not timestamp, errors.DATE_MISSING),
        (moment is None, errors.DATE_MALFORMED),
    )
    return Authorization(
        auth="v1-header",
        error=_first(wrong),
        access_key_id=identity or None,
        signature=signature,
        timestamp=timestamp,
        moment=moment,
        token=unwire(token) if token else None,
    )


def _from_v1_query(query: dict[str, str]) -> Authorization:
    identity, expires, signature = (query.get(name) for name in URL_PARAMETERS)
    number = expires is not None and _NUMBER.fullmatch(expires) is not None
    wrong = (
        (not identity or not signature or expires is None, errors.V1_URL_INCOMPLETE),
        (expires == "", errors.V1_URL_EXPIRES_EMPTY),
        (not number, errors.V1_URL_EXPIRES),
    )
    return Authorization(
        auth="v1-query",
        error=_first(wrong),
        access_key_id=identity,
        signature=signature or "",
        timestamp=expires or "",
        expires=int(expires) if expires and number else 0,
        token=query.get("security-token") or None,
    )


def _first(wrong: tuple[tuple[bool, ServiceError], ...]) -> ServiceError | None:
    for is_wrong, error in wrong:
        if is_wrong:
            return error
    return None


@lru_cache(maxsize=_CACHED)
def _credential(text: str) -> tuple[str | None, Scope | None]:
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != SUFFIX or not all(parts):
        return parts[0] or None, None
    identity, date, region, product, _ = parts
    return identity, Scope(date=date, region=region, product=product)


def _day(scope: Scope | None) -> int | None:
    """The first second of the day of a scope, Unix seconds; None if it names no day."""
    return moment_of(f"{scope.date}T000000Z") if scope else None
