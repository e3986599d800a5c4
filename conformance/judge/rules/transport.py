"""Rules of the family `transport`: the number of requests, their method, scheme and timing.

An unnecessary request costs the user twice (the GET and the detection are both billed), so the
number of requests is a claim. Four rules are invariants: about messages that are not HTTP/1.1
(CONNECT without a valid target is one of them), requests between two calls, requests after a bad
certificate, and scripted faults that no request met, because the case then did not test the
behaviour that it is about.
"""

import re
from collections.abc import Iterator

from conformance.judge.quote import at_offset, quote, timeless
from conformance.judge.view import TurnView, Violation
from conformance.model.case import JSON
from conformance.oss.naming import unbracketed

_UNTESTED = "The case did not test the behaviour that it is about."
_MORE_WHY = "Each request is billed; each successful one is billed as a detection as well."
_FEWER_WHY = "The service can only do what it is asked for."
_MALFORMED_WHY = "A server answers 400 to a request that violates RFC 9112."
_BROKEN_OFF_WHY = "A server cannot answer a request of which a part is missing (RFC 9112 8)."
_LISTED = 4
# Of a malformed request: what differs in every run is in its head, of which the mock reads no more.
_HEAD_BYTES = 64 * 1024
# Malformed requests of a turn that have a finding each; a client that floods sends hundreds.
_MALFORMED_LISTED = 16
# A field line that is one by RFC 9112 5 and 9110 5.5: a token, a colon, no control characters.
_FIELD_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\0-\x08\x0a-\x1f\x7f]*")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~\x80-\xff]+ HTTP/[0-9]\.[0-9]")


