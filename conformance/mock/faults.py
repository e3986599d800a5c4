"""A response's bytes and its faults -> wire steps.

Pure. Faults are those of `schemas/vectors.schema.json`. `interim` and `delay` come before
the response, in their order; `cut` and `reset` say where it ends; `stall` and `drip` where it
pauses; `close` what follows it. `length` and `raw_head` change the head and are applied where the
head is written. Offsets count the bytes of the final response, interim ones apart.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.mock.head import status_line
from conformance.mock.steps import Close, Pause, Reset, Step, Write
from conformance.mock.wire import LAST_CHUNK, chunk
from conformance.model.case import Reply
from conformance.oss.encoding import wire

# What was written before a reset has left the machine after so many seconds, even through the
# write buffering of the event loop and a container's bridge; a client can then read it.
SETTLE = 0.05

KINDS = frozenset(
    {"delay", "stall", "drip", "cut", "reset", "interim", "length", "raw_head", "close"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A response ready to be written: its head with the empty line, its content, its framing.

    fault: name of the fault that changed the head. closing: close when it is written.
    """

    head: bytes
    content: bytes
    framing: str
    fault: str | None = None
    closing: bool = False


def argument(reply: Reply, kind: str) -> Any:
    """The argument of a reply's first fault of that kind; None if it has none."""
    return next((value for name, value in reply.faults if name == kind), None)


def steps(reply: Reply, written: Written) -> tuple[Step, ...]:
    """The steps that play a reply."""
    cut, reset = argument(reply, "cut"), argument(reply, "reset")
    whole = written.head + _body(written, cut)
    if reset is not None:
        whole = whole[: max(reset, 0)]
    pieces = _dripped(_stalled(whole, reply, written.fault), reply)
    return (*_before(reply), *pieces, *_end(reply, written))


def _body(written: Written, cut: int | None) -> bytes:
    """The body's bytes; cut short, the chunked coding holds that much content and has no end."""
    content = written.content if cut is None else written.content[:cut]
    if written.framing != "chunked":
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
    """Each written piece in small ones with pauses between; pieces without bytes fall away."""
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


def _end(reply: Reply, written: Written) -> Iterable[Step]:
    for kind, end in _ENDS:
        if argument(reply, kind) is not None:
            return end(reply)
    return (Close(),) if written.closing else ()
