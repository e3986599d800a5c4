"""Authenticates a request as the service does: it is accepted, or gets the service's error.

The checks, in order: path style at an endpoint of the service, form of the authorization, key,
region and product, time, token, signature. The service's order is not published, so a case has only
one defect. The mock and the judge both verify every request; it takes well under 100 us.
"""

from dataclasses import dataclass, replace
from hmac import compare_digest

from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss import service_error as errors
from conformance.oss import v1, v4
from conformance.oss.authorization import Authorization
from conformance.oss.authorization import read as read_authorization
from conformance.oss.encoding import query_pairs, raw, spaced
from conformance.oss.naming import Pair, Resource, resolve
from conformance.oss.service_error import ServiceError

SKEW = 900  # seconds: https://www.alibabacloud.com/help/zh/doc-detail/31951.htm


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome of verifying one request."""

    auth: str  # as in `Authorization`
    error: ServiceError | None  # None if the request was accepted
    resource: Resource
    authorization: Authorization
    canonical: str = ""  # canonical request as the verifier builds it, decoded text; V4 only
    string_to_sign: str = ""  # as the verifier builds it, decoded text; "" if it cannot be built

    @property
    def verified(self) -> str:
        """`accepted`, or the code of the error."""
        return "accepted" if self.error is None else self.error.code

    @property
    def access_key_id(self) -> str | None:
        """The access key id that the request names."""
        return self.authorization.access_key_id

    @property
    def signing_region(self) -> str | None:
        """The region in the request's credential; None for V1."""
        return self.authorization.scope.region if self.authorization.scope else None

    @property
    def token(self) -> str | None:
        """The security token in the request."""
        return self.authorization.token


def verify(
    request: Request,
    *,
    keys: tuple[KnownKey, ...],
    region: str,
    clock: int,
    bound: tuple[Pair, ...] = (),
) -> Verification:
    """Authenticate one request; never raises.

    region: of the bucket. clock: of the service, Unix seconds. bound: pairs of a host name (CNAME)
    and the bucket that it is bound to. Anonymous requests are denied, as the operation's page says.
    """
    resource = resolve(host=request.header("host") or "", target=request.target, bound=bound)
    given = read_authorization(request, resource)
    key = owner(given, keys)
    signed = unsigned(request, resource, given)
    canonical, text = _texts(signed, given)
    error = (
        _of_style(resource)
        or given.error
        or _of_form(given, request)
        or _of_key(given, key)
        or _of_scope(given, region)
        or _of_time(given, clock)
        or _of_token(given, key)
    )
    # Nearly every request is signed as it was read; other readings are looked at otherwise only.
    if error is None and key is not None and not _same(_signed(text, given, key), given.signature):
        proved = _as_signed(request, resource, given, key)
        error = _mismatch(given, text) if proved is None else None
        resource = proved or resource
    return Verification(
        auth=given.auth,
        error=error,
        resource=resource,
        authorization=given,
        canonical=canonical,
        string_to_sign=text,
    )


def owner(given: Authorization, keys: tuple[KnownKey, ...]) -> KnownKey | None:
    """The known key with the authorization's id, preferably the one with its token; else None."""
    named = [key for key in keys if key.id == given.access_key_id]
    return next((key for key in named if key.token == given.token), named[0] if named else None)


def unsigned(request: Request, resource: Resource, given: Authorization) -> v4.Unsigned:
    """The request before it was signed."""
    query = resource.query
    if given.auth == "v4-query":
        query = tuple(pair for pair in query if pair[0] != v4.URL_SIGNATURE)
    return v4.Unsigned(
        method=request.method,
        bucket=resource.bucket,
        key=resource.key,
        query=query,
        headers=request.headers,
        additional=given.additional,
    )


def _texts(signed: v4.Unsigned, given: Authorization) -> tuple[str, str]:
    """(canonical request, string to sign); "" for one that cannot be built."""
    if given.auth.startswith("v1"):
        return "", v1.lines(signed, date=given.timestamp).text
    if given.scope is None:
        return "", ""
    canonical = v4.canonical(signed).text
    text = v4.string_to_sign(canonical, timestamp=given.timestamp, scope=given.scope)
    return canonical, text


def _of_style(resource: Resource) -> ServiceError | None:
    return errors.PATH_STYLE if resource.public and resource.addressing == "path" else None


