"""Malformed messages without end: does the mock crash, grow or lose descriptors?

    python -m benchmarks.malformed [--messages 100000] [--rate 2000] [--senders 2] [--seed 1]

`malformed_messages` says what is sent. Several processes send, each to a lane of its own. After
each 250 messages a lane is armed again, and has to answer a valid request. What a trial sends
follows from its number and the seed. From the journals it is counted how far the messages came, and
each of these states has to be met. Memory and descriptors are those of all processes of the mock,
while no lane is armed; the first tenth warms up. The allocator of glibc is set to give back what
is free: it may keep several megabytes of it in each process, more than the growth that is looked
for. Linux only.
"""

import argparse
import multiprocessing
import os
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from benchmarks.flooding import processor_time
from benchmarks.malformed_messages import GET, send
from benchmarks.mock_process import MockProcess, mock
from conformance.model.case import Reply, Script
from conformance.model.codec import journal_from
from conformance.model.http import Exchange, Journal

GROWTH = 1.1  # of the memory
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),), verify=False)
# Of the states, those that every hundred thousand messages meet thousands of times.
STATES = (
    "answered 200", "malformed head", "malformed chunks", "chunked body read", "100 Continue sent",
    "answered in a tunnel", "answered over TLS", "answered over TLS in a tunnel",
    "several requests on a connection", "failed handshake", "broken off",
)  # fmt: skip
_PER_TRIAL = 250  # with those that are pipelined, below the bounds of a trial
_PARTS = 10  # after each of which memory and descriptors are counted
_OPEN = 5  # connections that the mock may not have closed yet
# Of the allocator, mallopt(3): bytes, the initial values, which it does not raise if they are set.
_GIVE_BACK = {"MALLOC_TRIM_THRESHOLD_": "1048576", "MALLOC_MMAP_THRESHOLD_": "1048576"}
_LIMIT = 600.0  # seconds until a trial has been sent, on a machine that does much else


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A process that sends the messages of its parameters to its lane."""

    lane: str
    port: int
    line: Connection
    pid: int


@dataclass(slots=True)
class Found:
    """What has come of the messages."""

    met: Counter[str] = field(default_factory=Counter)  # how far they came: see `states`
    unanswered: int = 0  # valid requests


def sending(port: int, seed: int, line: Connection) -> None:
    """Send the messages of each trial whose number is received."""
    while (trial := line.recv()) is not None:
        chance = random.Random(f"{seed} {trial}")
        for _ in range(_PER_TRIAL):
            send(port, chance)
        line.send(trial)


def started(one: MockProcess, count: int, seed: int, stack: ExitStack) -> list[Sender]:
    """The senders, which end with the stack."""
    spawned = multiprocessing.get_context("spawn")
    senders = []
    for number in range(count):
        lane = f"lane-{number}"
        port = one.lane(lane)
        line, theirs = spawned.Pipe()
        process = spawned.Process(target=sending, args=(port, seed, theirs), daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(process.kill)
        assert process.pid is not None
        senders.append(Sender(lane=lane, port=port, line=line, pid=process.pid))
    return senders


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


def arm(one: MockProcess, sender: Sender, script: Script | None, found: Found) -> None:
    """Replace the script of a lane, and count how far the messages of its trial came."""
    found.met.update(states(journal_from(one.arm(sender.lane, script))))


def answers(port: int) -> bool:
    """Whether a valid request is answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(GET)
        return line.recv(65536).startswith(b"HTTP/1.1 200 ")


def send_trials(
    one: MockProcess, senders: Iterable[Sender], trials: Iterable[int], pause: float, found: Found
) -> None:
    """Have the trials sent, each by a sender that is free. pause: seconds from one to the next."""
    free, busy = list(senders), dict[Connection, Sender]()
    due = time.monotonic()
    for trial in trials:
        if not free:
            free += ended(busy)
        sender = free.pop()
        arm(one, sender, SCRIPT, found)
        found.unanswered += not answers(sender.port)
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due, time.monotonic() - _LIMIT) + pause
        sender.line.send(trial)
        busy[sender.line] = sender
    while busy:
        free += ended(busy)
    for sender in free:
        arm(one, sender, SCRIPT, found)
        found.unanswered += not answers(sender.port)
        arm(one, sender, None, found)


def ended(busy: dict[Connection, Sender]) -> list[Sender]:
    """Wait until at least one sender has sent its trial; they are taken from `busy`."""
    ready = wait(busy, _LIMIT)
    if not ready:
        raise SystemExit(f"a trial was not sent within {_LIMIT:g} seconds: the mock hangs")
    lines = [line for line in ready if isinstance(line, Connection)]
    for line in lines:
        line.recv()
    return [busy.pop(line) for line in lines]


def used(one: MockProcess) -> tuple[int, int, int]:
    """The mock's processes, their memory in KiB, and their descriptors.

    Memory without files, whose share depends on what other programs have mapped them.
    """
    pids = one.processes()
    memory = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            memory += int(line.split()[1]) if line.startswith("Pss_Anon:") else 0
    return len(pids), memory, sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Send the messages; 1 if anything crashed or grew."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=2_000, help="at most so many a second")
    parser.add_argument("--senders", type=int, default=2, help="processes, each with its lane")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    part = max(1, options.messages // (_PARTS * _PER_TRIAL))  # trials
    os.environ.update(_GIVE_BACK)
    found, counted, began = Found(), list[tuple[int, int, int]](), time.monotonic()
    with mock() as one, ExitStack() as stack:
        senders = started(one, options.senders, options.seed, stack)
        for number in range(_PARTS):
            trials = range(number * part, (number + 1) * part)
            send_trials(one, senders, trials, _PER_TRIAL / options.rate, found)
            counted.append(used(one))
            sent, took = (number + 1) * part * _PER_TRIAL, time.monotonic() - began
            by_mock = sum(map(processor_time, one.processes())) / sent * 1e6
            by_senders = sum(processor_time(sender.pid) for sender in senders) / sent * 1e6
            print(f"{sent}: {_shown(counted[-1])}; {sent / took:.0f} a second", end=", ")
            print(f"{found.unanswered} valid requests not answered")
            print(f"  processor time of one: mock {by_mock:.0f} us, sender {by_senders:.0f} us")
            sys.stdout.flush()
    for state in STATES:
        print(f"  {state}: {found.met[state]}")
    grown = any(
        now[1] > counted[0][1] * GROWTH or now[2] > counted[0][2] + _OPEN for now in counted
    )
    lost = any(now[0] != counted[0][0] for now in counted)
    missing = any(not found.met[state] for state in STATES)
    return int(found.unanswered > 0 or lost or grown or missing)


def _shown(found: tuple[int, int, int]) -> str:
    return f"{found[0]} processes, {found[1]} KiB, {found[2]} descriptors"


if __name__ == "__main__":
    sys.exit(main())
