"""Authenticates a request as the service does: accepted, or the error it would answer.

Reads the claim, then asks in order: is its form right, is the key known and active, are
region and product ours, is the time within the window, is the token the key's, is the signature
the one we compute. The order among the refusals is not published; a case has one defect. Runs for
every request twice, in the mock and in the judge, so it is cheap: well under 100 us.
"""

from dataclasses import dataclass, replace
from hmac import compare_digest

from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss import authorization as claims
from conformance.oss import error, v1, v4
from conformance.oss.authorization import Authorization
from conformance.oss.encode import raw
from conformance.oss.error import ServiceError
from conformance.oss.naming import Pair, Resource, resolve

# https://www.alibabacloud.com/help/zh/doc-detail/31951.htm : 15 minutes
SKEW = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What became of one request's authentication.

    auth: `v4-header`, `v4-query`, `v1-header`, `v1-query` or `anonymous`. error: None if accepted.
    access_key_id, signing_region, token: as the request gives them, None where it does not.
    canonical: our canonical request (V4; "" otherwise). string_to_sign: ours, "" if there is
    nothing to sign. Both stand for bytes as `encode` says. scheme: of the connection.
    """

    auth: str
    error: ServiceError | None
    resource: Resource
    claim: Authorization
    canonical: str = ""
    string_to_sign: str = ""
    scheme: str = "https"

    @property
    def verified(self) -> str:
        """`accepted`, or the code of the error."""
        return "accepted" if self.error is None else self.error.code

    @property
    def access_key_id(self) -> str | None:
        """The access key id that the request names."""
        return self.claim.access_key_id

    @property
    def signing_region(self) -> str | None:
        """The region in the request's credential; None for V1."""
        return self.claim.scope.region if self.claim.scope else None

    @property
    def token(self) -> str | None:
        """The security token that the request carries."""
        return self.claim.token


def verify(  # noqa: PLR0913 - a request, three things the service knows, two of the connection
    request: Request,
    *,
    keys: tuple[KnownKey, ...],
    region: str,
    clock: int,
    scheme: str = "https",
    bound: tuple[Pair, ...] = (),
) -> Verification:
    """Authenticate one request; total. region: the bucket's. clock: the service's, Unix seconds.

    scheme: of the connection; kept in the result, no signature covers it. bound: pairs of a host
    name (CNAME) and the bucket behind it. Anonymous requests are denied: so says the page of the
    operation; with which code is not published.
    """
    resource = resolve(host=request.header("host") or "", target=request.target, bound=bound)
    claim = claims.read(request, resource)
    key = owner(claim, keys)
    canonical, text = texts(request, resource, claim)
    refusal = (
        claim.error
        or _of_form(claim, request)
        or _of_key(claim, key)
        or _of_scope(claim, region)
        or _of_time(claim, clock)
        or _of_token(claim, key)
    )
    if refusal is None and key is not None and not _matches(request, resource, claim, key, text):
        refusal = _mismatch(claim, text)
    return Verification(
        auth=claim.auth,
        error=refusal,
        resource=resource,
        claim=claim,
        canonical=canonical,
        string_to_sign=text,
        scheme=scheme,
    )


def owner(claim: Authorization, keys: tuple[KnownKey, ...]) -> KnownKey | None:
    """The known key that a claim names, the one with its token first; None if there is none."""
    named = [key for key in keys if key.id == claim.access_key_id]
    return next((key for key in named if key.token == claim.token), named[0] if named else None)


def unsigned(request: Request, resource: Resource, claim: Authorization) -> v4.Unsigned:
    """The request without its signature, as the signer had it."""
    query = resource.query
    if claim.auth == "v4-query":
        query = tuple(pair for pair in query if pair[0] != v4.URL_SIGNATURE)
    return v4.Unsigned(
        method=request.method,
        bucket=resource.bucket,
        key=resource.key,
        query=query,
        headers=request.headers,
        additional=claim.additional,
    )