def requests(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`requests`: the number of requests that reach the server in this turn."""
    count = view.request_count
    if count != expected:
        yield Violation(
            rule="transport.requests",
            part="number of requests",
            expected=str(expected),
            got=_listed(view),
            why=_MORE_WHY if count > expected else _FEWER_WHY,
        )


def _listed(view: TurnView) -> str:
    count = view.request_count
    lines = [quote(f"{r.message.method} {r.message.target}") for r in view.requests[:_LISTED]]
    if not lines:
        return str(count)
    if count > len(lines):
        lines.append(f"and {count - len(lines)} more")
    return f"{count}: " + ", ".join(lines)


def show_requests(view: TurnView) -> str:
    """The number of requests, for the profile."""
    return str(view.request_count)


def method(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`method` of each request."""
    for request in view.requests:
        if request.message.method != expected:
            yield Violation(
                rule="transport.method",
                part="request line",
                expected=quote(expected),
                got=quote(request.message.method),
                why="The operation is a GET; other methods have other signatures and prices.",
                request=request.number,
            )


def scheme(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`scheme` of the connection of each request."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        if exchange.scheme != expected:
            yield Violation(
                rule="transport.scheme",
                part="connection",
                expected=quote(expected),
                got=quote(exchange.scheme),
                why="The scheme must be that of the endpoint.",
                request=number,
            )


def show_scheme(view: TurnView) -> str:
    """The scheme of each request, for the profile."""
    return ", ".join(e.scheme for e in view.record.journal.exchanges) or "no request"


def malformed(view: TurnView) -> Iterator[Violation]:
    """Invariant: every request can be read as HTTP/1.1."""
    others = len(view.malformed) - _MALFORMED_LISTED
    for number in view.malformed[:_MALFORMED_LISTED]:
        exchange = view.record.journal.exchanges[number - 1]
        head, rest = exchange.received[:_HEAD_BYTES], exchange.received[_HEAD_BYTES:]
        received = timeless(head.decode("latin-1")).encode("latin-1") + rest
        # The mock answers every request that is malformed otherwise.
        broken_off = not exchange.sent
        yield Violation(
            rule="transport.malformed",
            part="request",
            expected="an HTTP/1.1 request",
            got="broken off: " * broken_off
            + _malformed_part(received)
            + (f"; {others} more are malformed" if others > 0 else ""),
            why=_BROKEN_OFF_WHY if broken_off else _MALFORMED_WHY,
            request=number,
        )


def connect_target(view: TurnView) -> Iterator[Violation]:
    """Invariant: the target of CONNECT is a host and a port, an IPv6 address in brackets."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        authority = exchange.authority or ""
        pair = unbracketed(authority)
        if pair is not None:
            host, port = pair
            yield Violation(
                rule="transport.malformed",
                part="CONNECT",
                expected=quote(f"[{host}]:{port}"),
                got=quote(authority),
                why="Without brackets a proxy cannot tell the address from the port, and refuses.",
                request=number,
            )


def _malformed_part(received: bytes) -> str:
    """The request, quoted around the first line of its head that is malformed."""
    start = 0
    for number, line in enumerate(received.partition(b"\r\n\r\n")[0].split(b"\r\n")):
        if not (_FIELD_LINE if number else _REQUEST_LINE).fullmatch(line):
            break
        start += len(line) + 2
    return at_offset(received, start if start < len(received) else 0)


def stray(view: TurnView) -> Iterator[Violation]:
    """Invariant: no request arrives between two turns."""
    for exchange in view.record.journal.strays:
        request = exchange.request
        got = exchange.received if request is None else f"{request.method} {request.target}"
        yield Violation(
            rule="transport.stray",
            part="before this call",
            expected="no request between two calls",
            got=quote(got),
            why="Requests that a call sends after it has returned are billed unnoticed.",
        )


def endless(view: TurnView) -> Iterator[Violation]:
    """Invariant: a call does not send requests until the mock stops answering."""
    exceeded = view.record.journal.exceeded
    if exceeded is not None:
        yield endless_requests(exceeded)


def endless_requests(exceeded: str) -> Violation:
    """The violation of a call that passed this bound of the mock."""
    return Violation(
        rule="transport.endless",
        part="number of requests",
        expected="a call that ends by itself",
        got=f"endless: {exceeded}, then the server stopped answering",
        why="Each request is billed, and the program waits for an end that does not come.",
    )


def certificate(view: TurnView) -> Iterator[Violation]:
    """Invariant: no request is sent to a server with a bad certificate."""
    for number, exchange in enumerate(view.record.journal.exchanges, start=1):
        if exchange.certificate is not None:
            yield Violation(
                rule="transport.certificate",
                part="TLS connection",
                expected="no request to a server whose identity is not verified (RFC 9110 4.3.4)",
                got=f"a request after the certificate was {exchange.certificate!r}",
                why="An attacker on the network path can read the token and answer as the service.",
                request=number,
            )


def fault_unused(view: TurnView) -> Iterator[Violation]:
    """Invariant: each scripted fault, the proxy and a bad certificate were met.

    A reply behind the first of a single call is for clients that ask again, which none has to.
    """
    journal, certificate = view.record.journal, view.turn.script.certificate
    met = journal.handshakes or any(exchange.certificate for exchange in journal.exchanges)
    count = f"number of requests: {view.request_count}"
    if certificate != "trusted" and not met:
        yield Violation(
            rule="transport.fault-unused",
            part="certificate of the script",
            expected=f"a TLS handshake that meets the certificate {certificate!r}",
            got=f"{count}, none of which met it; no failed handshake",
            why=_UNTESTED,
        )
    if view.turn.script.proxy is not None and not (journal.exchanges or journal.proxy):
        yield Violation(
            rule="transport.fault-unused",
            part="proxy of the script",
            expected="a request that meets the proxy",
            got=count,
            why=_UNTESTED,
        )
    replies = view.turn.script.replies
    for position in journal.unused:
        if position and not view.turn.calls:
            continue
        faults = replies[position].faults if position < len(replies) else ()
        kinds = ", ".join(kind for kind, _ in faults) or "fault"
        yield Violation(
            rule="transport.fault-unused",
            part=f"reply {position + 1} of the script",
            expected=f"a request that meets the scripted {kinds}",
            got=f"{count}, none of which met it",
            why=_UNTESTED,
        )


def open_connections(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`open_connections`: at most so many when the turn has ended."""
    if view.record.journal.open > expected:
        yield Violation(
            rule="transport.open-connections",
            part="connections",
            expected=f"at most {expected} open",
            got=f"{view.record.journal.open} open",
            why="A client that keeps every connection runs out of sockets and of the pool.",
        )


def show_open_connections(view: TurnView) -> str:
    """How many connections were open when the turn had ended."""
    return str(view.record.journal.open)
