"""Turns a scripted reply and a request into the steps to play.

Pure. `prepare` renders the head of a reply once. `answer` completes it for one request: request id,
date, whether the connection is kept alive, and no body where HTTP forbids one. The XML body of an
error is rendered for each request, since it contains the request id. Requests that the mock refuses
are answered with such a reply too.
"""

from dataclasses import dataclass

from conformance.mock import faults, head
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import Reply
from conformance.model.http import first
from conformance.oss.encoding import wire
from conformance.oss.service_error import ServiceError, render

# RFC 9110 15.3.5 and 15.4.5: the message ends with the header section.
_WITHOUT_CONTENT = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedReply:
    """A reply whose head is rendered except for the values that differ between requests."""

    reply: Reply
    # A template for `head.fill`.
    head: bytes
    # The error to render as XML body; None if the reply has a body.
    error: ServiceError | None
    # The false Content-Length of the fault `length`; None for the correct one.
    length: int | None
    # Close the connection after this reply, even if the client asks to keep it alive.
    closing: bool
    # Name of the fault that changed the head.
    fault: str | None
    # The error code if this reply is the mock's refusal of a request; None if it is scripted.
    refusal: str | None


def prepare(reply: Reply, *, refusal: str | None = None) -> PreparedReply:
    """Render the part of a reply that does not depend on the request.

    The faults `length` and `raw_head` are applied here, because they change the head itself.
    """
    error = _error(reply)
    fields = _fields(reply, error)
    raw, length = faults.argument(reply, "raw_head"), faults.argument(reply, "length")
    rendered = head.template(reply.status, fields)
    if raw is not None:
        rendered = wire(raw).replace(b"%", b"%%") + b"\r\n\r\n"
    return PreparedReply(
        reply=reply,
        head=rendered,
        error=error,
        length=length,
        closing=reply.framing == "close" or (first(fields, "connection") or "").lower() == "close",
        fault="raw_head" if raw is not None else "length" if length is not None else None,
        refusal=refusal,
    )


def of_error(error: ServiceError) -> Reply:
    """The reply that carries this error."""
    pairs = (("code", error.code), ("message", error.message), *error.extra)
    ec = (("ec", error.ec),) if error.ec else ()
    return Reply(status=error.status, headers=(), body=b"", error=(*pairs, *ec))


def refusal(error: ServiceError) -> PreparedReply:
    """The reply with which the mock itself refuses a request."""
    return prepare(of_error(error), refusal=error.code)


def answer(prepared: PreparedReply, arrival: Arrival, request_id: str) -> Playback:
    """The steps that answer one request. After a malformed request the connection is closed."""
    reply, request = prepared.reply, arrival.request
    content = reply.body
    if prepared.error is not None:
        host = (request.header("host") if request else None) or ""
        content = render(prepared.error, request_id=request_id, host_id=host)
    keep = arrival.keep and request is not None and not prepared.closing
    filled = head.fill(
        prepared.head,
        request_id=request_id,
        clock=arrival.clock,
        length=len(content) if prepared.length is None else prepared.length,
        keep=keep,
    )
    framing = reply.framing
    if reply.status in _WITHOUT_CONTENT or (request is not None and request.method == "HEAD"):
        content, framing = b"", "none"
    if keep and not reply.faults and framing != "chunked":  # the usual case
        return Playback(steps=(Write(data=filled + content),), refusal=prepared.refusal)
    rendered = faults.Rendered(
        head=filled, content=content, framing=framing, fault=prepared.fault, closing=not keep
    )
    return Playback(steps=faults.steps(reply, rendered), refusal=prepared.refusal)


def _error(reply: Reply) -> ServiceError | None:
    if reply.error is None:
        return None
    elements = dict(reply.error)
    return ServiceError(
        status=reply.status,
        code=elements.pop("code"),
        message=elements.pop("message"),
        ec=elements.pop("ec", ""),
        extra=tuple(elements.items()),
    )


def _fields(reply: Reply, error: ServiceError | None) -> tuple[head.Pair, ...]:
    """The service's usual header fields, adjusted to the framing and overridden by the reply's."""
    if error is not None:
        ec_field = (("x-oss-ec", error.ec),) if error.ec else ()
        usual = head.service_fields("application/xml", *ec_field)
    elif 200 <= reply.status < 300 or reply.status == 304:
        usual = head.service_fields(head.JSON_TYPE, *head.OBJECT)
    else:  # a redirect, for example
        usual = head.service_fields(head.JSON_TYPE)
    framing: list[tuple[str, str | None]] = []
    without_content = reply.status in _WITHOUT_CONTENT
    if without_content:
        framing += [("Content-Type", None)]
    if (reply.framing != "length" or without_content) and faults.argument(reply, "length") is None:
        framing += [("Content-Length", None)]
    if reply.framing == "chunked" and not without_content:
        framing += [("Transfer-Encoding", "chunked")]
    return head.overlay(head.overlay(usual, tuple(framing)), reply.headers)
