"""Rules of the family `transport`: how many requests, of what kind, to whom, and nothing besides.

A needless request costs its user twice over (the GET is billed, and so is the
detection), so the number of requests is a claim and never a matter of taste. Strays, requests
under a wrong certificate and unused faults need no expectation: the first means that a call did
more than it was asked, the second that anybody could have answered, the third that the case did
not show what it was made to show.
"""

from collections.abc import Iterator

from conformance.judge.quote import quote, timeless
from conformance.judge.view import Miss, View
from conformance.model.case import JSON


def requests(view: View, expected: JSON) -> Iterator[Miss]:
    """`requests`: how many requests reach the server in this turn."""
    if view.requests != expected:
        yield Miss(
            rule="transport.requests",
            part="number of requests",
            expected=str(expected),
            got=_listed(view),
            why="Each request is billed; each successful one is billed as a detection as well.",
        )


def _listed(view: View) -> str:
    lines = [f"{s.request.method} {s.request.target}" for s in view.sights[:4]]
    rest = [f"and {view.requests - len(lines)} more"] if view.requests > len(lines) else []
    return (
        f"{view.requests}"
        + (": " + ", ".join(map(quote, lines)) if lines else "")
        + (", " + rest[0] if rest and lines else "")
    )


def count(view: View) -> str:
    """How many requests there were, for the profile."""
    return str(view.requests)


def method(view: View, expected: JSON) -> Iterator[Miss]:
    """`method`: of each request."""
    for sight in view.sights:
        if sight.request.method != expected:
            yield Miss(
                rule="transport.method",
                part="request line",
                expected=quote(expected),
                got=quote(sight.request.method),
                why="The operation is a GET; the method is signed, and others are billed apart.",
                request=sight.number,
            )


def methods(view: View) -> str:
    """The methods, for the profile."""
    return ", ".join(sight.request.method for sight in view.sights) or "no request"


def scheme(view: View, expected: JSON) -> Iterator[Miss]:
    """`scheme`: of each request."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        if exchange.scheme != expected:
            yield Miss(
                rule="transport.scheme",
                part="connection",
                expected=quote(expected),
                got=quote(exchange.scheme),
                why="The endpoint that was asked for names the scheme.",
                request=number,
            )


def schemes(view: View) -> str:
    """The schemes, for the profile."""
    return ", ".join(e.scheme for e in view.record.journal.exchanges) or "no request"


def malformed(view: View) -> Iterator[Miss]:
    """Always: every request can be read as HTTP/1.1."""
    for number in view.malformed:
        received = view.record.journal.exchanges[number - 1].received
        yield Miss(
            rule="transport.malformed",
            part="request",
            expected="an HTTP/1.1 request",
            got=quote(timeless(received.decode("latin-1")).encode("latin-1")),
            why="A server answers 400 to what RFC 9112 does not allow.",
            request=number,
        )


def stray(view: View) -> Iterator[Miss]:
    """Always: nothing arrives between two turns."""
    for exchange in view.record.journal.strays:
        request = exchange.request
        got = exchange.received if request is None else f"{request.method} {request.target}"
        yield Miss(
            rule="transport.stray",
            part="before this turn",
            expected="no request between two calls",
            got=quote(got),
            why="A call that goes on after it has returned costs money that nobody asked to spend.",
        )


def certificate(view: View) -> Iterator[Miss]:
    """Always: nothing is asked of a server whose certificate is not right."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        if exchange.certificate is not None:
            yield Miss(
                rule="transport.certificate",
                part="TLS connection",
                expected="no request to a server that has not proved who it is (RFC 9110 4.3.4)",
                got=f"a request after the certificate was {exchange.certificate!r}",
                why="Whoever sits between reads the token and answers in the service's name.",
                request=number,
            )


def fault_unused(view: View) -> Iterator[Miss]:
    """Always: every reply with a fault was asked for, and a wrong certificate was seen."""
    journal, shown = view.record.journal, view.turn.script.certificate
    seen = journal.handshakes or any(exchange.certificate for exchange in journal.exchanges)
    if shown != "trusted" and not seen:
        yield Miss(
            rule="transport.fault-unused",
            part="certificate of the script",
            expected=f"a TLS handshake that meets the certificate {shown!r}",
            got=f"number of requests: {view.requests}, none of them met it; no failed handshake",
            why="The case did not show what it was made to show.",
        )
    for position in view.record.journal.unused:
        replies = view.turn.script.replies
        faults = replies[position].faults if position < len(replies) else ()
        kinds = ", ".join(kind for kind, _ in faults) or "fault"
        yield Miss(
            rule="transport.fault-unused",
            part=f"reply {position + 1} of the script",
            expected=f"a request that meets the scripted {kinds}",
            got=f"number of requests: {view.requests}, none of them met it",
            why="The case did not show what it was made to show.",
        )
