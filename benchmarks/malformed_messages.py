"""Malformed messages, and a client that sends one and leaves.

Each is one to three valid messages, pipelined, with random changes, sent in pieces over a
connection of its own, which is closed in one of two ways. Some are the beginning of a TLS handshake
with changes, some are sent within TLS whose records are changed too; both directly and through
CONNECT. What is sent follows from the random numbers alone, except for what TLS adds.
"""

import functools
import os
import random
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress

GET = b"GET /example.jpg?x-oss-process=image/bodies HTTP/1.1\r\nHost: h\r\n\r\n"
PUT = b"PUT /k HTTP/1.1\r\nHost: h\r\n"
CONNECT = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
VALID = (
    GET,
    PUT + b"Content-Length: 5\r\n\r\nhello",
    PUT + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    PUT + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nh\r\n00002\r\nel\r\n0\r\nTrailer: t\r\n\r\n",
    PUT + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\na",
    PUT + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
)
PIECES = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b":", b"\xff", b"HTTP/1.1", b"\x16\x03\x01",
    b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: identity\r\n",
    b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"a" * 70_000, b"FFFFFFFFFFFFFFFFF\r\n",
    b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: h\r\n", GET, CONNECT,
)  # fmt: skip
_RESET = struct.pack("ii", 1, 0)
_LIMIT = 10.0  # seconds for an answer of the mock during a handshake
_WITHIN_TLS = 0.03  # of the messages; a handshake costs as much as ten of the others
_HELLO = 0.1
_HELLOS = 64  # different ones; making one costs as much as sending two messages
_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname, _CONTEXT.verify_mode = False, ssl.CERT_NONE


def changed(message: bytes, chance: random.Random, most: int = 4) -> bytes:
    """A message with one or more changes: bytes cut out, replaced, doubled or put in."""
    changing = bytearray(message)
    for _ in range(chance.randint(1, most)):
        at = chance.randrange(len(changing) + 1)
        end = at + chance.randint(0, 12)
        kind = chance.randrange(4)
        if kind == 0:
            changing[at:end] = b""
        elif kind == 1:
            changing[at:end] = chance.randbytes(end - at)
        elif kind == 2:
            changing[at:at] = changing[at:end]
        else:
            changing[at:at] = chance.choice(PIECES)
    return bytes(changing)


def pipelined(chance: random.Random) -> bytes:
    """One to three messages, of which the last, or all, are malformed."""
    valid = [chance.choice(VALID) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.5:
        return changed(b"".join(valid), chance)
    return b"".join(valid[:-1]) + changed(valid[-1], chance)


@functools.cache
def hellos() -> tuple[bytes, ...]:
    """First records of TLS handshakes."""
    made = []
    for _ in range(_HELLOS):
        outgoing = ssl.MemoryBIO()
        session = _CONTEXT.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="h")
        with suppress(ssl.SSLWantReadError):
            session.do_handshake()
        made.append(outgoing.read())
    return tuple(made)


def malformed(chance: random.Random) -> bytes:
    """What is sent on a connection without TLS."""
    tunnel = CONNECT if chance.random() < 0.2 else b""
    if chance.random() < _HELLO:
        return tunnel + changed(chance.choice(hellos()), chance)
    return tunnel + pipelined(chance)


def pieces(message: bytes, chance: random.Random) -> Iterator[bytes]:
    """A message in one to three pieces."""
    cuts = sorted(chance.randrange(len(message) + 1) for _ in range(chance.randrange(3)))
    for begin, end in zip((0, *cuts), (*cuts, len(message)), strict=True):
        yield message[begin:end]


def send(port: int, chance: random.Random) -> None:
    """Send a message and leave, with FIN or RST."""
    with socket.socket() as line:  # without a time-out, which costs a system call for each piece
        line.connect(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if chance.random() < 0.5:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with suppress(OSError):
            if chance.random() < _WITHIN_TLS:
                send_encrypted(line, chance)
            else:
                for piece in pieces(malformed(chance), chance):
                    line.sendall(piece)


def send_encrypted(line: socket.socket, chance: random.Random) -> None:
    """Send a message over TLS, directly or through CONNECT, and perhaps broken records behind it.

    Raises OSError.
    """
    line.settimeout(_LIMIT)
    if chance.random() < 0.5:
        line.sendall(CONNECT)
        line.recv(4096)
    with _CONTEXT.wrap_socket(line.dup(), server_hostname="h") as session:
        for piece in pieces(pipelined(chance), chance):
            session.sendall(piece)
        if chance.random() < 0.3:
            record = b"\x17\x03\x03\0\x20" + bytes(32)
            os.write(session.fileno(), changed(record, chance, 1))
