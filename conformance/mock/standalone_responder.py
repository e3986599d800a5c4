"""The desk of the mock that stands alone: the service's answers, and a log that explains.

It reads the clock. One line for each request: method, target, processing string
as decoded, verdict, status; for a signature that does not match, why, as `oss.explain` has it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.mismatch.explain import explain
from conformance.mock import script as scripts
from conformance.mock import service
from conformance.mock.answer import answer, prepare
from conformance.mock.responder import Moment
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import KnownKey, Script
from conformance.model.http import Exchange, Request
from conformance.oss.naming import Resource
from conformance.oss.service_error import ServiceError
from conformance.oss.verification import Verification, verify

REGION = "cn-hangzhou"  # of the documented endpoint
_NAME = "mock"
_NOT_PLAIN = ServiceError(
    status=400, code="BadRequest", message="Plain HTTP was sent to an HTTPS endpoint of the mock."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """On which terms requests are answered. plain: HTTP is taken. script: a case's, or None."""

    keys: tuple[KnownKey, ...]
    plain: bool
    script: Script | None


class StandaloneResponder:
    """The desk of the mock that stands alone."""

    def __init__(self, terms: Answering, log: Callable[[str], None]) -> None:
        self._log = log
        self._plain = terms.plain
        script = terms.script or Script(keys=(), replies=(), region=REGION)
        self._script = replace(script, keys=(*terms.keys, *script.keys))
        self._armed = scripts.arm(_NAME, 0, self._script) if terms.script else None
        self._state = scripts.State()
        self._connections = 0

    def connected(self) -> int:
        """Number the connections from 1."""
        self._connections += 1
        return self._connections

    def certificate(self) -> str:
        """The case's, if it has one."""
        return self._script.certificate

    def moment(self) -> Moment:
        """The script's clock."""
        return Moment(clock=int(time.time()) + self._script.clock_offset, at=0.0)

    def answer(self, arrival: Arrival) -> Playback:
        """The script's answer or the service's, and a line in the log."""
        found = self._verify(arrival)
        if arrival.scheme == "http" and not self._plain:
            plan = scripts.refuse(_NOT_PLAIN, arrival, scripts.identity(_NAME, 0, 0))
        elif self._armed is not None:
            self._state, plan = scripts.respond(self._armed, self._state, arrival)
        else:
            plan = self._play(arrival, found)
        for line in self._lines(arrival, found, plan):
            self._log(line)
        return plan

    def record(self, exchange: Exchange) -> None:
        """Nothing is journalled: there is nobody to hand it to."""

    def failed(self, words: str) -> None:
        """Log a handshake that failed."""
        self._log(f"TLS handshake failed: {_shown(words)}")

    def playing(self, script_over: Callable[[bool], None], *, on: bool) -> None:
        """Nothing is ever disarmed."""

    def _verify(self, arrival: Arrival) -> Verification | None:
        if arrival.request is None:
            return None
        return verify(
            arrival.request,
            keys=self._script.keys,
            region=self._script.region,
            clock=arrival.clock,
            bound=self._script.bound,
        )

    def _play(self, arrival: Arrival, found: Verification | None) -> Playback:
        self._state = replace(self._state, requests=self._state.requests + 1)
        request_id = scripts.identity(_NAME, 0, self._state.requests)
        if arrival.request is None or found is None:
            return scripts.refuse(scripts.malformed(arrival.problem), arrival, request_id)
        if found.error is not None:
            return scripts.refuse(found.error, arrival, request_id)
        reply = service.reply(arrival.request.method, found.resource)
        return Playback(steps=answer(prepare(reply), arrival, request_id))

    def _lines(self, arrival: Arrival, found: Verification | None, plan: Playback) -> list[str]:
        request = arrival.request
        if request is None or found is None:
            return [f"(not HTTP: {_shown(arrival.problem)})  400"]
        accepted = found.verified if self._script.verify else "not verified"
        verdict = plan.refusal or accepted
        line = f"{request.method} {_shown(request.target)}  {_process(found.resource)}  {verdict}"
        return [f"{line}  {_status(plan)}", *self._why(request, arrival.clock, plan)]

    def _why(self, request: Request, clock: int, plan: Playback) -> list[str]:
        if plan.refusal != "SignatureDoesNotMatch":
            return []
        script = self._script
        why = explain(request, keys=script.keys, region=script.region, clock=clock)
        if why is None:
            return []
        if not why.line:
            return [f"    {why.sentence}"]
        sides = (f"theirs {_shown(why.theirs)}", f"ours   {_shown(why.ours)}")
        return [f"    {why.sentence}", *(f"    {why.line}: {side}" for side in sides)]


def _process(resource: Resource) -> str:
    values = [_shown(value) for name, value in resource.query if name == "x-oss-process"]
    return " and ".join(values) if values else "(no processing)"


def _status(plan: Playback) -> str:
    """The status in the first thing that is written; a fault may write nothing."""
    written = next((step.data for step in plan.steps if isinstance(step, Write)), b"")
    return written[9:12].decode("latin-1") or "(nothing)"


def _shown(text: str) -> str:
    """Text with what a terminal would obey made visible."""
    return "".join([char if char.isprintable() else ascii(char)[1:-1] for char in text])
