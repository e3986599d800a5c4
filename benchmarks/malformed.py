"""Malformed messages without end: does the mock crash, grow or lose descriptors?

    python -m benchmarks.malformed [--messages 100000] [--rate 2000] [--seed 1]

Each message is a valid one with random changes, over a connection of its own, which is closed at
once in one of two ways. After each 500 the mock is armed again, and has to answer a valid
request. Memory and descriptors are those of all processes of the mock; the first tenth warms up.
"""

import argparse
import os
import random
import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.mock_process import MockProcess, mock
from conformance.model.case import Reply, Script

GROWTH = 1.1  # of the memory
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),), verify=False)
GET = b"GET /example.jpg?x-oss-process=image/bodies HTTP/1.1\r\nHost: h\r\n\r\n"
VALID = (
    GET,
    b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    b"PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"PUT /k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
    b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" + GET,
    b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",  # the beginning of a TLS handshake
)
PIECES = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b":", b"\xff", b"HTTP/1.1", b"\x16\x03\x01",
    b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: identity\r\n",
    b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"a" * 70_000, b"FFFFFFFFFFFFFFFFF\r\n",
)  # fmt: skip
_PER_TRIAL = 500  # below the bounds of a trial
_OPEN = 5  # connections that the mock may not have closed yet
_RESET = struct.pack("ii", 1, 0)


def malformed(chance: random.Random) -> bytes:
    """A message with one to four changes: bytes cut out, replaced, doubled or put in."""
    message = bytearray(chance.choice(VALID))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(message) + 1)
        end = at + chance.randint(0, 12)
        kind = chance.randrange(4)
        if kind == 0:
            message[at:end] = b""
        elif kind == 1:
            message[at:end] = chance.randbytes(end - at)
        elif kind == 2:
            message[at:at] = message[at:end]
        else:
            message[at:at] = chance.choice(PIECES)
    return bytes(message)


def send(port: int, message: bytes, *, reset: bool) -> None:
    """Send a message and leave, with FIN or RST."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with suppress(OSError):
            line.sendall(message)


def answers(one: MockProcess, port: int) -> bool:
    """Whether a valid request is answered in a new trial."""
    one.arm("lane", SCRIPT)
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
        unanswered, began = 0, time.monotonic()
        for number in range(options.messages):
            if number % _PER_TRIAL == 0:
                unanswered += not answers(one, port)
                time.sleep(max(0.0, began + number / options.rate - time.monotonic()))
            if number and number % (options.messages // 10) == 0:
                now = used(one)
                first = first or now
                print(f"{number}: {now[0]} processes, {now[1]} KiB, {now[2]} descriptors")
            send(port, malformed(chance), reset=chance.random() < 0.5)
        unanswered += not answers(one, port)
        one.arm("lane", None)
        took, last = time.monotonic() - began, used(one)
    first = first or last
    print(f"{options.messages} messages, {options.messages / took:.0f} a second")
    print(f"at the end: {last[0]} processes, {last[1]} KiB, {last[2]} descriptors")
    print(f"valid requests that were not answered: {unanswered}")
    grown = last[1] > first[1] * GROWTH or last[2] > first[2] + _OPEN
    return int(unanswered > 0 or last[0] != first[0] or grown)


if __name__ == "__main__":
    sys.exit(main())
