"""What a request says about itself: scheme, key, scope, time, token and signature, unchecked.

Reads the Authorization header or the query once. Whatever is not well formed becomes the
error that the service documents for it, beside the fields that could be read; nothing raises.
Both orders of the fields and both spacings that SDKs use are read.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from conformance.model.http import Request, every
from conformance.oss import error
from conformance.oss.encode import unwire
from conformance.oss.error import ServiceError
from conformance.oss.naming import Resource
from conformance.oss.v1 import SCHEME, URL_PARAMETERS
from conformance.oss.v4 import ALGORITHM, SUFFIX, URL_SIGNATURE, Scope, additional_list

LONGEST = 604800  # seconds: seven days, the page "Add signatures to URLs"

_FIELDS = ("Credential", "AdditionalHeaders", "Signature")
_ISO = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_HTTP = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = re.compile(r"[0-9]{1,15}")
_KEPT = 256  # a date text stays the same for a second, and a replayed run repeats them


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What a request claims. error: what is wrong with its form, None if nothing is.

    auth: as in `Verification`. timestamp: the literal text that is signed as its time (V1 in a
    URL: `Expires`). moment: the same in Unix seconds. expires: seconds (V4) or Unix seconds (V1).
    additional: names of additional headers in canonical form.
    """

    auth: str
    error: ServiceError | None = None
    access_key_id: str | None = None
    signature: str = ""
    scope: Scope | None = None
    additional: tuple[str, ...] = ()
    timestamp: str = ""
    moment: int | None = None
    expires: int = 0
    token: str | None = None


@lru_cache(maxsize=_KEPT)
def moment_of(text: str) -> int | None:
    """Unix seconds of an ISO 8601 basic or RFC 1123 time; None if it is neither."""
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
    """The claim of a request; `anonymous` if it holds nothing that authenticates."""
    values = every(request.headers, "authorization")
    query: dict[str, str] = {}
    for name, value in resource.query:
        query.setdefault(name, value)
    v4_url = "x-oss-signature-version" in query or URL_SIGNATURE in query
    v1_url = "OSSAccessKeyId" in query or "Signature" in query
    if len(values) + v4_url + v1_url > 1:
        auth = _header_scheme(values[0]) if values else "v4-query"
        return Authorization(auth=auth, error=error.TWO_SCHEMES)
    if values:
        return _from_header(unwire(values[0].strip(" \t")), request)
    if v4_url:
        return _from_v4_query(query, request)
    if v1_url:
        return _from_v1_query(query)
    return Authorization(auth="anonymous")


def _header_scheme(value: str) -> str:
    return "v4-header" if value.startswith("OSS4") else "v1-header"


def _from_header(value: str, request: Request) -> Authorization:
    scheme, _, rest = value.partition(" ")
    if scheme == ALGORITHM:
        return _from_v4_header(rest, request)
    if scheme == SCHEME:
        return _from_v1_header(rest.strip(), request)
    if scheme.startswith("OSS4"):
        return Authorization(auth="v4-header", error=error.V4_MALFORMED)
    return Authorization(auth="v1-header", error=error.V1_PREFIX)


def _from_v4_header(rest: str, request: Request) -> Authorization:
    fields: dict[str, str] = {}
    malformed = False
    for item in rest.split(","):
        name, equals, text = item.strip().partition("=")
        malformed |= not equals or name not in _FIELDS or name in fields
        fields.setdefault(name, text)
    names = fields.get("AdditionalHeaders")
    items = tuple(names.split(";")) if names else ()
    date = request.header("x-oss-date")
    timestamp = unwire(date or request.header("date") or "")
    moment = moment_of(timestamp)
    identity, scope = _credential(fields.get("Credential", ""))
    token = request.header("x-oss-security-token")
    wrong = (
        (malformed, error.V4_MALFORMED),
        (not fields.get("Credential"), error.V4_CREDENTIAL_MISSING),
        (not fields.get("Signature"), error.V4_SIGNATURE_EMPTY),
        (names == "", error.V4_ADDITIONAL_EMPTY),
        ("" in items, error.V4_ADDITIONAL_ITEM),
        (scope is None, error.V4_CREDENTIAL),
        (scope is not None and not _is_day(scope.date), error.V4_SIGN_DATE),
        (not timestamp, error.DATE_MISSING),
        (moment is None or (date is not None and not date.endswith("Z")), error.DATE_MALFORMED),
        (scope is not None and moment is not None and not _same_day(scope, moment),
         error.V4_SIGN_DATE),
    )  # fmt: skip
    return Authorization(
        auth="v4-header",
        error=_first(wrong),
        access_key_id=identity,
        signature=fields.get("Signature", ""),
        scope=scope,
        additional=additional_list(items),
        timestamp=timestamp,
        moment=moment,
        token=unwire(token) if token else None,
    )


