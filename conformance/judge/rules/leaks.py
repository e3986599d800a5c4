"""Invariants of the family `auth`: secrets and tokens are sent only where they belong.

The secret is searched for in all received bytes: unchanged, percent-encoded, and in base64 at each
of its three alignments. A token belongs in x-oss-security-token (or, in a signed URL, in the query
parameter of that name or `security-token`). Credentials must not be sent to a host other than those
of the endpoint, or over http if the endpoint is https. Where they were sent is judged by where the
connection went, not by what the Host field says. A finding never quotes the leaked value.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from conformance.judge.quote import quote as quoted
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.model.case import Level
from conformance.oss.naming import bare_host, hosts

# Characters; shorter secrets would occur in requests by chance, and vectors use longer ones.
SHORTEST = 8
_TOKEN = ("x-oss-security-token", "security-token")
_HEADER = "header "  # followed by the name of the field, in the place of a leak


def secret(view: TurnView) -> Iterator[Violation]:
    """Invariant: the access key secret is never sent."""
    secrets = _secrets(view)
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        received = exchange.received
        plain = unquote_to_bytes(received) if b"%" in received else received
        for value in secrets:
            needle = next((n for n in _spellings(value) if n in received or n in plain), None)
            if needle is not None:
                yield _leak(number, "the access key secret", _place(received, needle))


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
        return bare_host(authority)
    target = request.message.target
    if not target.startswith("/") and "://" in target:
        return bare_host(target.partition("://")[2].partition("/")[0])
    return bare_host(request.exchange.sni or "") or request.host


def _allowed(view: TurnView) -> tuple[str, ...]:
    return hosts(view.turn.input.endpoint, view.turn.input.bucket)


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


def _leak(number: int, what: str, part: str) -> Violation:
    return Violation(
        rule="auth.secret-leak",
        part=part,
        expected=f"{what} only where the service reads it",
        got=f"sent here: {what}",
        why="Anyone who reads it there (a proxy, a log, another server) can act as the user.",
        request=number,
    )


def _secrets(view: TurnView) -> list[str]:
    given = view.turn.input.credentials
    used = given.access_key_secret.strip() if given and given.access_key_secret else ""
    known = [key.secret for key in view.turn.script.keys if key.secret != used]
    return [secret for secret in (used, *known) if len(secret) >= SHORTEST]


@lru_cache(maxsize=64)
def _spellings(value: str) -> tuple[bytes, ...]:
    data = value.encode("utf-8", "surrogateescape")
    spellings = {data, quote(data, safe="").encode()}
    for shift in range(3):
        # The base64 characters that depend on the secret alone.
        whole = base64.b64encode(b"\0" * shift + data)
        begin = (shift * 8 + 5) // 6
        end = (shift + len(data)) * 8 // 6
        spellings.add(whole[begin:end])
    return tuple(sorted(spellings))


def _place(received: bytes, needle: bytes) -> str:
    """The part of the request that contains the needle, without quoting it."""
    head, _, _ = received.partition(b"\r\n\r\n")
    start, *fields = head.split(b"\r\n")
    for field in fields:
        if needle in field or needle in unquote_to_bytes(field):
            return "header " + field.partition(b":")[0].decode("latin-1")
    return "request target" if needle in start or needle in unquote_to_bytes(start) else "body"


def _token_places(request: RequestView, value: str) -> Iterator[str]:
    """The parts of a request that contain the token, except those where the service reads it."""
    resource = request.verification.resource
    in_url = request.verification.auth.endswith("-query")
    for name, text in request.message.headers:
        if name.lower() != _TOKEN[0] and _contains(text, value):
            yield _HEADER + name
    for name, text in resource.query:
        if value in text and not (in_url and name in _TOKEN):
            yield f"query parameter {name}"
    if _contains(resource.raw_path, value):
        yield "path"
    if request.message.body and _contains(request.message.body.decode("latin-1"), value):
        yield "body"


def _contains(text: str, value: str) -> bool:
    return value in text or ("%" in text and value.encode() in unquote_to_bytes(text))


def _redirects(view: TurnView, before: int) -> list[str]:
    """Hosts to which earlier responses of this turn redirected."""
    named = []
    for exchange in view.record.journal.exchanges[: before - 1]:
        response = exchange.response
        location = response.header("location") if response is not None else None
        if location:
            try:
                named.append(bare_host(urlsplit(location).netloc))
            except ValueError:
                continue
    return named
