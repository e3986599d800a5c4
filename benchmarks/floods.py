"""What a client can do to a server without end. Only the standard library: runners use it too.

python floods.py KIND PORT SECONDS
"""

import math
import socket
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import suppress

GET = b"GET /example.jpg?x-oss-process=image/bodies HTTP/1.1\r\nHost: h\r\n\r\n"
_HELD = 500  # connections that a flood holds open


def pipelined(port: int, _held: list[socket.socket]) -> None:
    """Sends requests without end, and reads."""
    with _connected(port) as line:
        for _ in range(10):
            line.sendall(GET * 100)
            if not line.recv(1 << 20):
                return


def unread(port: int, held: list[socket.socket]) -> None:
    """Asks for long answers and reads none."""
    held.append(_connected(port))
    held[-1].settimeout(0.05)
    held[-1].sendall(GET * 100)


def connections(port: int, held: list[socket.socket]) -> None:
    """Opens connections and leaves them."""
    held.append(_connected(port))


def handshakes(port: int, _held: list[socket.socket]) -> None:
    """Makes TLS handshakes."""
    encrypted(port).close()


def uploads(port: int, _held: list[socket.socket]) -> None:
    """Sends a chunked body of 60 MB."""
    with _connected(port) as line:
        line.sendall(b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            line.sendall(b"1\r\na\r\n" * 10_000)


def dripped(port: int, _held: list[socket.socket]) -> None:
    """Sends a body byte by byte."""
    with _connected(port) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n")
        for _ in range(10_000):
            line.sendall(b"a")


def idle(_port: int, _held: list[socket.socket]) -> None:
    """No flood, for comparison."""
    time.sleep(1)


Flood = Callable[[int, list[socket.socket]], None]
FLOODS: tuple[Flood, ...] = (pipelined, unread, connections, handshakes, uploads, dripped)


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def encrypted(port: int) -> ssl.SSLSocket:
    """A connection with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(_connected(port))


def flood(kind: Flood, port: int, seconds: float = math.inf) -> None:
    """Flood for so long, or until the process is ended."""
    held: list[socket.socket] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError):
            kind(port, held)
        while len(held) > _HELD:
            held.pop(0).close()


if __name__ == "__main__":
    chosen = {one.__name__: one for one in FLOODS}
    flood(chosen[sys.argv[1]], int(sys.argv[2]), float(sys.argv[3]))