def _from_v4_query(query: dict[str, str], request: Request) -> Authorization:
    credential, proof = query.get("x-oss-credential"), query.get(URL_SIGNATURE)
    expires, timestamp = query.get("x-oss-expires"), query.get("x-oss-date", "")
    names = query.get("x-oss-additional-headers")
    items = tuple(names.split(";")) if names else ()
    identity, scope = _credential(credential or "")
    moment = moment_of(timestamp) if timestamp.endswith("Z") else None
    seconds = int(expires) if expires and _NUMBER.fullmatch(expires) else 0
    wrong = (
        (query.get("x-oss-signature-version") != ALGORITHM, error.URL_VERSION),
        (credential is None, error.URL_CREDENTIAL_MISSING),
        (credential == "", error.URL_CREDENTIAL_EMPTY),
        (proof is None, error.URL_SIGNATURE_MISSING),
        (proof == "", error.URL_SIGNATURE_EMPTY),
        (expires is None, error.URL_EXPIRES_MISSING),
        (expires == "", error.URL_EXPIRES_EMPTY),
        (scope is None or not _is_day(scope.date), error.URL_CREDENTIAL),
        (moment is None, error.URL_DATE),
        (scope is not None and moment is not None and not _same_day(scope, moment),
         error.URL_CREDENTIAL),
        (not 1 <= seconds <= LONGEST, error.URL_EXPIRES_RANGE),
    )  # fmt: skip
    # Java's presigned URL says `security-token`; the documentation and other SDKs the long name.
    token = query.get("x-oss-security-token") or query.get("security-token")
    sent = request.header("x-oss-security-token")
    return Authorization(
        auth="v4-query",
        error=_first(wrong),
        access_key_id=identity,
        signature=proof or "",
        scope=scope,
        additional=additional_list(item for item in items if item),
        timestamp=timestamp,
        moment=moment,
        expires=seconds,
        token=token or (unwire(sent) if sent else None),
    )


def _from_v1_header(rest: str, request: Request) -> Authorization:
    identity, colon, proof = rest.partition(":")
    timestamp = unwire(request.header("x-oss-date") or request.header("date") or "")
    moment = moment_of(timestamp)
    token = request.header("x-oss-security-token")
    wrong = (
        (not identity, error.V1_KEY_MISSING),
        (not colon or not proof, error.V1_SIGNATURE_MISSING),
        (not timestamp, error.DATE_MISSING),
        (moment is None, error.DATE_MALFORMED),
    )
    return Authorization(
        auth="v1-header",
        error=_first(wrong),
        access_key_id=identity or None,
        signature=proof,
        timestamp=timestamp,
        moment=moment,
        token=unwire(token) if token else None,
    )


def _from_v1_query(query: dict[str, str]) -> Authorization:
    identity, expires, proof = (query.get(name) for name in URL_PARAMETERS)
    number = expires is not None and _NUMBER.fullmatch(expires) is not None
    wrong = (
        (not identity or not proof or expires is None, error.V1_URL_INCOMPLETE),
        (expires == "", error.V1_URL_EXPIRES_EMPTY),
        (not number, error.V1_URL_EXPIRES),
    )
    return Authorization(
        auth="v1-query",
        error=_first(wrong),
        access_key_id=identity,
        signature=proof or "",
        timestamp=expires or "",
        expires=int(expires) if expires and number else 0,
        token=query.get("security-token") or None,
    )


def _first(wrong: tuple[tuple[bool, ServiceError], ...]) -> ServiceError | None:
    return next((error for found, error in wrong if found), None)


@lru_cache(maxsize=_KEPT)
def _credential(text: str) -> tuple[str | None, Scope | None]:
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != SUFFIX or not all(parts):
        return parts[0] or None, None
    identity, date, region, product, _ = parts
    return identity, Scope(date=date, region=region, product=product)


def _is_day(text: str) -> bool:
    return moment_of(f"{text}T000000Z") is not None


def _same_day(scope: Scope, moment: int) -> bool:
    return moment_of(f"{scope.date}T000000Z") == moment - moment % 86400
