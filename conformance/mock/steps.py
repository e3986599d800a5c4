"""What a connection plays in answer to a request: wire steps, and the few values around them.

Pure. A step that plays a fault carries its name, so that the journal tells which faults
really happened; one that is ordinary writing carries None.
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
    """Write nothing for so many seconds."""

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
    """What to play. refusal: the code of the error that the mock answers by itself, or None."""

    steps: tuple[Step, ...]
    refusal: str | None = None


class Arrival(NamedTuple):
    """A request as the listener met it: request None if malformed, and `problem` says why.

    clock: the mock's time in Unix seconds, script's offset included. keep: the client wants the
    connection kept.
    """

    request: Request | None
    scheme: str
    clock: int
    problem: str = ""
    keep: bool = True
