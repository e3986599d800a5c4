"""Malformed messages without end: does the mock crash, grow or lose descriptors?

    python -m benchmarks.malformed [--messages 100000] [--rate 2000] [--seed 1]

Each message is one to three valid ones, pipelined, with random changes, sent in pieces over a
connection of its own, which is closed in one of two ways. Some are the beginning of a TLS handshake
with changes, some are sent within TLS whose records are changed too; both directly and through
CONNECT. After each 250 the mock is armed again, and has to answer a valid request. From the
journals it is counted how far the messages came, and each of these states has to be met. Memory and
descriptors are those of all processes of the mock; the first tenth warms up.
"""

import argparse
import os
import random
import socket
import ssl
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.mock_process import MockProcess, mock
from conformance.model.case import Reply, Script
from conformance.model.codec import journal_from
from conformance.model.http import Exchange, Journal

GROWTH = 1.1  # of the memory
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),), verify=False)
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
# Of the states, those that every hundred thousand messages meet thousands of times.
STATES = (
    "answered 200", "malformed head", "malformed chunks", "chunked body read", "100 Continue sent",
    "answered in a tunnel", "answered over TLS", "answered over TLS in a tunnel",
    "several requests on a connection", "failed handshake", "broken off",
)  # fmt: skip
_PER_TRIAL = 250  # with those that are pipelined, below the bounds of a trial
_OPEN = 5  # connections that the mock may not have closed yet
_RESET = struct.pack("ii", 1, 0)
_WITHIN_TLS = 0.03  # of the messages; a handshake costs as much as ten of the others
_HELLO = 0.1
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


def hello() -> bytes:
    """The first record of a TLS handshake."""
    outgoing = ssl.MemoryBIO()
    session = _CONTEXT.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="h")
    with suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def malformed(chance: random.Random) -> bytes:
    """What is sent on a connection without TLS."""
    tunnel = CONNECT if chance.random() < 0.2 else b""
    if chance.random() < _HELLO:
        return tunnel + changed(hello(), chance)
    return tunnel + pipelined(chance)


def pieces(message: bytes, chance: random.Random) -> Iterator[bytes]:
    """A message in one to three pieces."""
    cuts = sorted(chance.randrange(len(message) + 1) for _ in range(chance.randrange(3)))
    for begin, end in zip((0, *cuts), (*cuts, len(message)), strict=True):
        yield message[begin:end]


def send(port: int, chance: random.Random) -> None:
    """Send a message and leave, with FIN or RST."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
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
    if chance.random() < 0.5:
        line.sendall(CONNECT)
        line.recv(4096)
    with _CONTEXT.wrap_socket(line.dup(), server_hostname="h") as session:
        for piece in pieces(pipelined(chance), chance):
            session.sendall(piece)
        if chance.random() < 0.3:
            record = b"\x17\x03\x03\0\x20" + bytes(32)
            os.write(session.fileno(), changed(record, chance, 1))


def states(journal: Journal) -> Iterator[str]:
    """How far the messages of a trial came, one name for each exchange and handshake."""
    yield from ("failed handshake" for _ in journal.handshakes)
    on_connection = Counter(exchange.connection for exchange in journal.exchanges)
    yield from ("several requests on a connection" for n in on_connection.values() if n > 1)
    for exchange in journal.exchanges:
        yield from _reached(exchange)


def _reached(exchange: Exchange) -> Iterator[str]:
    answered = b"HTTP/1.1 200 " in exchange.sent
    tunnel = " in a tunnel" if exchange.via == "connect" else ""
    chunked = b"transfer-encoding" in exchange.received.lower()
    if b"HTTP/1.1 100 " in exchange.sent:
        yield "100 Continue sent"
    if answered:
        yield "answered 200"
        if exchange.scheme == "https":
            yield f"answered over TLS{tunnel}"
        elif tunnel:
            yield f"answered{tunnel}"
        if chunked:
            yield "chunked body read"
    elif not exchange.sent:
        yield "broken off"
    elif b"chunked body" in exchange.sent:
        yield "malformed chunks"
    else:
        yield "malformed head"


def answers(one: MockProcess, port: int, met: Counter[str]) -> bool:
    """Whether a valid request is answered in a new trial. met: gets the states of the last."""
    met.update(states(journal_from(one.arm("lane", SCRIPT))))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(GET)
        return line.recv(65536).startswith(b"HTTP/1.1 200 ")


def used(one: MockProcess) -> tuple[int, int, int]:
    """The mock's processes, their memory in KiB (proportional), and their descriptors."""
    pids = one.processes()
    memory = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            memory += int(line.split()[1]) if line.startswith("Pss:") else 0
    return len(pids), memory, sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Send the messages; 1 if anything crashed or grew."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=2_000, help="at most so many a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    with mock() as one:
        port = one.lane("lane")
        first: tuple[int, int, int] | None = None
        unanswered, began, met = 0, time.monotonic(), Counter[str]()
        for number in range(options.messages):
            if number % _PER_TRIAL == 0:
                unanswered += not answers(one, port, met)
                time.sleep(max(0.0, began + number / options.rate - time.monotonic()))
            if number and number % (options.messages // 10) == 0:
                now = used(one)
                first = first or now
                rate = number / (time.monotonic() - began)
                pace = f"{rate:.0f} a second, {unanswered} not answered"
                print(f"{number}: {_shown(now)}; {pace}", flush=True)
            send(port, chance)
        unanswered += not answers(one, port, met)
        one.arm("lane", None)
        took, last = time.monotonic() - began, used(one)
    first = first or last
    print(f"{options.messages} messages, {options.messages / took:.0f} a second")
    print(f"at the end: {_shown(last)}")
    for state in STATES:
        print(f"  {state}: {met[state]}")
    print(f"valid requests that were not answered: {unanswered}")
    grown = last[1] > first[1] * GROWTH or last[2] > first[2] + _OPEN
    missing = any(not met[state] for state in STATES)
    return int(unanswered > 0 or last[0] != first[0] or grown or missing)


def _shown(found: tuple[int, int, int]) -> str:
    return f"{found[0]} processes, {found[1]} KiB, {found[2]} descriptors"


if __name__ == "__main__":
    sys.exit(main())
