"""What a connection plays in answer to a request: wire steps, and the few values around them.

Pure. A step that plays a fault carries its name, so that the journal shows which faults really
happened. Ordinary writing carries None.
"""

from dataclasses import dataclass
from typing import NamedTuple

from conformance.model.http import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write these bytes."""

    data: bytes
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Write nothing for this many seconds."""

    seconds: float
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close in an orderly way: what was written is delivered, then FIN."""

    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Break the connection off with RST."""

    fault: str | None = None


Step = Write | Pause | Close | Reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """What to play in answer to one request."""

    steps: tuple[Step, ...]
    # The code of the error if the mock refuses the request (`AccessDenied`), else None.
    refusal: str | None = None


class Arrival(NamedTuple):
    """A request as the responder gets it. A tuple, since one is made for each request."""

    # None if it is malformed.
    request: Request | None
    # `https` or `http`.
    scheme: str
    # The mock's time in Unix seconds, the script's offset included.
    clock: int
    # What is wrong with a malformed request, "" if nothing is.
    problem: str = ""
    # The client wants the connection kept.
    keep: bool = True
