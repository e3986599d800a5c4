"""A reply and the request it answers -> wire steps.

Pure. `Prepared` is a reply with its head rendered once, `answer` fills it in for one
request: id, time, whether the connection stays, and no body where HTTP forbids one. An error
reply gets its XML body here, since that holds the request's own ids.
"""

from dataclasses import dataclass

from conformance.mock import faults, head
from conformance.mock.steps import Arrival, Step, Write
from conformance.model.case import Reply
from conformance.model.http import first
from conformance.oss.encoding import wire
from conformance.oss.service_error import ServiceError, render

# RFC 9110 15.3.5 and 15.4.5: the message ends with the header section.
_WITHOUT_CONTENT = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedReply:
    """A reply that is ready: `head` is a template for `head.fill`, `error` what its XML says."""

    reply: Reply
    head: bytes
    error: ServiceError | None
    length: int | None
    closing: bool
    fault: str | None


def prepare(reply: Reply) -> PreparedReply:
    """Render what is the same for every request.

    `length` and `raw_head` are worked in here: they change the head, not how it is written.
    """
    error = _error(reply)
    fields = _fields(reply, error)
    raw, length = faults.argument(reply, "raw_head"), faults.argument(reply, "length")
    rendered = head.template(reply.status, fields)
    if raw is not None:
        rendered = wire(raw).replace(b"%", b"%%") + b"\r\n\r\n"
    changed = "raw_head" if raw is not None else "length" if length is not None else None
    closing = reply.framing == "close" or (first(fields, "connection") or "").lower() == "close"
    return PreparedReply(
        reply=reply, head=rendered, error=error, length=length, closing=closing, fault=changed
    )


def of_error(error: ServiceError) -> Reply:
    """The reply that says this error."""
    pairs = (("code", error.code), ("message", error.message), *error.extra)
    known = (("ec", error.ec),) if error.ec else ()
    return Reply(status=error.status, headers=(), body=b"", error=(*pairs, *known))


def answer(prepared: PreparedReply, arrival: Arrival, request_id: str) -> tuple[Step, ...]:
    """The steps that answer one request. After what was not HTTP the connection ends."""
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
    if keep and not reply.faults and framing != "chunked":
        return (Write(data=filled + content),)  # nearly every answer of a run: no detours
    written = faults.Written(
        head=filled, content=content, framing=framing, fault=prepared.fault, closing=not keep
    )
    return faults.steps(reply, written)


def _error(reply: Reply) -> ServiceError | None:
    if reply.error is None:
        return None
    named = dict(reply.error)
    return ServiceError(
        status=reply.status,
        code=named.pop("code"),
        message=named.pop("message"),
        ec=named.pop("ec", ""),
        extra=tuple(named.items()),
    )


def _fields(reply: Reply, error: ServiceError | None) -> tuple[head.Pair, ...]:
    """The header fields: the service's own for this kind of answer, framing, then the reply's."""
    if error is not None:
        usual = head.error_fields(error.ec)
    elif 200 <= reply.status < 300 or reply.status == 304:
        usual = head.content_fields()
    else:
        usual = head.plain_fields()
    framing: list[tuple[str, str | None]] = []
    told = faults.argument(reply, "length") is not None
    if reply.status in _WITHOUT_CONTENT:
        framing += [("Content-Type", None)]
    if (reply.framing != "length" or reply.status in _WITHOUT_CONTENT) and not told:
        framing += [("Content-Length", None)]
    if reply.framing == "chunked" and reply.status not in _WITHOUT_CONTENT:
        framing += [("Transfer-Encoding", "chunked")]
    return head.lay(head.lay(usual, tuple(framing)), reply.headers)
