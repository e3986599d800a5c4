"""The tap: forwards the requests of a live case to the service and records both messages.

It takes the place of the mock's answers and leaves the rest as it is: TLS under the real names,
CONNECT, the journal, the bounds of a trial. The bytes of a request are sent on as they came, those
of the response written as they come; nothing is added or signed again. A request that cannot be
read, names another host than the bucket's endpoint, or is one too many for the budget is not
forwarded: its connection is closed. Requests outside a live case (the probe of a lane's proxy,
strays) are answered by the mock and never forwarded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from conformance.mock.budget import RequestBudget
from conformance.mock.capture import capture
from conformance.mock.connection import Connection
from conformance.mock.connection_state import EXCHANGING, ConnectionEvent, ConnectionState, after
from conformance.mock.lane_responder import LaneResponder
from conformance.mock.recording import Recording
from conformance.mock.responder import Responder
from conformance.mock.script import Armed
from conformance.mock.stream import Accepts
from conformance.mock.upstream import LiveEndpoint, Upstream
from conformance.mock.wire import Message
from conformance.model.case import Credentials, Script
from conformance.model.http import ELSEWHERE, Exchange, Journal, Request
from conformance.oss.naming import bare_host

# Bytes of a response that are recorded. A documented response has a hundred bytes for each body.
RECORDED = 1024 * 1024
FAILED = "the endpoint failed"
BUDGET_USED = "the budget of requests is used up"


@dataclass(frozen=True, slots=True, kw_only=True)
class TapSettings:
    """What the tap needs to know; it comes over the pipe from the engine."""

    endpoint: LiveEndpoint
    hosts: tuple[str, ...]  # that requests may name, in lower case
    credentials: Credentials  # of the user, for verification and redaction only
    bucket: str | None  # to redact; None: keep it


def tap_settings(data: dict[str, Any]) -> TapSettings:
    """The settings in the `tap` of a `start` message; raises KeyError, TypeError or ValueError."""
    endpoint = data["endpoint"]
    addresses = tuple((str(address), int(port)) for address, port in endpoint["addresses"])
    return TapSettings(
        endpoint=LiveEndpoint(
            addresses=addresses, trust=endpoint["trust"], dialer=endpoint["dialer"]
        ),
        hosts=tuple(data["hosts"]),
        credentials=Credentials(**data["credentials"]),
        bucket=data["bucket"],
    )


class TapResponder(LaneResponder):
    """The responder of a lane in a live run."""

    def __init__(self, name: str, settings: TapSettings, budget: RequestBudget) -> None:
        super().__init__(name)
        self.settings = settings
        self.context = settings.endpoint.context()
        self._budget = budget
        self._capture = capture(settings.credentials, settings.bucket)

    @property
    def forwards(self) -> bool:
        """Whether the armed script says that the service answers."""
        return self._armed is not None and self._armed.script.live

    def refusal(self, request: Request) -> str | None:
        """Why a request is not forwarded; None: it is, and it is counted."""
        host = bare_host(request.header("host") or "")
        if host not in self.settings.hosts:
            return f"{ELSEWHERE} {host!r}, which is not that of the bucket"
        return None if self._budget.take() else BUDGET_USED

    def arm(self, script: Script | None, *, continues: bool = False) -> Journal:
        """Replace or remove the script; the journal of the previous one, without secrets.

        Exchanges are kept as they are until then, so that no request waits for another's record.
        """
        before = self._armed
        journal = super().arm(script, continues=continues)
        return replace(
            journal,
            exchanges=tuple(self._recorded(one, before) for one in journal.exchanges),
            strays=tuple(self._recorded(one, None) for one in journal.strays),
            proxy=tuple(self._recorded(one, None) for one in journal.proxy),
        )

    def _recorded(self, exchange: Exchange, armed: Armed | None) -> Exchange:
        region = "" if armed is None else armed.script.region
        recorded = self._capture.recorded(exchange, region)
        if armed is None or not armed.script.live:  # the mock has said itself what it refused
            recorded = replace(recorded, refusal=exchange.refusal)
        return recorded


class TapConnection(Connection):
    """One accepted connection of a lane, with a connection to the service of its own."""

    def __init__(self, accepts: Accepts, responder_for: Callable[[str], Responder]) -> None:
        super().__init__(accepts, responder_for)
        self._upstream: Upstream | None = None
        self._opening: asyncio.Task[None] | None = None

    def pause_writing(self) -> None:
        """Also read nothing more of the response."""
        super().pause_writing()
        if self._upstream is not None:
            self._upstream.read_on(False)

    def resume_writing(self) -> None:
        """Also read on."""
        if self._upstream is not None:
            self._upstream.read_on(True)
        super().resume_writing()

    def _ask(self, message: Message) -> None:
        tap, request = self._responder, message.request
        if not isinstance(tap, TapResponder) or not tap.forwards or request is None:
            super()._ask(message)
            return
        self._state = after(self._state, ConnectionEvent.REQUEST)
        self._recording.received, self._recording.moment = message.raw, tap.moment()
        refusal = tap.refusal(request)
        if refusal is not None:
            self._failed(refusal)
        elif self._upstream is not None and self._upstream.usable:
            self._send(self._upstream, message, request)
        else:
            self._drop()
            self._opening = asyncio.create_task(self._open(tap, message, request))

    async def _open(self, tap: TapResponder, message: Message, request: Request) -> None:
        """Connect to the service and send the request."""
        host = bare_host(request.header("host") or "")
        try:
            self._upstream = await Upstream.open(tap.settings.endpoint, tap.context, host)
        except OSError as error:
            self._opening = None
            self._failed(f"{FAILED}: {error or type(error).__name__}")
            return
        self._opening = None
        self._send(self._upstream, message, request)

    def _send(self, upstream: Upstream, message: Message, request: Request) -> None:
        done = partial(self._answered, message.keep)
        upstream.ask(message.raw, request.method, got=self._forward, done=done)

    def _forward(self, piece: bytes) -> None:
        """Write a part of the response, and record what there is room for."""
        if self._state in (ConnectionState.RESPONDING, ConnectionState.RESPONDING_LATE):
            self._state = after(self._state, ConnectionEvent.PLAYBACK)
        kept = piece[: max(0, RECORDED - len(self._recording.sent))]
        self._responder.use("bytes", len(kept))
        self._recording.sent += kept
        self._recording.omitted += len(piece) - len(kept)
        self._stream.write(piece)

    def _answered(self, keep: bool, problem: str | None) -> None:
        """The response is complete, or has broken off."""
        if problem is not None:
            self._failed(f"{FAILED}: {problem}")
            return
        if self._state in EXCHANGING:
            self._journal()
        else:  # a late answer belongs to no exchange
            self._recording = Recording()
        self._state = after(self._state, ConnectionEvent.PLAYED)
        if keep and self._upstream is not None and self._upstream.usable:
            self._idle.restart()
            self.proceed()
        else:
            self.close()

    def _failed(self, trouble: str) -> None:
        self._recording.trouble = trouble
        self.close()

    def _drop(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _finish(self, failed_handshake: str = "", *, for_client: bool = False) -> None:
        """Also end what is being forwarded."""
        super()._finish(failed_handshake, for_client=for_client)
        if self._opening is not None:
            self._opening.cancel()
        self._drop()
