"""Turns the bytes of a response and its faults into steps.

Pure. `schemas/vectors.schema.json` defines the faults. `interim` and `delay` precede the response,
in the order given; `cut` and `reset` end it early; `stall` and `drip` pause it; `close` closes the
connection after it. `length` and `raw_head` change the head; `answer.prepare` applies them. Offsets
count bytes of the final response, without interim responses.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.mock.head import status_line
from conformance.mock.steps import Close, Pause, Reset, Step, Write
from conformance.mock.wire import LAST_CHUNK, chunk
from conformance.model.case import Reply
from conformance.oss.encoding import wire

# Seconds to wait before a reset, so that the client receives the bytes written before it, despite
# the write buffer of the event loop and the bridge of a container.
SETTLE = 0.05

KINDS = frozenset(
    {"delay", "stall", "drip", "cut", "reset", "interim", "length", "raw_head", "close"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The bytes of a response before faults are applied."""

    # With the empty line that ends it.
    head: bytes
    # Without the chunked coding.
    content: bytes
    # `length`, `chunked`, `close`, or `none` where HTTP allows no content.
    framing: str
    # Name of the fault that changed the head.
    fault: str | None = None
    # Close the connection after the response.
    closing: bool = False


def argument(reply: Reply, kind: str) -> Any:
    """The argument of a reply's first fault of that kind; None if it has none."""
    return next((value for name, value in reply.faults if name == kind), None)


def steps(reply: Reply, rendered: Rendered) -> tuple[Step, ...]:
    """The steps that play a reply."""
    cut, reset = argument(reply, "cut"), argument(reply, "reset")
    whole = rendered.head + _body(rendered, cut)
    if reset is not None:
        whole = whole[: max(reset, 0)]
    pieces = _dripped(_stalled(whole, reply, rendered.fault), reply)
    return (*_before(reply), *pieces, *_end(reply, rendered))


def _body(rendered: Rendered, cut: int | None) -> bytes:
    """The bytes of the body; a chunked body that is cut lacks its last chunk."""
    content = rendered.content if cut is None else rendered.content[:cut]
    if rendered.framing != "chunked":
        return content
    return chunk(content) + (LAST_CHUNK if cut is None else b"")


def _before(reply: Reply) -> Iterator[Step]:
    for kind, value in reply.faults:
        if kind == "delay":
            yield Pause(seconds=value, fault=kind)
        elif kind == "interim":
            for answer in value:
                lines = [status_line(answer["status"])]
                lines += [f"{name}: {text}" for name, text in answer.get("headers", ())]
                yield Write(data=wire("\r\n".join(lines) + "\r\n\r\n"), fault=kind)


def _stalled(whole: bytes, reply: Reply, fault: str | None) -> Iterator[Step]:
    at = 0
    stalls = [value for kind, value in reply.faults if kind == "stall"]
    for stall in sorted(stalls, key=lambda value: int(value["after"])):
        after = min(stall["after"], len(whole))
        yield Write(data=whole[at:after], fault=fault)
        yield Pause(seconds=stall["seconds"], fault="stall")
        at = after
    yield Write(data=whole[at:], fault=fault)


def _dripped(pieces: Iterable[Step], reply: Reply) -> Iterator[Step]:
    """The same bytes in pieces of the size of `drip`, with pauses between; drops empty writes."""
    drip = argument(reply, "drip")
    for piece in pieces:
        if not isinstance(piece, Write):
            yield piece
            continue
        size = drip["bytes"] if drip else max(len(piece.data), 1)
        for at in range(0, len(piece.data), size):
            if at:
                yield Pause(seconds=drip["pause"], fault="drip")
            yield Write(data=piece.data[at : at + size], fault=piece.fault)


def _reset(reply: Reply) -> Iterator[Step]:
    if argument(reply, "reset") > 0:
        yield Pause(seconds=SETTLE)
    yield Reset(fault="reset")


# How a response can end early; if a reply has several of these faults, the first applies.
_ENDS: tuple[tuple[str, Callable[[Reply], Iterable[Step]]], ...] = (
    ("reset", _reset),
    ("cut", lambda _: (Close(fault="cut"),)),
    ("close", lambda _: (Close(fault="close"),)),
)


def _end(reply: Reply, rendered: Rendered) -> Iterable[Step]:
    for kind, end in _ENDS:
        if argument(reply, kind) is not None:
            return end(reply)
    return (Close(),) if rendered.closing else ()
