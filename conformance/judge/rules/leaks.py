"""Invariants of the family `auth`: secrets and tokens are sent only where they belong.

The secret and the signing keys that derive from it are searched for in all received bytes and in
what is printed, in every spelling that oss/secret.py knows. A token belongs in x-oss-security-token
(or, in a signed URL, in the query parameter of that name or `security-token`). Credentials must not
be sent to a host other than those of the endpoint, or over http if the endpoint is https. Where
they were sent is judged by where the connection went, not by what the Host field says. A finding
never quotes the leaked value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from conformance.judge.quote import quote as quoted
from conformance.judge.signing_scopes import scopes_of
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.model.case import Case, Level
from conformance.model.message import Answer, Ended, Failure, Several
from conformance.model.verdict import Transcript
from conformance.oss.derived_key import is_of_key
from conformance.oss.naming import bare_host, hosts, unbracketed
from conformance.oss.secret import KEY_SECRET, SHORTEST, Secret, masks_in, secrets, spelling_of

_TOKEN = ("x-oss-security-token", "security-token")
_HEADER = "header "  # followed by the name of the field, in the place of a leak
NAMES: Mapping[str, str] = {
    "access-key-secret": "the access key secret",
    "security-token": "the security token",
    "proxy-password": "the password of the proxy",
}

_ENDPOINT = re.compile(rb"<Endpoint>([A-Za-z0-9.-]+)</Endpoint>")
_LOGS = "Logs and error reports are read by people and other programs."
_SIGNING_KEY = "a signing key derived from the access key secret"


def secret(view: TurnView) -> Iterator[Violation]:
    """Invariant: the access key secret is never sent, nor a key that is derived from it."""
    journal = view.record.journal
    found = secrets([view.turn], view.scopes)
    known = [secret for secret in found if secret.kind == KEY_SECRET]
    to_proxy = ((0, "request to the proxy, ", exchange) for exchange in journal.proxy)
    numbered = ((number, "", one) for number, one in enumerate(journal.exchanges, start=1))
    for number, where, exchange in (*numbered, *to_proxy):
        for secret in known:
            form = spelling_of(secret, exchange.received)
            if form is not None:
                place = where + _place(exchange.received, secret)
                yield _leak(number, _what(secret, form), place)


def printed(case: Case, transcript: Transcript) -> Iterator[Violation]:
    """Invariant: no secret is printed, or is in the text of an error.

    A token that the service itself names in its error (as part of the string to sign) is no leak of
    the SDK that shows the error.
    """
    texts = [(place, text) for place, text in _printed(transcript) if text]
    for secret in secrets(case.turns, scopes_of(case.turns, transcript)) if texts else ():
        for place, text in texts:
            form = spelling_of(secret, text)
            if form is None or _echoed(secret, transcript):
                continue
            leak = _leak(0, _what(secret, form), place)
            yield replace(leak, why=_LOGS)
    yield from _printed_at_end(transcript)


def _printed_at_end(transcript: Transcript) -> Iterator[Violation]:
    """What a runner wrote while it ended, in which only secrets are of interest."""
    for kind, form in masks_in(transcript.at_end) if transcript.at_end else ():
        what = _what(Secret(kind=kind, value=""), form)
        leak = _leak(0, what, "standard error of the runner when it ended, after this case")
        yield replace(leak, why=_LOGS)


def _echoed(secret: Secret, transcript: Transcript) -> bool:
    """Whether the service itself named the secret in a response."""
    exchanges = [exchange for turn in transcript.turns for exchange in turn.journal.exchanges]
    token = secret.kind == "security-token"
    return token and any(spelling_of(secret, exchange.sent) for exchange in exchanges)


def _printed(transcript: Transcript) -> Iterator[tuple[str, bytes]]:
    """What people see of a trial besides its content, each with the name of its place."""
    yield "standard error during the case", transcript.stderr.encode("utf-8", "surrogatepass")
    for turn in transcript.turns:
        yield from _shown_by(turn.answer)


def _shown_by(answer: Answer | None) -> Iterator[tuple[str, bytes]]:
    if isinstance(answer, Failure):
        text = "\n".join(filter(None, (answer.error_class, answer.text, answer.message)))
        yield "text of the error", text.encode("utf-8", "surrogatepass")
    elif isinstance(answer, Ended):
        yield "standard output of the program", answer.stdout
        yield "standard error of the program", answer.stderr
    elif isinstance(answer, Several):
        for one in answer.answers:
            yield from _shown_by(one)


def token(view: TurnView) -> Iterator[Violation]:
    """Invariant: the token is sent only where the service reads it."""
    given = view.turn.input.credentials
    value = given.security_token if given else None
    if not value or len(value) < SHORTEST:
        return
    for request in view.requests:
        if misnamed_token(view, request) is not None:
            continue  # the expectation `token` reports it
        for part in _token_places(request, value):
            yield _leak(request.number, "the security token", part)


def misnamed_token(view: TurnView, request: RequestView) -> str | None:
    """The header field that has the token in place of the right one, at the right server."""
    given = view.turn.input
    value = given.credentials.security_token if given.credentials else None
    if not value or request.verification.token or server(request) not in _allowed(view):
        return None
    places = list(_token_places(request, value))
    alone = len(places) == 1 and places[0].startswith(_HEADER)
    return places[0].removeprefix(_HEADER) if alone else None


def other_host(view: TurnView) -> Iterator[Violation]:
    """Invariant: credentials are sent only to the hosts of the endpoint in the input.

    RFC 9110 15.4 has a SHOULD for redirects that are followed, so the level is then `recommended`.
    A security token is a credential even without an Authorization field.
    """
    allowed = _allowed(view)
    for request in view.requests:
        credentials, host = _credentials(request), server(request)
        if host in allowed or not credentials:
            continue
        redirected = host in _redirects(view, request.number)
        leak = _leak(request.number, credentials, f"request to the host {quoted(host)}")
        yield replace(leak, claim=Level.RECOMMENDED) if redirected else leak


def server(request: RequestView) -> str:
    """The host that the connection was made to, as far as the client named it.

    It is named by CONNECT, or else by the absolute form of the target (to a proxy) or in the TLS
    handshake. Without any of these only the Host field tells.
    """
    authority = request.exchange.authority
    if authority is not None:
        # An IPv6 address without brackets, which `transport.malformed` reports, is before the port.
        pair = unbracketed(authority)
        return pair[0].lower() if pair else bare_host(authority)
    target = request.message.target
    if not target.startswith("/") and "://" in target:
        return bare_host(target.partition("://")[2].partition("/")[0])
    return bare_host(request.exchange.sni or "") or request.host


def _allowed(view: TurnView) -> tuple[str, ...]:
    given = view.turn.input
    # An SDK may remove blanks around the name of the bucket: the bucket is the same.
    names = dict.fromkeys((given.bucket, given.bucket.strip()))
    return tuple(host for name in names for host in hosts(given.endpoint, name))


def clear_text(view: TurnView) -> Iterator[Violation]:
    """Invariant: no credentials are sent over http if the endpoint is https."""
    if not view.turn.input.endpoint.lower().startswith("https:"):
        return
    for request in view.requests:
        credentials = _credentials(request)
        if request.exchange.scheme == "http" and credentials:
            # A token proves nothing without the secret; 15.4 only asks to consider dropping it.
            alone = request.verification.auth == "anonymous"
            yield Violation(
                rule="auth.clear-text",
                part="connection",
                expected="credentials over https only, as the endpoint says",
                got=f"a request with {credentials} over http",
                why="Anyone on the network path can read them and repeat the request.",
                request=request.number,
                claim=Level.RECOMMENDED if alone else Level.REQUIRED,
            )


def _credentials(request: RequestView) -> str:
    """The user's credentials in a request, described for a finding; "" for none."""
    if request.verification.auth != "anonymous":
        return f"{request.verification.auth} credentials"
    return "the security token" if request.message.header(_TOKEN[0]) else ""