def _of_form(given: Authorization, request: Request) -> ServiceError | None:
    if given.auth == "anonymous":
        return errors.ANONYMOUS
    payload = request.header("x-oss-content-sha256")
    if given.auth == "v4-header" and payload != v4.PAYLOAD:
        return errors.V4_PAYLOAD
    if given.auth == "v4-query" and payload not in (None, v4.PAYLOAD):
        return errors.V4_PAYLOAD
    return None


def _of_key(given: Authorization, key: KnownKey | None) -> ServiceError | None:
    named = ("OSSAccessKeyId", given.access_key_id or "")
    if key is None:
        return errors.KEY_UNKNOWN.plus(named)
    if key.state == "disabled":
        return errors.KEY_DISABLED.plus(named)
    return None


def _of_scope(given: Authorization, region: str) -> ServiceError | None:
    if given.scope is None:
        return None
    if given.scope.region != region:
        return errors.V4_REGION
    return None if given.scope.product == v4.PRODUCT else errors.V4_PRODUCT


def _of_time(given: Authorization, clock: int) -> ServiceError | None:
    if given.auth == "v1-query":
        return errors.V1_URL_EXPIRED if clock > given.expires else None
    moment = given.moment or 0
    if given.auth == "v4-query":
        if clock < moment - SKEW:
            return errors.URL_TOO_EARLY
        return errors.URL_EXPIRED if clock > moment + given.expires else None
    if abs(clock - moment) <= SKEW:
        return None
    return errors.SKEWED.plus(
        ("MaxAllowedSkewMilliseconds", str(SKEW * 1000)),
        ("RequestTime", _shown(moment)),
        ("ServerTime", _shown(clock)),
    )


def _shown(moment: int) -> str:
    iso = v4.timestamp(moment)
    day = f"{iso[:4]}-{iso[4:6]}-{iso[6:8]}"
    return f"{day}T{iso[9:11]}:{iso[11:13]}:{iso[13:15]}.000Z"


def _of_token(given: Authorization, key: KnownKey | None) -> ServiceError | None:
    if key is None:
        return None
    if key.token is None:
        if given.token:
            return errors.TOKEN_NOT_OF_KEY
    elif not given.token:
        return errors.TOKEN_MISSING.plus(("OSSAccessKeyId", key.id))
    elif given.token != key.token:
        return errors.TOKEN_INVALID
    return errors.TOKEN_EXPIRED if key.state == "expired" else None


def _as_signed(
    request: Request, resource: Resource, given: Authorization, key: KnownKey
) -> Resource | None:
    """The resource in the reading that the signature proves; None if it proves none.

    How the service reads a bare `+` in a query is not published: as itself, or as a space.
    """
    readings = [resource]
    if "+" in resource.raw_query:
        readings.append(replace(resource, query=query_pairs(spaced(resource.raw_query))))
    proved = (one for one in readings if _matches(unsigned(request, one, given), given, key))
    return next(proved, None)


def _matches(signed: v4.Unsigned, given: Authorization, key: KnownKey) -> bool:
    if _same(_signature(signed, given, key), given.signature):
        return True
    # The second-generation Go SDK signs only the last value of a repeated parameter.
    last = tuple(dict(signed.query).items())
    if given.scope is None or len(last) == len(signed.query):
        return False
    return _same(_signature(replace(signed, query=last), given, key), given.signature)


def _signature(signed: v4.Unsigned, given: Authorization, key: KnownKey) -> str:
    return _signed(_texts(signed, given)[1], given, key)


def _signed(text: str, given: Authorization, key: KnownKey) -> str:
    """The signature of a string to sign."""
    if given.scope is None:
        return v1.signature(text, secret=key.secret)
    return v4.signature(text, secret=key.secret, scope=given.scope)


def _same(ours: str, theirs: str) -> bool:
    return compare_digest(ours.encode("ascii"), raw(theirs))


def _mismatch(given: Authorization, text: str) -> ServiceError:
    base = errors.V4_SIGNATURE if given.scope else errors.V1_SIGNATURE
    spaced = "".join([f"{byte:02X} " for byte in raw(text)])  # documented with the trailing space
    return base.plus(
        ("OSSAccessKeyId", given.access_key_id or ""),
        ("SignatureProvided", given.signature),
        ("StringToSign", text),
        ("StringToSignBytes", spaced),
    )
