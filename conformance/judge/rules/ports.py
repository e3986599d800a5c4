"""An invariant of the family `naming`: the port is that of the endpoint, wherever it is named.

In host mode the client names it in CONNECT or in an absolute target, in a container by the port
that it connects to; the Host field repeats it in either mode.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.judge.view import RequestView, TurnView, Violation
from conformance.oss.naming import hosts, port_of


def port(view: TurnView) -> Iterator[Violation]:
    """Invariant: a request to the endpoint's host goes to its port, and the Host field names it.

    The server's redirects may name other ports.
    """
    given = view.turn.input
    allowed, last = hosts(given.endpoint, given.bucket), _last_asked(view)
    scheme, separator, authority = given.endpoint.strip().partition("://")
    for request in view.requests:
        sent = request.exchange.scheme
        if request.host not in allowed or request.number > last:
            continue
        if separator and scheme.lower() != sent:
            continue  # see `auth.clear-text`
        wanted = port_of((authority if separator else scheme).partition("/")[0], sent)
        for part, got in _ports(request):
            if None not in (wanted, got) and got != wanted:
                yield Violation(
                    rule="naming.port",
                    part=part,
                    expected=f"port {wanted}",
                    got=f"port {got}",
                    why="Another server may listen on that port, or none.",
                    request=request.number,
                )


def _ports(request: RequestView) -> Iterator[tuple[str, int | None]]:
    """The port of each place of a request that has one."""
    exchange, target = request.exchange, request.message.target
    if exchange.authority is not None:
        yield "CONNECT", port_of(exchange.authority, exchange.scheme)
    elif "://" in target:
        yield "request target", port_of(urlsplit(target).netloc, exchange.scheme)
    elif exchange.port is not None:
        yield "connection", exchange.port
    yield "Host", port_of(request.message.header("host") or "", exchange.scheme)


def _last_asked(view: TurnView) -> int:
    """The number of the first request that the server answered with a Location; else the last."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        response = exchange.response
        if response is not None and response.header("location"):
            return number
    return view.request_count
