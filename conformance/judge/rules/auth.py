"""Rules of the family `auth`: the identity that a request claims, and whether it is proved.

The judge verifies each signature over the received bytes. If it does not match, `mismatch.explain`
finds the canonical line that differs, and that line decides the rule of the finding: a query signed
in another encoding is `process.canonical`, an unsigned token is `auth.token`. The invariants about
leaks and clear text are in leaks.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from conformance.judge.calls import other_calls
from conformance.judge.quote import pair, quote, timeless
from conformance.judge.rules.leaks import misnamed_token
from conformance.judge.rules.refused_times import other_day, time_apart
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.mismatch.explain import Explanation, explain, keys_until
from conformance.mismatch.other_calls import PARALLEL_CALL
from conformance.model.case import JSON
from conformance.oss.authorization import FOREIGN
from conformance.oss.service_error import PATH_STYLE

ACCEPTED = "accepted"
VERIFICATION = "verification"  # the part of a finding that quotes the result
_REJECTED = "The service rejects the request or attributes it to another user."
_NOT_REFUSED = (
    "The service accepts a request that must be refused with what the call was given: it was made "
    "or signed with something else, such as values of an earlier call."
)
_OTHER_REFUSAL = "The program gets another error than what the call was given must lead to."
_OTHER_SCHEME = (
    "The service accepts the request, but the call asked for another kind of authentication "
    "(rules 6 to 8 of the runner protocol), of which this trial shows nothing."
)
CURRENT = "current"  # a signing time that is not before its call
URL_VALID = 3600  # seconds: rule 6 of runners/README.md
_ROUNDED = 2  # seconds by which an SDK may round
_YEARS = 10 * 365 * 86400  # seconds
_SOME = 600  # seconds that a run may take until a request
# Error code -> rule, if the code identifies the mistake; all others are `auth.signature`.
_BY_CODE = {
    "InvalidAccessKeyId": "auth.access-key",
    "InvalidSecurityToken": "auth.token",
    "SecurityTokenExpired": "auth.token",
    "SecurityTokenNotSupported": "auth.token",
    "AccessKeyIdAndSecurityTokenNotMatch": "auth.token",
}
# EC values that are more specific than the code: "Invalid signing region in Authorization header."
# and "The Security Token may be lost to specify that it is a STS Access Id."
_REGION_EC = "0002-00000226"
_TOKEN_EC = "0002-00000003"
# Parameters of a URL whose value is base64, or a token, which is likely to be.
_BASE64 = ("Signature", "x-oss-signature", "security-token", "x-oss-security-token")
_TOKEN_NAMES = ("x-oss-security-token", "security-token")


def scheme(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`auth`: how each request is authenticated."""
    accepted = {request.number for request in view.requests if request.verification.error is None}
    for violation in _each(
        view.requests, "auth.scheme", "authentication", expected, lambda r: r.verification.auth
    ):
        valid = violation.request in accepted
        yield replace(violation, why=_OTHER_SCHEME) if valid else violation


