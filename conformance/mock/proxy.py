"""The answers of the mock as an HTTP proxy: whether it lets a client through.

Pure. A script can have the proxy ask for a password (RFC 9110 11.7.1) or refuse everybody. Such an
answer is the proxy's own and never the server's, so it has an HTML page, as many proxies send one,
and nothing that the service adds.
"""

import base64

from conformance.mock.head import status_line
from conformance.model.case import Script
from conformance.model.http import Request
from conformance.oss.encoding import wire

_AUTHENTICATION_REQUIRED = 407
_CHALLENGE = ("Proxy-Authenticate", 'Basic realm="proxy"')
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


def is_for_proxy(request: Request) -> bool:
    """Whether only a proxy gets such a request (RFC 9112 3.2.2 and 3.2.3)."""
    return request.method == "CONNECT" or not request.target.startswith(("/", "*"))


def refusal(script: Script, request: Request, *, keep: bool) -> bytes | None:
    """The proxy's own answer to a request; None: it lets it through.

    keep: whether the connection is kept, on which a client can then send its password.
    """
    if script.proxy is None:
        return None
    kind, value = script.proxy
    if kind == "refuse":
        return _answer(request, int(value), keep)
    expected = base64.b64encode(str(value).encode("utf-8")).decode()
    scheme, _, given = (request.header("proxy-authorization") or "").partition(" ")
    if scheme.lower() == "basic" and given.strip() == expected:
        return None
    return _answer(request, _AUTHENTICATION_REQUIRED, keep, _CHALLENGE)


def _answer(request: Request, status: int, keep: bool, *more: tuple[str, str]) -> bytes:
    line = status_line(status)
    page = wire(_PAGE.format(line.partition(" ")[2]))
    fields = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Connection", "keep-alive" if keep else "close"),
        *more,
    )
    head = "\r\n".join([line, *(f"{name}: {text}" for name, text in fields)])
    return wire(head + "\r\n\r\n") + (b"" if request.method == "HEAD" else page)
