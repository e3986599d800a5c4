"""The process of one lane: its connections, its responder, and its part of the protocol.

The first line from the parent says which lane it is; the reply has the port that it listens on, if
it has one. In a container the parent accepts the connections, since lanes share ports there, and
passes those of this lane. Every other line is an `arm` of the protocol in `conformance.mock`.
"""

import asyncio
import json
import socket
import ssl
from functools import partial
from typing import Any, Literal

from conformance.mock.budget import RequestBudget
from conformance.mock.connection import Connection
from conformance.mock.event_loop import new_loop
from conformance.mock.fork_server import Pair
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.listening import LOOPBACK, listen
from conformance.mock.mock_errors import RefusedError
from conformance.mock.responder import Responder
from conformance.mock.stream import Accepts
from conformance.mock.tap import TapConnection, TapResponder, tap_settings
from conformance.mock.tls import Contexts
from conformance.model.codec import journal_to, script_from
from conformance.model.limits import LINE_BYTES

Json = dict[str, Any]
_TAKES: dict[int, Literal["any", "tls", "plain"]] = {443: "tls", 80: "plain"}
# Rounds of the event loop after which a connection that the client has closed is closed here too:
# its end is read, the transport is closed, the connection is forgotten. A passed connection takes
# two more: it is received and becomes a transport.
_ROUNDS = 6


def accepts_on(port: int, contexts: Contexts) -> Accepts:
    """What a port of the container accepts."""
    takes = _TAKES.get(port, "any")
    return Accepts(takes=takes, contexts=None if takes == "plain" else contexts)


def serve(budget: RequestBudget, sockets: Pair) -> None:
    """Serve one lane until the parent closes its socket. budget: of requests to the service."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve(budget, *sockets))


async def _serve(budget: RequestBudget, control: socket.socket, passed: socket.socket) -> None:
    lines, writer = await asyncio.open_connection(sock=control, limit=LINE_BYTES)
    lane = LaneProcess(json.loads(await lines.readline()), budget)
    reply = await lane.start(passed)
    while reply:
        writer.write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
        line = await lines.readline()
        reply = await lane.arm(line) if line else {}


class LaneProcess:
    """What a lane's process knows; lane None: addresses that belong to no lane."""

    def __init__(self, message: Json, budget: RequestBudget) -> None:
        self._name: str | None = message["lane"]
        self._listens = bool(message["listens"])
        self._contexts = Contexts(message["certificates"])
        self._lane: LaneResponder | None = None
        self._connection: type[Connection] = Connection
        if self._name is not None and message["tap"] is not None:
            settings = tap_settings(message["tap"])
            self._lane = TapResponder(self._name, settings, budget)
            self._connection = TapConnection
        elif self._name is not None:
            self._lane = LaneResponder(self._name)
        self._responder: Responder = self._lane or UnknownPeer()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self, passed: socket.socket) -> Json:
        """Listen, or receive connections; the reply to the first line."""
        if not self._listens:
            passed.setblocking(False)
            asyncio.get_running_loop().add_reader(passed, self._receive, passed)
            return {"port": None}
        accepts = Accepts(takes="any", contexts=self._contexts, chosen=False)
        try:
            server = await listen(LOOPBACK, 0, accepts, lambda _: self._responder, self._connection)
        except OSError as error:
            return {"port": None, "problem": str(error)}
        return {"port": server.sockets[0].getsockname()[1]}

    async def arm(self, line: bytes) -> Json:
        """The reply to an `arm`."""
        try:
            message = json.loads(line)
            return {
                "type": "journal",
                "lane": message["lane"],
                "seq": message["seq"],
                "journal": await self._arm(message["script"], bool(message.get("continues"))),
            }
        except RefusedError as error:
            return self._refused(str(error))
        except (KeyError, TypeError, ValueError) as error:
            return self._refused(f"the message 'arm' violates the protocol: {error!r}")
        except (OSError, ssl.SSLError) as error:
            return self._refused(f"arm: {error}")

    def _refused(self, reason: str) -> Json:
        return {"type": "refused", "lane": self._name, "reason": reason}

    async def _arm(self, encoded: Json | None, continues: bool) -> Json:
        assert self._lane is not None, "nothing is armed for unknown addresses"
        script = None if encoded is None else script_from(encoded)
        if script is not None:
            if script.certificate not in self._contexts:
                raise RefusedError(f"'start' named no certificate {script.certificate!r}")
            self._contexts.named(script.certificate)  # loads it, so that a bad one fails here
        for _ in range(_ROUNDS):  # what has arrived before this message is read first
            await asyncio.sleep(0)
        return journal_to(self._lane.arm(script, continues=continues))

    def _receive(self, passed: socket.socket) -> None:
        """Serve a connection that the parent has accepted."""
        loop = asyncio.get_running_loop()
        data, numbers, _, _ = socket.recv_fds(passed, 1, 1)
        if not data:
            loop.remove_reader(passed)
        for number in numbers:
            connection = socket.socket(fileno=number)
            accepts = accepts_on(connection.getsockname()[1], self._contexts)
            protocol = partial(self._connection, accepts, lambda _: self._responder)
            task = loop.create_task(loop.connect_accepted_socket(protocol, connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
