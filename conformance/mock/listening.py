"""Listening sockets of the mock."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

from conformance.mock.connection import Connection
from conformance.mock.responder import Responder
from conformance.mock.stream import Accepts

LOOPBACK = "127.0.0.1"
# Connections that may wait to be accepted; a lane opens a few at a time. The kernel may lower the
# number (net.core.somaxconn).
_BACKLOG = 256


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on one address; port 0 selects any free port. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


async def listen(
    host: str,
    port: int,
    accepts: Accepts,
    responder_for: Callable[[str], Responder],
    connection: type[Connection] = Connection,
) -> asyncio.Server:
    """Serve the connections to one address. Raises OSError."""
    listening = listening_socket(host, port)
    try:
        return await asyncio.get_running_loop().create_server(
            partial(connection, accepts, responder_for), sock=listening, backlog=_BACKLOG
        )
    except BaseException:
        listening.close()
        raise
