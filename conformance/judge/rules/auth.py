"""Rules of the family `auth`: who a request says it is, whether that is proved, and what leaks.

Whether a signature fits is the judge's own verification of the received bytes. When it
does not fit, `oss.explain` says which canonical line differs, and the finding is named by that
line: a query that was signed in another encoding is `process.canonical`, an unsigned token is
`auth.token`. Leaks and clear text need no expectation; leaks.py looks for them.
"""

from collections.abc import Callable, Iterator

from conformance.judge.quote import pair, quote, timeless
from conformance.judge.view import Miss, Sight, View
from conformance.mismatch.explain import Explanation, explain
from conformance.model.case import JSON

ACCEPTED = "accepted"
_REFUSED = "The service refuses the request, or takes it for somebody else's."
# Which rule a refusal speaks of, where its code says so; all others are about the signature.
_BY_CODE = {
    "InvalidAccessKeyId": "auth.access-key",
    "InvalidSecurityToken": "auth.token",
    "SecurityTokenExpired": "auth.token",
    "SecurityTokenNotSupported": "auth.token",
    "AccessKeyIdAndSecurityTokenNotMatch": "auth.token",
}
# Finer than the code: "Invalid signing region in Authorization header." and "The Security Token
# may be lost to specify that it is a STS Access Id."
_REGION_EC = "0002-00000226"
_TOKEN_EC = "0002-00000003"
_TOKEN_NAMES = ("x-oss-security-token", "security-token")


def scheme(view: View, expected: JSON) -> Iterator[Miss]:
    """`auth`: how each request is authenticated."""
    return _each(view, "auth.scheme", "authentication", expected, lambda s: s.found.auth)


def access_key(view: View, expected: JSON) -> Iterator[Miss]:
    """`access_key_id` of each request; `as-given`: that of the input."""
    if expected == "as-given":
        given = view.turn.input.credentials
        expected = given.access_key_id if given else None
    part = "access key id"
    return _each(view, "auth.access-key", part, expected, lambda s: s.found.access_key_id)


def token(view: View, expected: JSON) -> Iterator[Miss]:
    """`token` of each request; `as-given`: that of the input, None: none."""
    if expected == "as-given":
        given = view.turn.input.credentials
        expected = given.security_token if given else None
    return _each(view, "auth.token", "security token", expected, lambda s: s.found.token)


def region(view: View, expected: JSON) -> Iterator[Miss]:
    """`signing_region`: in the credential scope of each request."""
    part = "region in the credential scope"
    return _each(view, "auth.region", part, expected, lambda s: s.found.signing_region)


def verified(view: View, expected: JSON) -> Iterator[Miss]:
    """`verified`: what verification says of each request: `accepted`, or the error's code."""
    for sight in view.sights:
        if sight.found.verified != expected:
            yield _refusal(view, sight, expected)


def shown(read: Callable[[Sight], str | None]) -> Callable[[View], str]:
    """What to write into the profile of one value of each request."""

    def show(view: View) -> str:
        return ", ".join(quote(read(sight)) for sight in view.sights) or "no request"

    return show


def _each(
    view: View, rule: str, part: str, expected: JSON, read: Callable[[Sight], str | None]
) -> Iterator[Miss]:
    for sight in view.sights:
        got = read(sight)
        if got != expected:
            wanted, found = pair(expected, got)
            yield Miss(
                rule=rule,
                part=part,
                expected=wanted,
                got=found,
                why=_REFUSED,
                request=sight.number,
            )


def _refusal(view: View, sight: Sight, expected: str) -> Miss:
    error = sight.found.error
    if expected != ACCEPTED or error is None:
        rule = _BY_CODE.get(expected, "auth.signature")
        return _verdict(sight, rule, quote(expected), quote(sight.found.verified))
    got = f"{error.code} ({error.ec or 'no EC'}): {error.message}"
    if error.ec == _REGION_EC:
        region = f"region {quote(view.turn.script.region)}"
        return _verdict(sight, "auth.region", region, quote(sight.found.signing_region))
    if error.ec == _TOKEN_EC:
        return _verdict(sight, "auth.token", "a security token", got)
    if error.code != "SignatureDoesNotMatch":
        rule = "auth.scheme" if sight.found.auth == "anonymous" else "auth.signature"
        return _verdict(sight, _BY_CODE.get(error.code, rule), ACCEPTED, got)
    script = view.turn.script
    why_not = explain(
        sight.request, keys=script.keys, region=script.region, clock=sight.exchange.clock
    )
    if why_not is None or why_not.hypothesis is None:
        ours = f"{ACCEPTED}; signed over {quote(timeless(sight.found.canonical))}"
        return _verdict(sight, "auth.signature", ours, "a signature that nothing we know explains")
    return _explained(sight, why_not)


def _explained(sight: Sight, why_not: Explanation) -> Miss:
    expected, got = pair(why_not.ours, why_not.theirs)
    return Miss(
        rule=_by_line(why_not.line),
        part=f"signature, {why_not.line or 'as a whole'}",
        expected=f"signed over {expected}" if why_not.line else ACCEPTED,
        got=_signed(why_not, got),
        why=f"{why_not.sentence.rstrip('.')}. The service answers SignatureDoesNotMatch.",
        request=sight.number,
    )


def _signed(why_not: Explanation, theirs: str) -> str:
    if not why_not.line:
        return why_not.sentence
    return f"signed over {theirs}" if why_not.theirs else "signed without it"


def _by_line(line: str) -> str:
    if "query" in line:
        return "process.canonical"
    if any(name in line for name in _TOKEN_NAMES):
        return "auth.token"
    return "auth.signature"


def _verdict(sight: Sight, rule: str, expected: str, got: str) -> Miss:
    return Miss(
        rule=rule,
        part="verification",
        expected=expected,
        got=got,
        why=_REFUSED,
        request=sight.number,
    )
