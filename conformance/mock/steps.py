"""The steps that a connection plays to answer a request, and the values passed with them.

Pure. A step that plays a fault names it in `fault`, so that the journal shows which faults were
played; other steps have None.
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
    """Wait before the next step."""

    seconds: float
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close in an orderly way: deliver what was written, then send FIN."""

    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Abort the connection with RST."""

    fault: str | None = None


Step = Write | Pause | Close | Reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """The answer to one request."""

    steps: tuple[Step, ...]
    # The error code if the mock refuses the request, such as `AccessDenied`; else None.
    refusal: str | None = None


class Arrival(NamedTuple):
    """A request for the responder. A tuple, which is cheaper to create than a dataclass."""

    # None if it is malformed.
    request: Request | None
    # `https` or `http`.
    scheme: str
    # The mock's time in Unix seconds, the script's offset included.
    clock: int
    # What is wrong with a malformed request, "" if nothing is.
    problem: str = ""
    # Whether the client asks to keep the connection alive.
    keep: bool = True