def texts(request: Request, resource: Resource, claim: Authorization) -> tuple[str, str]:
    """Canonical request and string to sign, "" for what the claim does not allow to build."""
    asked = unsigned(request, resource, claim)
    if claim.auth.startswith("v1"):
        return "", v1.lines(asked, date=claim.timestamp).text
    if claim.scope is None:
        return "", ""
    canonical = v4.canonical(asked).text
    text = v4.string_to_sign(canonical, timestamp=claim.timestamp, scope=claim.scope)
    return canonical, text


def _of_form(claim: Authorization, request: Request) -> ServiceError | None:
    if claim.auth == "anonymous":
        return error.ANONYMOUS
    payload = request.header("x-oss-content-sha256")
    if claim.auth == "v4-header" and payload != v4.PAYLOAD:
        return error.V4_PAYLOAD
    if claim.auth == "v4-query" and payload not in (None, v4.PAYLOAD):
        return error.V4_PAYLOAD
    return None


def _of_key(claim: Authorization, key: KnownKey | None) -> ServiceError | None:
    named = ("OSSAccessKeyId", claim.access_key_id or "")
    if key is None:
        return error.KEY_UNKNOWN.plus(named)
    if key.state == "disabled":
        return error.KEY_DISABLED.plus(named)
    return None


def _of_scope(claim: Authorization, region: str) -> ServiceError | None:
    if claim.scope is None:
        return None
    if claim.scope.region != region:
        return error.V4_REGION
    return None if claim.scope.product == v4.PRODUCT else error.V4_PRODUCT


def _of_time(claim: Authorization, clock: int) -> ServiceError | None:
    if claim.auth == "v1-query":
        return error.V1_URL_EXPIRED if clock > claim.expires else None
    moment = claim.moment or 0
    if claim.auth == "v4-query":
        if clock < moment - SKEW:
            return error.URL_TOO_EARLY
        return error.URL_EXPIRED if clock > moment + claim.expires else None
    if abs(clock - moment) <= SKEW:
        return None
    return error.SKEWED.plus(
        ("MaxAllowedSkewMilliseconds", str(SKEW * 1000)),
        ("RequestTime", _shown(moment)),
        ("ServerTime", _shown(clock)),
    )


def _shown(moment: int) -> str:
    iso = v4.timestamp(moment)
    day = f"{iso[:4]}-{iso[4:6]}-{iso[6:8]}"
    return f"{day}T{iso[9:11]}:{iso[11:13]}:{iso[13:15]}.000Z"


def _of_token(claim: Authorization, key: KnownKey | None) -> ServiceError | None:
    if key is None:
        return None
    if key.token is None:
        if claim.token:
            return error.TOKEN_NOT_OF_KEY
    elif not claim.token:
        return error.TOKEN_MISSING.plus(("OSSAccessKeyId", key.id))
    elif claim.token != key.token:
        return error.TOKEN_INVALID
    return error.TOKEN_EXPIRED if key.state == "expired" else None


def _matches(
    request: Request, resource: Resource, claim: Authorization, key: KnownKey, text: str
) -> bool:
    if claim.scope is None:
        return _same(v1.signature(text, secret=key.secret), claim.signature)
    if _same(v4.signature(text, secret=key.secret, scope=claim.scope), claim.signature):
        return True
    # Of a parameter that comes twice, the second-generation Go SDK signs the last value only.
    asked = unsigned(request, resource, claim)
    last = tuple(dict(asked.query).items())
    if len(last) == len(asked.query):
        return False
    once = v4.canonical_query(last)
    canonical = replace(v4.canonical(asked), query=once)
    text = v4.string_to_sign(canonical.text, timestamp=claim.timestamp, scope=claim.scope)
    return _same(v4.signature(text, secret=key.secret, scope=claim.scope), claim.signature)


def _same(ours: str, theirs: str) -> bool:
    return compare_digest(ours.encode("ascii"), raw(theirs))


def _mismatch(claim: Authorization, text: str) -> ServiceError:
    base = error.V4_SIGNATURE if claim.scope else error.V1_SIGNATURE
    spaced = "".join([f"{byte:02X} " for byte in raw(text)])  # documented with the trailing space
    return base.plus(
        ("OSSAccessKeyId", claim.access_key_id or ""),
        ("SignatureProvided", claim.signature),
        ("StringToSign", text),
        ("StringToSignBytes", spaced),
    )
