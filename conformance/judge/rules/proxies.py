"""Invariants about HTTP proxies: a program that names one uses it, and its password stays there.

The mock is proxy and server in one. A request in absolute form is for the proxy, which removes the
password; one in a tunnel, or in origin form, is for the server. What the proxy refused has reached
no server: see `Journal.proxy`.
"""

from collections.abc import Iterator

from conformance.judge.quote import quote
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.model.http import Request

_SIGNED_URL = ("signature=", "x-oss-signature=")  # in lower case


def password(view: TurnView) -> Iterator[Violation]:
    """Invariant: Proxy-Authorization is sent to a proxy only."""
    for request in view.requests:
        if request.message.header("proxy-authorization") is not None and _is_for_server(request):
            yield Violation(
                rule="auth.proxy-authorization",
                part="header Proxy-Authorization",
                expected="Proxy-Authorization in requests to the proxy only",
                got="the field is in a request to the server",
                why="Whoever runs the server can use the proxy with the user's password.",
                request=request.number,
            )


def unused(view: TurnView) -> Iterator[Violation]:
    """Invariant: a program that names a proxy sends everything to it."""
    if view.turn.input.proxy is None:
        return
    for request in view.requests:
        if request.exchange.via == "direct" and _is_for_server(request):
            yield Violation(
                rule="transport.proxy",
                part="connection",
                expected="a request to the proxy that the program names",
                got="a request that went to the server directly",
                why="Behind a firewall it does not arrive; elsewhere it evades the user's control.",
                request=request.number,
            )


def clear_text(view: TurnView) -> Iterator[Violation]:
    """Invariant: what is meant for an https server is not shown to the proxy, which refuses it."""
    if not view.turn.input.endpoint.lower().startswith("https:"):
        return
    for exchange in view.record.journal.proxy:
        request = exchange.request
        shown = "" if request is None else _credentials(request)
        if request is not None and shown:
            yield Violation(
                rule="auth.clear-text",
                part="request to the proxy",
                expected="a tunnel (CONNECT) for https, without the user's credentials",
                got=f"a {quote(request.method)} with {shown}",
                why="The proxy, and anyone between, can read them and repeat the request.",
            )


def _is_for_server(request: RequestView) -> bool:
    return request.exchange.via == "connect" or request.message.target.startswith("/")


def _credentials(request: Request) -> str:
    """The credentials for the server in a request to the proxy; "" for none."""
    # A client that writes its password for the proxy into Authorization shows no other secret.
    if (request.header("authorization") or "").upper().startswith("OSS"):
        return "the signature in Authorization"
    if request.header("x-oss-security-token") is not None:
        return "the security token"
    target = request.target.lower()
    return "a signature in its target" if any(name in target for name in _SIGNED_URL) else ""
