"""The responder of the stand-alone mock: gives the documented answers, or those of a case.

It reads the clock. Every request is verified and logged (see `request_log`).
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.mock import proxy, request_log
from conformance.mock import script as scripts
from conformance.mock.answer import answer, refusal
from conformance.mock.detector import Detector
from conformance.mock.documented_service import Answered, DocumentedService, Later
from conformance.mock.mock_errors import MALFORMED, PLAIN_HTTP
from conformance.mock.object_folder import ObjectFolder
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
    # Folder with the objects, as DIR/bucket/key; None for those that are built in alone.
    objects: Path | None = None
    # Command that detects the bodies in an image; None: they are invented.
    detector: tuple[str, ...] | None = None
    # Region of the buckets.
    region: str = REGION
    # Log no requests, only failures of the mock.
    quiet: bool = False


class StandaloneResponder:
    """Answers every request to the stand-alone mock; `log` is called with one line at a time.

    Raises InputError if the folder of objects cannot be read.
    """

    def __init__(self, config: StandaloneConfig, log: Callable[[str], None]) -> None:
        self._log = log
        self._plain, self._quiet = config.plain, config.quiet
        script = config.script or Script(keys=(), replies=(), region=config.region)
        self._script = replace(script, keys=(*config.keys, *script.keys))
        self._armed = scripts.arm(_NAME, 0, self._script) if config.script else None
        self._state = scripts.State()
        self._service = DocumentedService(
            ObjectFolder(config.objects),
            region=config.region,
            keys=self._script.keys,
            detector=None if config.detector is None else Detector(config.detector),
            log=lambda line: log(request_log.printable(line)),
        )
        self._connections = self._requests = 0
        # Request ids differ from those of every other process, as those of the service do.
        self._name = secrets.token_hex(8)

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

    def respond(self, arrival: Arrival) -> Playback | Awaitable[Playback]:
        """Answer from the script or the documentation, and log the request."""
        if arrival.scheme == "http" and not self._plain:
            playback = answer(refusal(PLAIN_HTTP), arrival, scripts.request_id(_NAME, 0, 0))
            return self._logged(arrival, None, Answered(playback, PLAIN_HTTP))
        if self._armed is not None:
            verification = scripts.authenticate(self._script, arrival)
            self._state, playback = scripts.respond(self._armed, self._state, arrival)
            error = None if playback.refusal is None or verification is None else verification.error
            return self._logged(arrival, verification, Answered(playback, error))
        self._requests += 1
        verification = self._service.verify(arrival)
        identity = scripts.request_id(self._name, 0, self._requests)
        answered = self._service.answer(arrival, verification, identity)
        if isinstance(answered, Answered):
            return self._logged(arrival, verification, answered)
        return self._later(arrival, verification, answered)

    async def _later(
        self, arrival: Arrival, verification: Verification | None, later: Later
    ) -> Playback:
        return self._logged(arrival, verification, await later())

    def _logged(
        self, arrival: Arrival, verification: Verification | None, answered: Answered
    ) -> Playback:
        if not self._quiet:
            script = self._script
            if self._armed is None:
                script = replace(script, region=self._service.region(arrival))
            for line in request_log.lines(script, arrival, verification, answered):
                self._log(line)
        return answered.playback

    def as_proxy(self, request: Request, *, keep: bool) -> bytes | None:
        """The answer of the script's proxy; without a script everybody is let through."""
        return proxy.refusal(self._script, request, keep=keep)

    def record(self, exchange: Exchange) -> None:
        """Log a request that was broken off, which nobody has answered; there is no journal."""
        if not self._quiet and exchange.refusal == MALFORMED and not exchange.sent:
            self._log(f"(broken off after {len(exchange.received)} bytes)  not answered")

    def handshake_failed(self, reason: str) -> None:
        """Log it."""
        if not self._quiet:
            self._log(f"TLS handshake failed: {request_log.printable(reason)}")
