"""The responder of one lane, with its armed script and its journal.

It reads the clocks. Arming a script returns the journal of the previous one. Requests that arrive
while no script is armed are strays in the journal of the next script, so a late request is reported
one trial later; disarming twice returns the strays at once.
"""

import time

from conformance.mock import script as scripts
from conformance.mock.answer import answer, refusal
from conformance.mock.bounds import Pace, Usage
from conformance.mock.mock_errors import STRAY, UNKNOWN_PEER
from conformance.mock.proxy import refusal as refused
from conformance.mock.responder import Moment, ScriptEnded
from conformance.mock.steps import Arrival, Playback
from conformance.mock.tls import TRUSTED
from conformance.model.case import Script
from conformance.model.http import PROXY, Exchange, Journal, Request

# Seconds for which the process of a lane stops at each connection beyond a bound. It serves no
# other lane, and a client that connects without end would take the processor from them.
_BETWEEN_CONNECTIONS = 0.005


class LaneResponder:
    """Answers the requests of one lane from the script that the engine armed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._armed: scripts.Armed | None = None
        self._state = scripts.State()
        self._armed_at = time.monotonic()
        self._exchanges: list[Exchange] = []
        self._strays: list[Exchange] = []
        self._handshakes: list[str] = []
        self._at_proxy: list[Exchange] = []
        self._usage = Usage()
        self._pace: Pace | None = None  # since the first use
        self._connections = 0
        self._earlier = 0  # connections when the script was armed
        self._before_case = 0  # connections when the first script of the case was armed
        self._armings = 0
        # The number of each open connection, oldest first.
        self._open: dict[ScriptEnded, int] = {}

    def arm(self, script: Script | None, *, continues: bool = False) -> Journal:
        """Replace or remove the script and return the journal of the previous one.

        continues: whether the script belongs to the same case as the previous one.
        """
        still_open = sum(number > self._before_case for number in self._open.values())
        for script_ended in tuple(self._open):
            script_ended(script is None)
        journal = Journal()
        if self._armed is not None or script is None:
            journal = self._take_journal(still_open)
        # Counted for each lane, so that equal runs have equal request ids.
        self._armings += 1
        self._armed = None if script is None else scripts.arm(self._name, self._armings, script)
        self._state = scripts.State()
        self._usage, self._pace = Usage(), None
        self._armed_at = time.monotonic()
        self._earlier = self._connections
        if not continues:
            self._before_case = self._connections
        return journal

    def _take_journal(self, still_open: int) -> Journal:
        armed = self._armed
        journal = Journal(
            # In the order of the requests; an exchange is journalled when it ends.
            exchanges=tuple(sorted(self._exchanges, key=lambda exchange: exchange.at)),
            strays=tuple(self._strays),
            handshakes=tuple(self._handshakes),
            proxy=tuple(self._at_proxy),
            earlier=self._earlier,
            unused=() if armed is None else scripts.unused(armed.script, self._state),
            open=still_open,
            exceeded=None if armed is None else self._usage.exceeded,
        )
        self._exchanges, self._strays, self._handshakes, self._at_proxy = [], [], [], []
        return journal

    def connected(self, script_ended: ScriptEnded) -> int:
        """Return the number of the connection on this lane, counted from 1."""
        if self._usage.exceeded is not None:
            time.sleep(_BETWEEN_CONNECTIONS)
        self._connections += 1
        self._open[script_ended] = self._connections
        return self._connections

    def disconnected(self, script_ended: ScriptEnded) -> None:
        """Forget the connection that has this callback."""
        del self._open[script_ended]

    def use(self, kind: str, amount: int = 1) -> bool:
        """Count towards the bounds of the trial; whether they hold. May stop for a moment."""
        taken = time.process_time()
        self._pace = self._pace or Pace(taken)
        stop = self._pace.stop(taken)
        if stop:
            time.sleep(stop)
        # Strays may come over any time; there are not many of them.
        now = 0.0 if self._armed is None else time.monotonic()
        return self._usage.add(kind, amount, now)

    def certificate(self) -> str:
        """The certificate of the script; `trusted` while none is armed."""
        return TRUSTED if self._armed is None else self._armed.script.certificate

    def moment(self) -> Moment:
        """The time by the script's clock, and since it was armed."""
        offset = 0 if self._armed is None else self._armed.script.clock_offset
        return Moment(int(time.time()) + offset, time.monotonic() - self._armed_at)

    def respond(self, arrival: Arrival) -> Playback:
        """The script's answer; 503 while none is armed."""
        if self._armed is None:
            number = len(self._strays) + 1
            return answer(refusal(STRAY), arrival, scripts.request_id(self._name, 0, number))
        self._state, playback = scripts.respond(self._armed, self._state, arrival)
        return playback

    def as_proxy(self, request: Request, *, keep: bool) -> bytes | None:
        """The answer of the script's proxy; everybody is let through while none is armed."""
        return None if self._armed is None else refused(self._armed.script, request, keep=keep)

    def record(self, exchange: Exchange) -> None:
        """Journal an exchange."""
        if exchange.via == PROXY and self._armed is not None:
            self._at_proxy.append(exchange)
            return
        (self._strays if self._armed is None else self._exchanges).append(exchange)

    def handshake_failed(self, reason: str) -> None:
        """Journal a failed handshake."""
        self._handshakes.append(reason)


class UnknownPeer:
    """The responder for addresses that belong to no lane: answers 400 and keeps no journal."""

    def connected(self, script_ended: ScriptEnded) -> int:  # noqa: ARG002 (Responder)
        """Connections are not numbered, since nothing is journalled."""
        return 0

    def disconnected(self, script_ended: ScriptEnded) -> None:
        """There is no script that could end."""

    def use(self, kind: str, amount: int = 1) -> bool:  # noqa: ARG002 (Responder)
        """There are no bounds, since nothing is journalled."""
        return True

    def certificate(self) -> str:
        """`trusted`, so that the client sees the answer 400."""
        return TRUSTED

    def moment(self) -> Moment:
        """The current time."""
        return Moment(clock=int(time.time()), at=0.0)

    def respond(self, arrival: Arrival) -> Playback:
        """Answer that no lane has this address."""
        return answer(refusal(UNKNOWN_PEER), arrival, scripts.request_id("", 0, 0))

    def as_proxy(self, request: Request, *, keep: bool) -> bytes | None:
        """The answer to the request itself says what is wrong."""

    def record(self, exchange: Exchange) -> None:
        """There is no journal."""

    def handshake_failed(self, reason: str) -> None:
        """There is no journal."""
