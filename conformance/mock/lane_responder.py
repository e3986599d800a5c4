"""The responder of one lane: its armed script and its journal.

It reads the clocks. Arming returns the journal of the previous arming. Requests that arrive while
nothing is armed are strays in the journal of the next script, so that a late request is reported,
one trial later; disarming twice returns the strays at once.
"""

import time

from conformance.mock import script as scripts
from conformance.mock.answer import answer, refusal
from conformance.mock.own_errors import STRAY, UNKNOWN_PEER
from conformance.mock.responder import Moment, ScriptOver
from conformance.mock.steps import Arrival, Playback
from conformance.mock.tls import TRUSTED
from conformance.model.case import Script
from conformance.model.http import Exchange, Journal


class LaneResponder:
    """Answers on the connections of one lane as the script says that the engine arms on it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._armed: scripts.Armed | None = None
        self._state = scripts.State()
        self._armed_at = time.monotonic()
        self._exchanges: list[Exchange] = []
        self._strays: list[Exchange] = []
        self._handshakes: list[str] = []
        self._connections = 0
        self._armings = 0
        # Of the open connections, oldest first.
        self._open: dict[ScriptOver, None] = {}

    def arm(self, script: Script | None) -> Journal:
        """Replace the script by another, or by none, and hand over the journal."""
        for script_over in tuple(self._open):
            script_over(script is None)
        journal = Journal()
        if self._armed is not None or script is None:
            journal = self._hand_over()
        # By the lane's own count, whatever the others do: equal runs have equal request ids.
        self._armings += 1
        self._armed = None if script is None else scripts.arm(self._name, self._armings, script)
        self._state = scripts.State()
        self._armed_at = time.monotonic()
        return journal

    def _hand_over(self) -> Journal:
        armed = self._armed
        journal = Journal(
            # A late answer is journalled when it ends; the journal is in the order of the requests.
            exchanges=tuple(sorted(self._exchanges, key=lambda exchange: exchange.at)),
            strays=tuple(self._strays),
            handshakes=tuple(self._handshakes),
            unused=() if armed is None else scripts.unused(armed.script, self._state),
        )
        self._exchanges, self._strays, self._handshakes = [], [], []
        return journal

    def connected(self, script_over: ScriptOver) -> int:
        """Number the connections of this lane from 1."""
        self._open[script_over] = None
        self._connections += 1
        return self._connections

    def disconnected(self, script_over: ScriptOver) -> None:
        """Forget the connection."""
        del self._open[script_over]

    def certificate(self) -> str:
        """The script's; the right one while nothing is armed."""
        return TRUSTED if self._armed is None else self._armed.script.certificate

    def moment(self) -> Moment:
        """The script's clock, and the time since it was armed."""
        offset = 0 if self._armed is None else self._armed.script.clock_offset
        return Moment(int(time.time()) + offset, time.monotonic() - self._armed_at)

    def respond(self, arrival: Arrival) -> Playback:
        """The script's answer; 503 while nothing is armed."""
        if self._armed is None:
            number = len(self._strays) + 1
            return answer(refusal(STRAY), arrival, scripts.identity(self._name, 0, number))
        self._state, playback = scripts.respond(self._armed, self._state, arrival)
        return playback

    def record(self, exchange: Exchange) -> None:
        """Journal an exchange."""
        (self._strays if self._armed is None else self._exchanges).append(exchange)

    def handshake_failed(self, reason: str) -> None:
        """Journal a handshake that failed."""
        self._handshakes.append(reason)


class UnknownPeer:
    """The responder for an address that belongs to no lane: 400, and no journal."""

    def connected(self, script_over: ScriptOver) -> int:  # noqa: ARG002 (the interface's)
        """No number: nothing is journalled."""
        return 0

    def disconnected(self, script_over: ScriptOver) -> None:
        """There is no script to end."""

    def certificate(self) -> str:
        """The right one: the address is wrong here, not the certificate."""
        return TRUSTED

    def moment(self) -> Moment:
        """The time as it is."""
        return Moment(clock=int(time.time()), at=0.0)

    def respond(self, arrival: Arrival) -> Playback:
        """Say that no lane is known at this address."""
        return answer(refusal(UNKNOWN_PEER), arrival, scripts.identity("", 0, 0))

    def record(self, exchange: Exchange) -> None:
        """There is no journal."""

    def handshake_failed(self, reason: str) -> None:
        """There is no journal."""
