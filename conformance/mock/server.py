"""The listeners of the mock and the messages that control them.

`Server.handle` answers one message of the protocol described in `conformance.mock`; `control` reads
the messages and writes the replies.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

from conformance.mock.connection import Connection
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.responder import Responder
from conformance.mock.stream import Accepts
from conformance.mock.tls import Contexts
from conformance.model.codec import journal_to, script_from
from conformance.oss.naming import PORTS

Json = dict[str, Any]
PROTOCOL = 1
LOOPBACK = "127.0.0.1"
_TAKES: dict[int, Literal["any", "tls", "plain"]] = {443: "tls", 80: "plain"}
# Connections that may wait to be accepted; a lane opens a few at a time. The kernel may lower the
# number (net.core.somaxconn).
_BACKLOG = 256
# Rounds of the event loop after which a connection that the client has closed is closed here too:
# its end is read, the transport is closed, the connection is forgotten.
_ROUNDS = 4


class RefusedError(Exception):
    """A message cannot be carried out; the text is sent to the engine."""


class Server:
    """All lanes of one run and their listeners."""

    def __init__(self) -> None:
        self._lanes: dict[str, LaneResponder] = {}
        self._peers: dict[str, LaneResponder] = {}
        self._ports: dict[str, int] = {}
        self._unknown_peer = UnknownPeer()
        self._contexts: Contexts | None = None
        self._listen: str | None = None
        self._servers: list[asyncio.Server] = []

    async def handle(self, message: Json) -> Json:
        """The reply to one message other than `stop`."""
        handlers: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "start": self._start,
            "lane": self._lane,
            "arm": self._arm,
        }
        try:
            if message.get("type") not in handlers:
                raise RefusedError(f"unknown message type {message.get('type')!r}")
            return await handlers[message["type"]](message)
        except RefusedError as error:
            return {"type": "refused", "reason": str(error)}
        except (KeyError, TypeError, ValueError) as error:
            reason = f"the message {message.get('type')!r} violates the protocol: {error!r}"
            return {"type": "refused", "reason": reason}
        except (OSError, ssl.SSLError) as error:
            return {"type": "refused", "reason": f"{message.get('type')}: {error}"}

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()

    async def _start(self, message: Json) -> Json:
        if self._listen is not None:
            raise RefusedError("'start' was already received; send it once")
        if message["protocol"] != PROTOCOL:
            raise RefusedError(
                f"protocol {message['protocol']!r} is not supported, only {PROTOCOL}"
            )
        if message["listen"] not in ("container", "host"):
            raise RefusedError(f"'listen' is {message['listen']!r}, not 'container' or 'host'")
        self._contexts = Contexts(message["certificates"])
        if message["listen"] == "container":
            for port in PORTS:
                takes = _TAKES.get(port, "any")
                contexts = None if takes == "plain" else self._contexts
                await self._listen_everywhere(port, Accepts(takes=takes, contexts=contexts))
        self._listen = message["listen"]
        loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
        return {"type": "started", "protocol": PROTOCOL, "loop": loop}

    async def _lane(self, message: Json) -> Json:
        name, peer = message["lane"], message["peer"]
        if self._listen is None:
            raise RefusedError("'start' must be sent before 'lane'")
        lane = self._lanes.get(name) or LaneResponder(name)
        if self._listen == "container":
            if not peer:
                raise RefusedError("'peer' is missing; in container mode it identifies the lane")
            # A restarted lane has a new container with a new address.
            self._peers = {ip: known for ip, known in self._peers.items() if known is not lane}
            self._peers[peer] = lane
        elif name not in self._ports:
            accepts = Accepts(takes="any", contexts=self._contexts, chosen=False)
            listening = await listen(LOOPBACK, 0, accepts, lambda _: lane)
            self._servers.append(listening)
            self._ports[name] = listening.sockets[0].getsockname()[1]
        self._lanes[name] = lane
        return {"type": "lane", "lane": name, "port": self._ports.get(name)}

    async def _arm(self, message: Json) -> Json:
        name, seq = message["lane"], message["seq"]
        if name not in self._lanes:
            raise RefusedError(f"no lane {name!r}; add it with 'lane' first")
        script = None if message["script"] is None else script_from(message["script"])
        if script is not None and self._contexts is not None:
            if script.certificate not in self._contexts:
                raise RefusedError(f"'start' named no certificate {script.certificate!r}")
            self._contexts.named(script.certificate)  # loads it, so that a bad one fails here
        for _ in range(_ROUNDS):  # what has arrived before this message is read first
            await asyncio.sleep(0)
        journal = self._lanes[name].arm(script)
        return {"type": "journal", "lane": name, "seq": seq, "journal": journal_to(journal)}

    def _responder(self, peer: str) -> Responder:
        return self._peers.get(peer, self._unknown_peer)

    async def _listen_everywhere(self, port: int, accepts: Accepts) -> None:
        """Listen on all IPv4 addresses and, where the machine supports it, all IPv6 addresses."""
        self._servers.append(await listen("0.0.0.0", port, accepts, self._responder))
        try:
            self._servers.append(await listen("::", port, accepts, self._responder))
        except OSError:
            return


async def listen(
    host: str, port: int, accepts: Accepts, responder_for: Callable[[str], Responder]
) -> asyncio.Server:
    """Listen on one address; port 0 selects any free port. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            partial(Connection, accepts, responder_for), sock=listening, backlog=_BACKLOG
        )
    except BaseException:
        listening.close()
        raise