def _what(secret: Secret, form: str) -> str:
    """What leaks, in words. form: the name of the spelling that was found."""
    return _SIGNING_KEY if is_of_key(form) else NAMES[secret.kind]


def _leak(number: int, what: str, part: str) -> Violation:
    return Violation(
        rule="auth.secret-leak",
        part=part,
        expected=f"{what} only where the service reads it",
        got=f"{what} {'are' if what.endswith('credentials') else 'is'} here",
        why="Anyone who reads it there (a proxy, a log, another server) can act as the user.",
        request=number,
    )


def _place(received: bytes, secret: Secret) -> str:
    """The part of the request that contains the secret, without quoting it."""
    head, _, _ = received.partition(b"\r\n\r\n")
    start, *fields = head.split(b"\r\n")
    for field in fields:
        if spelling_of(secret, field) is not None:
            return "header " + field.partition(b":")[0].decode("latin-1")
    return "body" if spelling_of(secret, start) is None else "request target"


def _token_places(request: RequestView, value: str) -> Iterator[str]:
    """The parts of a request that contain the token, except those where the service reads it."""
    resource = request.verification.resource
    in_url = request.verification.auth.endswith("-query")
    for name, text in request.message.headers:
        if name.lower() != _TOKEN[0] and _contains(text, value):
            yield _HEADER + name
    for name, text in resource.query:
        if _contains(text, value) and not (in_url and name in _TOKEN):
            yield f"query parameter {name}"
    if _contains(resource.raw_path, value):
        yield "path"
    if request.message.body and _contains(request.message.body.decode("latin-1"), value):
        yield "body"


def _contains(text: str, value: str) -> bool:
    secret = Secret(kind="security-token", value=value)
    return spelling_of(secret, text.encode("utf-8", "surrogatepass")) is not None


def _redirects(view: TurnView, before: int) -> list[str]:
    """Hosts to which earlier responses of this turn redirected, or that an error names as endpoint.

    "Please send all future requests to this endpoint", says the service of the latter.
    """
    named: list[str] = []
    for exchange in view.record.journal.exchanges[: before - 1]:
        response = exchange.response
        if response is None:
            continue
        endpoint = _ENDPOINT.search(response.body)
        if endpoint:
            named += hosts(f"https://{endpoint[1].decode('latin-1')}", view.turn.input.bucket)
        location = response.header("location")
        if location:
            try:
                named.append(bare_host(urlsplit(location).netloc))
            except ValueError:
                continue
    return named
