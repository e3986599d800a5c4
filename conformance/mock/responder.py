"""Who answers for a connection: the interface between connections and whoever decides.

Pure. A lane is a desk, the mock that stands alone is one, and so is the one for addresses
that nobody told us of. A connection knows TLS, CONNECT and time, a desk knows scripts.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from conformance.mock.steps import Arrival, Playback
from conformance.model.http import Exchange


class Moment(NamedTuple):
    """When a request was whole. clock: the mock's Unix seconds; at: seconds since arming."""

    clock: int
    at: float


class Responder(Protocol):
    """Who answers for a connection."""

    def connected(self) -> int:
        """A connection was made; returns its number."""

    def certificate(self) -> str:
        """Name of the certificate for a connection that begins with TLS now."""

    def moment(self) -> Moment:
        """The time, as the desk's clock has it."""

    def answer(self, arrival: Arrival) -> Playback:
        """What to play in answer to a whole request."""

    def record(self, exchange: Exchange) -> None:
        """An exchange is over."""

    def failed(self, words: str) -> None:
        """A TLS handshake failed."""

    def playing(self, script_over: Callable[[bool], None], *, on: bool) -> None:
        """Something has begun (on) that ends with the script at the latest, or it has ended.

        It is a pause of a plan, or a client's silence about a wrong certificate. `script_over` is
        told whether no other script follows.
        """