def access_key(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`access_key_id` of each request; `as-given`: that of the input."""
    part, expected = "access key id", _resolved(view, expected, "access_key_id")
    return _each(
        _of_oss(view), "auth.access-key", part, expected, lambda r: r.verification.access_key_id
    )


def token(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`token` of each request; `as-given`: that of the input, None: no token."""
    part, expected = "security token", _resolved(view, expected, "security_token")
    for violation in _each(
        _of_oss(view), "auth.token", part, expected, lambda r: r.verification.token
    ):
        request = next(r for r in view.requests if r.number == violation.request)
        name = misnamed_token(view, request)
        got = violation.got if name is None else f"it is in the header {name}"
        yield replace(violation, got=got)


def region(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`signing_region`: in the credential scope of each request."""
    part = "region in the credential scope"
    return _each(
        _of_oss(view), "auth.region", part, expected, lambda r: r.verification.signing_region
    )


def signing_time(view: TurnView, _: JSON) -> Iterator[Violation]:
    """`signing_time`: each request is signed with a time that is not before its call began."""
    for request in _of_oss(view):
        if _before_call(view, request):
            yield Violation(
                rule="auth.time",
                part="signed time",
                expected="the time of the call",
                got="a time before the call",
                why="15 minutes after a time that a client keeps, the service answers each of its "
                "requests with RequestTimeTooSkewed.",
                request=request.number,
            )


def show_signing_time(view: TurnView) -> str:
    """`current` or `before the call` for each request."""
    times = ("before the call" if _before_call(view, r) else CURRENT for r in view.requests)
    return ", ".join(times) or "no request"


def _before_call(view: TurnView, request: RequestView) -> bool:
    """Whether the time that a header is signed with is before its call by more than rounding.

    Both times are those of the program's clock, in whole seconds. The time in a URL is that from
    which it is valid, which may be earlier: see `expires`.
    """
    given = request.verification.authorization
    if given.moment is None or not given.auth.endswith("-header"):
        return False  # anonymous, or malformed, which `verified` reports
    began = request.exchange.clock - view.turn.script.clock_offset - request.exchange.at
    return began - given.moment > _ROUNDED


def verified(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`verified`: the result of verifying each request: `accepted` or the code of the error."""
    for request in view.requests:
        if request.verification.verified != expected and not _of_path_style(view, request):
            yield _unexpected_result(view, request, expected)


def bare_plus(view: TurnView) -> Iterator[Violation]:
    """Invariant: a `+` in a signature or token of a URL is percent-encoded."""
    for request in view.requests:
        for part in request.verification.resource.raw_query.split("&"):
            name, _, value = part.partition("=")
            if name in _BASE64 and "+" in value:
                yield Violation(
                    rule="auth.bare-plus",
                    part=f"query parameter {name}",
                    expected="%2B for each +",
                    got="a bare +",
                    why="A server that reads it as a space gets another value; not every value has "
                    "one, so the call fails now and then.",
                    request=request.number,
                )


def expires(view: TurnView) -> Iterator[Violation]:
    """Invariant: a presigned URL is valid for 3,600 seconds, as the runner has to ask for.

    Only the end counts: a validity that begins before the call, so that a server whose clock is
    slow accepts the URL, is as good. A URL is signed after the script was armed and before its
    request arrives, by the program's clock or the server's, if the SDK has learned that.
    """
    if view.turn.input.sign != "url":
        return
    for request in view.requests:
        given, exchange = request.verification.authorization, request.exchange
        if given.error is not None or not given.auth.endswith("-query"):
            continue
        v1 = given.auth == "v1-query"
        end = given.expires + (0 if v1 else given.moment or 0)
        left = [end - exchange.clock + ahead for ahead in (view.turn.script.clock_offset, 0)]
        if any(-exchange.at - _ROUNDED <= one - URL_VALID <= _ROUNDED for one in left):
            continue
        whole = not v1 and abs(given.expires - URL_VALID) > _ROUNDED
        yield Violation(
            rule="auth.expires",
            part=f"query parameter {'Expires' if v1 else 'x-oss-expires'}",
            expected=f"{URL_VALID} seconds" + ("" if whole else " after signing"),
            got=f"{given.expires} seconds" if whole else _remaining(left[0]),
            why="Whoever has the URL can use it for longer than the program asked for, or it ends "
            "too early.",
            request=request.number,
        )


def _remaining(seconds: int) -> str:
    """How long a URL is valid from its request on, in a text that is equal in equal runs."""
    if seconds > _YEARS:
        return "more than ten years after the request"
    if URL_VALID - _SOME <= seconds < URL_VALID:
        return "less than an hour after the request"
    return f"about {round(seconds, -1)} seconds after the request"


def _of_path_style(view: TurnView, request: RequestView) -> bool:
    """Whether `naming.path_style` reports the error."""
    return request.verification.error == PATH_STYLE and view.turn.input.addressing != "path"


def _resolved(view: TurnView, expected: JSON, member: str) -> JSON:
    """The expected value, with `as-given` replaced by the member of the input's credentials."""
    return (
        getattr(view.turn.input.credentials, member, None) if expected == "as-given" else expected
    )


def _each(
    requests: Iterable[RequestView],
    rule: str,
    part: str,
    expected: JSON,
    read: Callable[[RequestView], str | None],
) -> Iterator[Violation]:
    for request in requests:
        got = read(request)
        if got != expected:
            left, right = pair(expected, got)
            yield Violation(
                rule=rule,
                part=part,
                expected=left,
                got=right,
                why=_REJECTED,
                request=request.number,
            )


def _of_oss(view: TurnView) -> list[RequestView]:
    """The requests whose Authorization is not that of another service, which says nothing here."""
    return [request for request in view.requests if request.verification.auth not in FOREIGN]


def _unexpected_result(view: TurnView, request: RequestView, expected: str) -> Violation:
    error = request.verification.error
    if expected != ACCEPTED or error is None:
        rule = _BY_CODE.get(expected, "auth.signature")
        why = _NOT_REFUSED if error is None else _OTHER_REFUSAL
        result = quote(request.verification.verified)
        return replace(_wrong_result(request, rule, quote(expected), result), why=why)
    more = time_apart(request, view.turn.script.clock_offset) or other_day(request)
    got = f"{error.code} ({error.ec or 'no EC'}): {error.message}{more}"
    if error.ec == _REGION_EC:
        region = f"region {quote(view.turn.script.region)}"
        used = quote(request.verification.signing_region)
        return _wrong_result(request, "auth.region", region, used)
    if error.ec == _TOKEN_EC:
        return _wrong_result(request, "auth.token", "a security token", got)
    if error.code != "SignatureDoesNotMatch":
        no_scheme = request.verification.auth in ("anonymous", *FOREIGN)
        rule = "auth.scheme" if no_scheme else "auth.signature"
        return _wrong_result(request, _BY_CODE.get(error.code, rule), ACCEPTED, got)
    return _mismatch(view, request)


def _mismatch(view: TurnView, request: RequestView) -> Violation:
    script = view.turn.script
    explanation = explain(
        request.message,
        keys=keys_until(view.turns, view.number),
        region=script.region,
        clock=request.exchange.clock,
        bound=script.bound,
        others=other_calls(view.parts, view.call, view.turns),
    )
    if explanation is None or explanation.hypothesis is None:
        proof = request.verification
        signed = quote(timeless(proof.canonical or proof.string_to_sign))
        unsent = ", ".join(_unsent(request))
        return _wrong_result(
            request,
            "auth.signature",
            f"{ACCEPTED}; signed over {signed}",
            "a signature that no known mistake explains"
            + (f"; headers that it says are signed are not sent: {unsent}" if unsent else ""),
        )
    line = explanation.line
    expected, got = pair(_timeless_line(explanation.ours), _timeless_line(explanation.theirs))
    confused = explanation.hypothesis == PARALLEL_CALL
    return Violation(
        rule="auth.signature" if confused else _by_line(line),
        part=f"signature, {line or 'as a whole'}",
        expected=_over(explanation.ours, expected) if line else ACCEPTED,
        got=_signed(explanation, got, alike=expected == got),
        why=f"{explanation.sentence.rstrip('.')}. The service answers SignatureDoesNotMatch.",
        request=request.number,
    )


def _timeless_line(text: str) -> str:
    """As `timeless`, which knows some lines only between line feeds."""
    return timeless(f"\n{text}\n")[1:-1]


def _signed(explanation: Explanation, theirs: str, *, alike: bool) -> str:
    """What was signed. alike: both lines are shown alike, because only their times differ."""
    if not explanation.line or alike:
        return explanation.sentence
    if explanation.hypothesis == PARALLEL_CALL:
        as_call = explanation.sentence.removeprefix("It was ").rstrip(".")
        return f"{as_call}, over {theirs}"
    return _over(explanation.theirs, theirs)


def _over(line: str, quoted: str) -> str:
    return f"signed over {quoted}" if line else "signed without it"


def _unsent(request: RequestView) -> list[str]:
    """The additional headers that the authorization lists and the request does not have."""
    listed = request.verification.authorization.additional
    return [name for name in listed if request.message.header(name) is None]


def _by_line(line: str) -> str:
    if "query" in line:
        return "process.canonical"
    if any(name in line for name in _TOKEN_NAMES):
        return "auth.token"
    return "auth.signature"


def _wrong_result(request: RequestView, rule: str, expected: str, got: str) -> Violation:
    return Violation(
        rule=rule,
        part=VERIFICATION,
        expected=expected,
        got=got,
        why=_REJECTED,
        request=request.number,
    )
