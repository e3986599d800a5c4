"""The tap: forwards the requests of a live case to the service and records both messages.

It takes the place of the mock's answers and leaves the rest as it is: TLS under the real names,
CONNECT, the journal, the bounds of a trial. The bytes of a request are sent on as they came, those
of the response written as they come; nothing is added or signed again. A request that cannot be
read, names another host than the bucket's endpoint, or is one too many for the budget is not
forwarded: its connection is closed. Requests outside a live case (the probe of a lane's proxy,
strays) are answered by the mock and never forwarded.
"""

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.live.capture import capture
from conformance.mock.budget import RequestBudget
from conformance.mock.connection import Connection
from conformance.mock.connection_state import EXCHANGING, ConnectionEvent, ConnectionState, after
from conformance.mock.lane_responder import LaneResponder
from conformance.mock.recording import Recording
from conformance.mock.responder import Responder
from conformance.mock.stream import Accepts
from conformance.mock.upstream import LiveEndpoint, Upstream
from conformance.mock.wire import Message
from conformance.model.case import Credentials
from conformance.model.http import Exchange, Request
from conformance.oss.naming import bare_host

# Bytes of a response that are recorded. A documented response has a hundred bytes for each body.
RECORDED = 1024 * 1024
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
            return f"the request names the host {host!r}, which is not that of the bucket"
        return None if self._budget.take() else BUDGET_USED

    def record(self, exchange: Exchange) -> None:
        """Journal an exchange without the user's secrets."""
        region = "" if self._armed is None else self._armed.script.region
        recorded = self._capture.recorded(exchange, region)
        if not self.forwards:  # the mock answered, and says itself what it has refused
            recorded = replace(recorded, refusal=exchange.refusal)
        super().record(recorded)


class TapConnection(Connection):
    """One accepted connection of a lane, with a connection to the service of its own."""

    def __init__(self, accepts: Accepts, responder_for: Callable[[str], Responder]) -> None:
        super().__init__(accepts, responder_for)
        self._upstream: Upstream | None = None
        self._relaying: asyncio.Future[None] | None = None
        self._readable = asyncio.Event()
        self._readable.set()

    def pause_writing(self) -> None:
        """Also read nothing more of the response."""
        self._readable.clear()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Also read on."""
        self._readable.set()
        super().resume_writing()

    def _ask(self, message: Message) -> None:
        tap = self._responder
        if not isinstance(tap, TapResponder) or not tap.forwards or message.request is None:
            super()._ask(message)
            return
        self._state = after(self._state, ConnectionEvent.REQUEST)
        self._recording.received, self._recording.moment = message.raw, tap.moment()
        self._recording.trouble = tap.refusal(message.request)
        if self._recording.trouble is not None:
            self.close()
            return
        self._relaying = asyncio.ensure_future(self._relay(tap, message, message.request))

    async def _relay(self, tap: TapResponder, message: Message, request: Request) -> None:
        """Forward a request and write the response as it comes."""
        try:
            upstream = await self._connected(tap, bare_host(request.header("host") or ""))
            upstream.send(message.raw)
            async for piece in upstream.response(request.method):
                self._forward(piece)
                if not self._readable.is_set():
                    await self._readable.wait()
        except (OSError, EOFError, ValueError) as error:
            self._recording.trouble = f"the endpoint failed: {error or type(error).__name__}"
            self.close()
            return
        except Exception as error:
            traceback.print_exception(error)
            self._recording.trouble = f"the tap failed: {type(error).__name__}"
            self.close()
            return
        self._end_exchange()
        if not (upstream.usable and message.keep):
            self.close()
            return
        self._idle.restart()
        self.proceed()

    async def _connected(self, tap: TapResponder, host: str) -> Upstream:
        if self._upstream is None or not self._upstream.usable:
            self._drop()
            self._upstream = await Upstream.open(tap.settings.endpoint, tap.context, host)
        return self._upstream

    def _forward(self, piece: bytes) -> None:
        """Write a part of the response, and record what there is room for."""
        if self._state in (ConnectionState.RESPONDING, ConnectionState.RESPONDING_LATE):
            self._state = after(self._state, ConnectionEvent.PLAYBACK)
        kept = piece[: max(0, RECORDED - len(self._recording.sent))]
        self._responder.use("bytes", len(kept))
        self._recording.sent += kept
        self._recording.omitted += len(piece) - len(kept)
        self._stream.write(piece)

    def _end_exchange(self) -> None:
        if self._state in EXCHANGING:
            self._journal()
        else:  # a late answer belongs to no exchange
            self._recording = Recording()
        self._state = after(self._state, ConnectionEvent.PLAYED)

    def _drop(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _finish(self, failed_handshake: str = "", *, for_client: bool = False) -> None:
        """Also end what is being forwarded."""
        super()._finish(failed_handshake, for_client=for_client)
        if self._relaying is not None and self._relaying is not asyncio.current_task():
            self._relaying.cancel()
        self._drop()
