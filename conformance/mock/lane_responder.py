"""One lane's desk: the script that is armed on it and the journal of what was seen.

It reads the clocks. Arming hands over the journal of the arming before. What
comes while nothing is armed is kept as strays for the journal of the script armed next, so that a
request that comes late is seen, if only one trial later; disarming twice hands them over at once.
"""

import sys
import time
import traceback
from collections.abc import Callable

from conformance.mock import script as scripts
from conformance.mock.responder import Moment
from conformance.mock.steps import Arrival, Playback
from conformance.mock.tls import TRUSTED
from conformance.model.case import Script
from conformance.model.http import Exchange, Journal
from conformance.oss.service_error import ServiceError

_DEFECT = ServiceError(
    status=500, code="InternalError", message="The mock endpoint failed; its stderr says how."
)


class LaneResponder:
    """What one lane's connections talk to, and what the control channel arms."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._armed: scripts.Armed | None = None
        self._state = scripts.State()
        self._began = time.monotonic()
        self._exchanges: list[Exchange] = []
        self._strays: list[Exchange] = []
        self._handshakes: list[str] = []
        self._connections = 0
        self._armings = 0
        self._paused: set[Callable[[bool], None]] = set()

    def arm(self, script: Script | None) -> Journal:
        """Put a script in place of the one before (None: of none) and hand over the journal."""
        for script_over in tuple(self._paused):
            script_over(script is None)
        journal = Journal()
        if self._armed is not None or script is None:
            journal = self._hand_over()
        # By the lane's own count, whatever the others do: equal runs have equal request ids.
        self._armings += 1
        self._armed = None if script is None else scripts.arm(self._name, self._armings, script)
        self._state = scripts.State()
        self._began = time.monotonic()
        return journal

    def _hand_over(self) -> Journal:
        armed = self._armed
        journal = Journal(
            # An answer that was broken off late is written down late: the order is of the requests.
            exchanges=tuple(sorted(self._exchanges, key=lambda exchange: exchange.at)),
            strays=tuple(self._strays),
            handshakes=tuple(self._handshakes),
            unused=() if armed is None else scripts.unused(armed.script, self._state),
        )
        self._exchanges, self._strays, self._handshakes = [], [], []
        return journal

    def connected(self) -> int:
        """Number the connections of this lane from 1."""
        self._connections += 1
        return self._connections

    def certificate(self) -> str:
        """The script's; the right one while nothing is armed."""
        return TRUSTED if self._armed is None else self._armed.script.certificate

    def moment(self) -> Moment:
        """The script's clock, and the time since it was armed."""
        offset = 0 if self._armed is None else self._armed.script.clock_offset
        return Moment(int(time.time()) + offset, time.monotonic() - self._began)

    def answer(self, arrival: Arrival) -> Playback:
        """Let the script respond. A defect of ours is a 500 that says so, and is told on stderr."""
        if self._armed is None:
            number = len(self._strays) + 1
            return scripts.refuse(scripts.STRAY, arrival, scripts.identity(self._name, 0, number))
        try:
            self._state, plan = scripts.respond(self._armed, self._state, arrival)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return scripts.refuse(_DEFECT, arrival, scripts.identity(self._name, 0, 0))
        return plan

    def record(self, exchange: Exchange) -> None:
        """Journal an exchange."""
        (self._strays if self._armed is None else self._exchanges).append(exchange)

    def failed(self, words: str) -> None:
        """Journal a handshake that failed."""
        self._handshakes.append(words)

    def playing(self, script_over: Callable[[bool], None], *, on: bool) -> None:
        """Remember what has begun, so that it is told when its script is over."""
        (self._paused.add if on else self._paused.discard)(script_over)


class UnknownPeer:
    """The desk for an address that belongs to no lane: 400, and no journal."""

    def connected(self) -> int:
        """No number: nothing is journalled."""
        return 0

    def certificate(self) -> str:
        """The right one: it is the address that is wrong here."""
        return TRUSTED

    def moment(self) -> Moment:
        """The time as it is."""
        return Moment(clock=int(time.time()), at=0.0)

    def answer(self, arrival: Arrival) -> Playback:
        """Say that nobody is known here."""
        return scripts.refuse(scripts.NOBODY, arrival, scripts.identity("nobody", 0, 0))

    def record(self, exchange: Exchange) -> None:
        """Nowhere to put it."""

    def failed(self, words: str) -> None:
        """Nowhere to put it."""

    def playing(self, script_over: Callable[[bool], None], *, on: bool) -> None:
        """One step answers: there is no pause."""
