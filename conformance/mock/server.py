"""The messages that control the mock, and the processes of its lanes.

`Server.handle` carries out one message of the protocol described in `conformance.mock`; `control`
reads the messages. In a container it accepts the connections of all lanes and passes each to the
process of its lane.
"""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from conformance.mock.budget import RequestBudget
from conformance.mock.fork_server import ForkServer
from conformance.mock.lane_handle import LaneHandle
from conformance.mock.listening import listening_socket
from conformance.mock.mock_errors import RefusedError
from conformance.mock.tap import tap_settings
from conformance.mock.tls import Contexts
from conformance.oss.naming import PORTS

Json = dict[str, Any]
PROTOCOL = 1
# The beginning of an `arm` as the engine writes it: the rest is read by the process of the lane.
_ARM = re.compile(rb'\{"type": ?"arm", ?"lane": ?("(?:[^"\\]|\\.)*")')
# Connections that are accepted before other events are looked at.
_ACCEPTED_AT_ONCE = 16
# Rounds of the event loop in which connections are accepted that came before a message.
_ROUNDS = 2


class Server:
    """All lanes of one run. `reply` is called with each line for the engine."""

    def __init__(
        self, forks: ForkServer, budget: RequestBudget, reply: Callable[[bytes], None]
    ) -> None:
        self._forks = forks
        self._budget = budget
        self._reply = reply
        self._lanes: dict[str, LaneHandle] = {}
        self._peers: dict[str, LaneHandle] = {}
        self._unknown_peer: LaneHandle | None = None
        # What each lane's process receives: the certificates, and whether it listens.
        self._first: Json = {}
        self._listen: str | None = None
        self._listening: list[socket.socket] = []

    async def handle(self, line: bytes) -> bool:
        """Carry out one message; its reply is written when it is ready. False: it was `stop`."""
        arm = _ARM.match(line)
        try:
            message = {"type": "arm", "lane": json.loads(arm[1])} if arm else _object(line)
            if message.get("type") == "stop":
                return False
            reply = await self._carry_out(message, line)
        except RefusedError as error:
            reply = {"type": "refused", "lane": message.get("lane"), "reason": str(error)}
        if reply is not None:
            self._reply(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
        return True

    def close(self) -> None:
        """Stop listening and end the processes."""
        loop = asyncio.get_running_loop()
        for listening in self._listening:
            loop.remove_reader(listening)
            listening.close()
        for lane in (*self._lanes.values(), self._unknown_peer):
            if lane is not None:
                lane.close()

    async def _carry_out(self, message: Json, line: bytes) -> Json | None:
        handlers: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "start": self._start,
            "lane": self._lane,
        }
        kind = message.get("type")
        try:
            if kind == "arm":
                await self._arm(message["lane"], line)
                return None
            if kind not in handlers:
                raise RefusedError(f"unknown message type {kind!r}")
            return await handlers[kind](message)
        except (KeyError, TypeError, ValueError) as error:
            reason = f"the message {kind!r} violates the protocol: {error!r}"
            raise RefusedError(reason) from error
        except (OSError, ssl.SSLError) as error:
            raise RefusedError(f"{kind}: {error}") from error

    async def _start(self, message: Json) -> Json:
        if self._listen is not None:
            raise RefusedError("'start' was already received; send it once")
        if message["protocol"] != PROTOCOL:
            raise RefusedError(
                f"protocol {message['protocol']!r} is not supported, only {PROTOCOL}"
            )
        if message["listen"] not in ("container", "host"):
            raise RefusedError(f"'listen' is {message['listen']!r}, not 'container' or 'host'")
        Contexts(message["certificates"])  # a bad one fails here
        listens = message["listen"] == "host"
        tap = message.get("tap")
        if tap is not None:
            tap_settings(tap).endpoint.context()  # wrong ones fail here
            self._budget.allow(tap["requests"])
        self._first = {"certificates": message["certificates"], "listens": listens, "tap": tap}
        if not listens:
            self._unknown_peer = await self._process(None)
            for port in PORTS:
                self._listen_everywhere(port)
        self._listen = message["listen"]
        loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
        return {"type": "started", "protocol": PROTOCOL, "loop": loop}

    async def _lane(self, message: Json) -> Json:
        name, peer = message["lane"], message["peer"]
        if self._listen is None:
            raise RefusedError("'start' must be sent before 'lane'")
        if self._listen == "container" and not peer:
            raise RefusedError("'peer' is missing; in container mode it identifies the lane")
        lane = self._lanes.get(name) or await self._process(name)
        self._lanes[name] = lane
        # A restarted lane has a new container with a new address.
        self._peers = {ip: known for ip, known in self._peers.items() if known is not lane}
        if peer:
            self._peers[peer] = lane
        return {"type": "lane", "lane": name, "port": lane.port}

    async def _arm(self, name: str, line: bytes) -> None:
        if name not in self._lanes:
            raise RefusedError(f"no lane {name!r}; add it with 'lane' first")
        for _ in range(_ROUNDS if self._listening else 0):
            await asyncio.sleep(0)
        self._lanes[name].send(line)

    async def _process(self, name: str | None) -> LaneHandle:
        lane = LaneHandle(name, self._forks.fork(), self._reply)
        await lane.start(self._first)
        return lane

    def _listen_everywhere(self, port: int) -> None:
        """Listen on all IPv4 addresses and, where the machine supports it, all IPv6 addresses."""
        loop = asyncio.get_running_loop()
        for host in ("0.0.0.0", "::"):
            try:
                listening = listening_socket(host, port)
            except OSError:
                if host == "::":
                    return
                raise
            self._listening.append(listening)
            loop.add_reader(listening, self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        """Pass connections to the processes of their lanes."""
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, peer = listening.accept()
            except OSError:  # none waits any more, or one has gone already
                return
            lane = self._peers.get(peer[0], self._unknown_peer)
            assert lane is not None, "started before anything listens"
            lane.pass_on(connection)


def _object(line: bytes) -> Json:
    try:
        message = json.loads(line)
    except ValueError as error:
        return {"type": f"(not JSON: {error})"}
    return message if isinstance(message, dict) else {"type": "(not an object)"}
