"""Always-on rules of the family `auth`: secrets and tokens where they do not belong.

The secret is looked for in every received byte: as it is, percent-encoded and in base64
at each of its three alignments. A token belongs into x-oss-security-token (or, in a URL that is
signed, the query parameter of that name or `security-token`) and nowhere else. Neither may a
credential go to a host that was not asked for, nor over clear text when https was asked for
(RFC 9110 15.4, 17.16). A finding never quotes what leaked.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from conformance.judge.quote import quote as quoted
from conformance.judge.view import Miss, Sight, View
from conformance.model.case import Level
from conformance.oss.naming import bare_host, hosts

# Shorter strings stand in ordinary requests by chance; vectors use longer ones.
SHORTEST = 8
_TOKEN = ("x-oss-security-token", "security-token")
_WHY = "Whoever reads it there (a proxy, a log, another server) can act in the user's name."


def secret(view: View) -> Iterator[Miss]:
    """Always: the secret key never leaves the program."""
    for exchange, number in _numbered(view):
        plain = unquote_to_bytes(exchange) if b"%" in exchange else exchange
        for value in _secrets(view):
            needle = next((n for n in _needles(value) if n in exchange or n in plain), None)
            if needle is not None:
                yield _leak(number, "the access key secret", _line(exchange, needle))


def token(view: View) -> Iterator[Miss]:
    """Always: the token stands only where the service reads it."""
    given = view.turn.input.credentials
    value = given.security_token if given else None
    if not value or len(value) < SHORTEST:
        return
    for sight in view.sights:
        for part in _token_places(sight, value):
            yield _leak(sight.number, "the security token", part)


def other_host(view: View) -> Iterator[Miss]:
    """Always: credentials go to the hosts of the endpoint that was asked for.

    RFC 9110 15.4 says SHOULD about following a redirect, so then the claim is `recommended`. A
    security token is a credential too, if the Authorization beside it was taken away.
    """
    given = view.turn.input
    allowed = hosts(given.endpoint, given.bucket)
    for sight in view.sights:
        carried = _carried(sight)
        if sight.host in allowed or not carried:
            continue
        led = sight.host in _redirects(view, sight.number)
        miss = _leak(sight.number, carried, f"request to the host {quoted(sight.host)}")
        yield replace(miss, claim=Level.RECOMMENDED) if led else miss


def clear_text(view: View) -> Iterator[Miss]:
    """Always: what was asked for over https does not carry credentials over http."""
    if not view.turn.input.endpoint.lower().startswith("https:"):
        return
    for sight in view.sights:
        carried = _carried(sight)
        if sight.exchange.scheme == "http" and carried:
            # A token alone proves nothing without the secret: 15.4 asks to consider dropping it.
            alone = sight.found.auth == "anonymous"
            yield Miss(
                rule="auth.clear-text",
                part="connection",
                expected="credentials over https only, as the endpoint says",
                got=f"a request with {carried} over http",
                why="Everybody on the way can read them and send the request again.",
                request=sight.number,
                claim=Level.RECOMMENDED if alone else Level.REQUIRED,
            )


def _carried(sight: Sight) -> str:
    """What a request carries of the user's credentials, for a finding; "" for nothing."""
    if sight.found.auth != "anonymous":
        return f"{sight.found.auth} credentials"
    return "the security token" if sight.request.header(_TOKEN[0]) else ""


def _leak(number: int, what: str, part: str) -> Miss:
    return Miss(
        rule="auth.secret-leak",
        part=part,
        expected=f"{what} nowhere but where the service reads it",
        got=f"{what}, here",
        why=_WHY,
        request=number,
    )


def _numbered(view: View) -> Iterator[tuple[bytes, int]]:
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        yield exchange.received, number


def _secrets(view: View) -> list[str]:
    given = view.turn.input.credentials
    mine = given.access_key_secret.strip() if given and given.access_key_secret else ""
    known = [key.secret for key in view.turn.script.keys if key.secret != mine]
    return [value for value in (mine, *known) if len(value) >= SHORTEST]


@lru_cache(maxsize=64)
def _needles(value: str) -> tuple[bytes, ...]:
    data = value.encode("utf-8", "surrogateescape")
    coded = {data, quote(data, safe="").encode()}
    for shift in range(3):
        # The characters of base64 that depend on nothing but the secret itself.
        whole = base64.b64encode(b"\0" * shift + data)
        begin = (shift * 8 + 5) // 6
        end = (shift + len(data)) * 8 // 6
        coded.add(whole[begin:end])
    return tuple(sorted(coded))


def _line(received: bytes, needle: bytes) -> str:
    """Which line of the request a needle stands in, without quoting it."""
    head, _, _ = received.partition(b"\r\n\r\n")
    start, *fields = head.split(b"\r\n")
    for field in fields:
        if needle in field or needle in unquote_to_bytes(field):
            return "header " + field.partition(b":")[0].decode("latin-1")
    return "request target" if needle in start or needle in unquote_to_bytes(start) else "body"


def _token_places(sight: Sight, value: str) -> Iterator[str]:
    in_url = sight.found.auth.endswith("-query")
    for name, text in sight.request.headers:
        if name.lower() != _TOKEN[0] and _holds(text, value):
            yield f"header {name}"
    for name, text in sight.found.resource.query:
        if value in text and not (in_url and name in _TOKEN):
            yield f"query parameter {name}"
    if _holds(sight.found.resource.raw_path, value):
        yield "path"
    if sight.request.body and _holds(sight.request.body.decode("latin-1"), value):
        yield "body"


def _holds(text: str, value: str) -> bool:
    return value in text or ("%" in text and value.encode() in unquote_to_bytes(text))


def _redirects(view: View, before: int) -> list[str]:
    """Hosts that earlier responses of this turn redirected to."""
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
