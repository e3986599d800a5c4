"""The interface between a connection and the object that decides its answers.

There are three responders: of a lane, of the stand-alone mock, and for addresses that belong to no
lane. A connection handles bytes, TLS, CONNECT and timing; a responder handles scripts.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from conformance.mock.steps import Arrival, Playback
from conformance.model.http import Exchange, Request

# Called when the script of a responder ends, with True if no other script follows.
ScriptEnded = Callable[[bool], None]


class Moment(NamedTuple):
    """When a request was completely received."""

    clock: int  # the mock's time in Unix seconds, the script's offset included
    at: float  # seconds since the script was armed


class Responder(Protocol):
    """Decides the answers on its connections and records the exchanges."""

    def connected(self, script_ended: ScriptEnded) -> int:
        """Register a connection and its callback; returns the number of the connection."""

    def disconnected(self, script_ended: ScriptEnded) -> None:
        """The connection that has this callback has ended."""

    def use(self, kind: str, amount: int = 1) -> bool:
        """Count `requests`, `connections`, `handshakes` or `bytes`.

        False: past a bound, do not answer.
        """

    def certificate(self) -> str:
        """The name of the certificate for a TLS connection that begins now."""

    def moment(self) -> Moment:
        """The time by the responder's clock."""

    def respond(self, arrival: Arrival) -> Playback | Awaitable[Playback]:
        """The answer to a request, or an awaitable of it.

        Until the awaitable is done, further requests of this connection wait; other connections
        do not. It is cancelled if its connection ends first. If it raises, the answer is 500.
        """

    def as_proxy(self, request: Request, *, keep: bool) -> bytes | None:
        """The answer of the proxy to a client that it does not let through; else None."""

    def record(self, exchange: Exchange) -> None:
        """Record an exchange that is complete or has been interrupted."""

    def handshake_failed(self, reason: str) -> None:
        """Record a TLS handshake that failed, or that no request followed."""
