"""A response's bytes and its faults -> wire steps.

Pure. The faults are those of `schemas/vectors.schema.json`. `interim` and `delay` come before the
response, in their order; `cut` and `reset` say where it ends; `stall` and `drip` where it pauses;
`close` what follows it. `length` and `raw_head` change the head and are applied where the head is
rendered. Offsets count bytes of the final response, without the interim ones.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.mock.head import status_line
from conformance.mock.steps import Close, Pause, Reset, Step, Write
from conformance.mock.wire import LAST_CHUNK, chunk
from conformance.model.case import Reply
from conformance.oss.encoding import wire

# Seconds after which what was written before a reset has left the machine, even through the write
# buffering of the event loop and a container's bridge, so that a client can read it.
SETTLE = 0.05

KINDS = frozenset(
    {"delay", "stall", "drip", "cut", "reset", "interim", "length", "raw_head", "close"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A response that is ready to be rendered."""

    # With the empty line.
    head: bytes
    # Without the chunked coding.
    content: bytes
    # `length`, `chunked`, `close`, or `none` where HTTP allows no content.
    framing: str
    # Name of the fault that changed the head.
    fault: str | None = None
    # Close the connection when the response is rendered.
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
    """The body's bytes; a chunked body that is cut has that much content and no last chunk."""
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
    """Each piece in smaller ones with pauses between them; pieces without bytes are left out."""
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


# How a response can end, the strongest first.
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
