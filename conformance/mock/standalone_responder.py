"""The responder of the stand-alone mock: gives the documented answers, or those of a case.

It reads the clock. Every request is verified and logged (see `request_log`).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from conformance.mock import proxy, request_log, service
from conformance.mock import script as scripts
from conformance.mock.answer import answer, prepare, refusal
from conformance.mock.mock_errors import PLAIN_HTTP, malformed
from conformance.mock.responder import Moment, ScriptEnded
from conformance.mock.steps import Arrival, Playback
from conformance.model.case import KnownKey, Script
from conformance.model.http import Exchange, Request
from conformance.oss.verification import Verification

REGION = "cn-hangzhou"  # the region of the documented endpoint
_NAME = "mock"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandaloneConfig:
    """Where the stand-alone mock listens and what it answers."""

    # Accepted key pairs, in addition to those of the script.
    keys: tuple[KnownKey, ...]
    # 0 selects any free port.
    port: int = 0
    # Serve HTTP instead of TLS.
    plain: bool = False
    # Pairs of a PEM chain and its key, by name; `trusted` is required unless `plain` is set.
    certificates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Path of the CA certificate, which the first line of output states.
    ca: str | None = None
    # The script of a case; None for the documented answers.
    script: Script | None = None


class StandaloneResponder:
    """Answers every request to the stand-alone mock; `log` is called with one line at a time."""

    def __init__(self, config: StandaloneConfig, log: Callable[[str], None]) -> None:
        self._log = log
        self._plain = config.plain
        script = config.script or Script(keys=(), replies=(), region=REGION)
        self._script = replace(script, keys=(*config.keys, *script.keys))
        self._armed = scripts.arm(_NAME, 0, self._script) if config.script else None
        self._state = scripts.State()
        self._connections = 0

    def connected(self, script_ended: ScriptEnded) -> int:  # noqa: ARG002 (Responder)
        """Return the number of the connection, counted from 1."""
        self._connections += 1
        return self._connections

    def disconnected(self, script_ended: ScriptEnded) -> None:
        """The script never ends."""

    def use(self, kind: str, amount: int = 1) -> bool:  # noqa: ARG002 (Responder)
        """There are no bounds, since there is no journal to fill."""
        return True

    def certificate(self) -> str:
        """The certificate of the script."""
        return self._script.certificate

    def moment(self) -> Moment:
        """The time by the script's clock."""
        return Moment(clock=int(time.time()) + self._script.clock_offset, at=0.0)

    def respond(self, arrival: Arrival) -> Playback:
        """Answer from the script or the documentation, and log the request."""
        verification = scripts.authenticate(self._script, arrival)
        if arrival.scheme == "http" and not self._plain:
            playback = answer(refusal(PLAIN_HTTP), arrival, scripts.request_id(_NAME, 0, 0))
        elif self._armed is not None:
            self._state, playback = scripts.respond(self._armed, self._state, arrival)
        else:
            playback = self._documented(arrival, verification)
        for line in request_log.lines(self._script, arrival, verification, playback):
            self._log(line)
        return playback

    def as_proxy(self, request: Request, *, keep: bool) -> bytes | None:
        """The answer of the script's proxy; without a script everybody is let through."""
        return proxy.refusal(self._script, request, keep=keep)

    def record(self, exchange: Exchange) -> None:
        """There is no journal."""

    def handshake_failed(self, reason: str) -> None:
        """Log it."""
        self._log(f"TLS handshake failed: {request_log.printable(reason)}")

    def _documented(self, arrival: Arrival, verification: Verification | None) -> Playback:
        self._state = replace(self._state, requests=self._state.requests + 1)
        if arrival.request is None or verification is None:
            reply = refusal(malformed(arrival.problem))
        elif verification.error is not None:
            reply = refusal(verification.error)
        else:
            reply = prepare(service.reply(arrival.request.method, verification.resource))
        return answer(reply, arrival, scripts.request_id(_NAME, 0, self._state.requests))
