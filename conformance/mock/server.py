"""The listeners, and the messages that control them.

`Server.handle` answers one message of the protocol that `conformance.mock` describes; `control`
reads and writes them.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from conformance.mock.connection import Connection
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.responder import Responder
from conformance.mock.stream import Accepts
from conformance.mock.tls import Contexts
from conformance.model.codec import journal_to, script_from

Json = dict[str, Any]
PROTOCOL = 1
LOOPBACK = "127.0.0.1"
# Connections that wait to be accepted; a lane opens a few at a time. The kernel may lower it
# (net.core.somaxconn).
_BACKLOG = 256


class RefusedError(Exception):
    """A message that cannot be carried out; its text goes to the engine."""


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
                raise RefusedError(f"no message of type {message.get('type')!r}")
            return await handlers[message["type"]](message)
        except RefusedError as error:
            return {"type": "refused", "reason": str(error)}
        except (KeyError, TypeError, ValueError) as error:
            reason = f"the message {message.get('type')!r} is not as the protocol says: {error!r}"
            return {"type": "refused", "reason": reason}
        except (OSError, ssl.SSLError) as error:
            return {"type": "refused", "reason": f"{message.get('type')}: {error}"}

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()

    async def _start(self, message: Json) -> Json:
        if self._listen is not None:
            raise RefusedError("start came before")
        if message["protocol"] != PROTOCOL:
            raise RefusedError(f"protocol {message['protocol']!r}: this mock speaks {PROTOCOL}")
        if message["listen"] not in ("container", "host"):
            raise RefusedError(f"listen {message['listen']!r} is neither container nor host")
        self._contexts = Contexts(message["certificates"])
        if message["listen"] == "container":
            await self._listen_everywhere(443, Accepts(takes="tls", contexts=self._contexts))
            await self._listen_everywhere(80, Accepts(takes="plain", contexts=None))
        self._listen = message["listen"]
        loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
        return {"type": "started", "protocol": PROTOCOL, "loop": loop}

    async def _lane(self, message: Json) -> Json:
        name, peer = message["lane"], message["peer"]
        if self._listen is None:
            raise RefusedError("start comes first")
        lane = self._lanes.get(name) or LaneResponder(name)
        if self._listen == "container":
            if not peer:
                raise RefusedError("in a container a lane needs its peer address")
            # The container of a lane that was restarted has another address.
            self._peers = {ip: other for ip, other in self._peers.items() if other is not lane}
            self._peers[peer] = lane
        elif name not in self._ports:
            accepts = Accepts(takes="any", contexts=self._contexts)
            listening = await listen(LOOPBACK, 0, accepts, lambda _: lane)
            self._servers.append(listening)
            self._ports[name] = listening.sockets[0].getsockname()[1]
        self._lanes[name] = lane
        return {"type": "lane", "lane": name, "port": self._ports.get(name)}

    async def _arm(self, message: Json) -> Json:
        name, seq = message["lane"], message["seq"]
        if name not in self._lanes:
            raise RefusedError(f"no lane {name!r}")
        script = None if message["script"] is None else script_from(message["script"])
        if script is not None and self._contexts is not None:
            if script.certificate not in self._contexts:
                raise RefusedError(f"no certificate {script.certificate!r}")
            self._contexts.named(script.certificate)  # raises here if it cannot be loaded
        journal = self._lanes[name].arm(script)
        return {"type": "journal", "lane": name, "seq": seq, "journal": journal_to(journal)}

    def _responder(self, peer: str) -> Responder:
        return self._peers.get(peer, self._unknown_peer)

    async def _listen_everywhere(self, port: int, accepts: Accepts) -> None:
        """Every IPv4 address, and every IPv6 address where the machine has that."""
        self._servers.append(await listen("0.0.0.0", port, accepts, self._responder))
        try:
            self._servers.append(await listen("::", port, accepts, self._responder))
        except OSError:
            return


async def listen(
    host: str, port: int, accepts: Accepts, responder_for: Callable[[str], Responder]
) -> asyncio.Server:
    """Listen on one address; port 0 takes any free one. Raises OSError."""
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
