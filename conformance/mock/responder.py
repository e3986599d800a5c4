"""The interface between a connection and what decides its answers.

A lane of a run is a responder, so is the stand-alone mock, and so is the one for addresses that
belong to no lane. A connection knows bytes, TLS, CONNECT and time; a responder knows scripts.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from conformance.mock.steps import Arrival, Playback
from conformance.model.http import Exchange

# Called when the script of a responder ends; True if no other script follows.
ScriptOver = Callable[[bool], None]


class Moment(NamedTuple):
    """When a request was whole."""

    clock: int  # the mock's time in Unix seconds, the script's offset included
    at: float  # seconds since the script was armed


class Responder(Protocol):
    """Decides what is answered on its connections, and keeps what was seen."""

    def connected(self, script_over: ScriptOver) -> int:
        """A connection was made, whose `script_over` is to be called; returns its number."""

    def disconnected(self, script_over: ScriptOver) -> None:
        """The connection of this `script_over` has ended."""

    def certificate(self) -> str:
        """Name of the certificate for a connection that begins with TLS now."""

    def moment(self) -> Moment:
        """The time by the responder's clock."""

    def respond(self, arrival: Arrival) -> Playback | Awaitable[Playback]:
        """What to play in answer to a request: at once, or an awaitable if it takes time.

        The next request of this connection waits meanwhile, other connections do not. The
        awaitable is cancelled when its connection ends first. An exception is answered 500.
        """

    def record(self, exchange: Exchange) -> None:
        """An exchange is over."""

    def handshake_failed(self, reason: str) -> None:
        """A TLS handshake failed, or the client refused the certificate by asking nothing."""
