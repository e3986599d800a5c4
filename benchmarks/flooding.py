"""Does a lane that floods the mock slow the lane beside it?

    python -m benchmarks.flooding [--trials 150] [--rounds 2]

An innocent lane makes trials of one request over TLS, while a second lane floods: on the same mock,
or on a mock of its own. In both, the flood takes the processors alike, so the ratio of the two
times is what the lanes of one mock do to one another. Every trial of the innocent lane has to be
answered. The flooding lane has a new trial as often, so that the bounds of a trial do not end it.

A lane of a run has no new trial while its call is under way, so its flood meets the bounds. That is
the second ratio: beside such a flood / without one, which includes what the flood takes from the
processors. That is printed too, because it depends less on what else the machine does; `--trials 0`
prints it alone. Linux only.
"""

import argparse
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.floods import FLOODS, GET, Flood, encrypted, flood, idle
from benchmarks.mock_process import MockProcess, mock
from conformance.model.case import Reply, Script

GOAL = 1.3
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),), verify=False)
LONG = Script(keys=(), replies=(Reply(status=200, headers=(), body=bytes(300_000)),), verify=False)
_UNTIL_BOUND = 3.0  # seconds until a flood has passed a bound of its trial
_LONGEST = 60.0  # the same on a machine that does much else, or if it passes none
_AFTER = 2.0


def trials(
    innocent: MockProcess, port: int, flooded: MockProcess, count: int, *, bounded: bool
) -> list[float]:
    """The seconds that each trial took; every other one has a flood with long answers beside it.

    bounded: the flood has one trial, whose bounds it has passed when the others begin.
    """
    took = []
    if bounded:
        flooded.arm("flood", SCRIPT)
        time.sleep(_UNTIL_BOUND)
    for number in range(count):
        if not bounded:
            flooded.arm("flood", LONG if number % 2 else SCRIPT)
        began = time.perf_counter()
        innocent.arm("innocent", SCRIPT)
        with encrypted(port) as line:
            line.sendall(GET)
            answer = line.recv(65536)
        took.append(time.perf_counter() - began)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"the innocent lane got {answer[:200]!r}")
    return took


def beside(kind: Flood, count: int, *, apart: bool = False, bounded: bool = False) -> list[float]:
    """The trials of the innocent lane beside a flood; apart: of another mock."""
    with mock() as one, mock() as other:
        flooded = other if apart else one
        port, target = one.lane("innocent"), flooded.lane("flood")
        flooding = multiprocessing.Process(target=flood, args=(kind, target), daemon=True)
        flooding.start()
        try:
            return trials(one, port, flooded, count, bounded=bounded)
        finally:
            flooding.kill()
            flooding.join()


def taken(kind: Flood) -> str:
    """What a flood and its mock take of the processors in a trial: until its bound, and then."""
    with mock() as one:
        port = one.lane("flood")
        one.arm("flood", SCRIPT)
        flooding = multiprocessing.Process(target=flood, args=(kind, port), daemon=True)
        flooding.start()
        try:
            assert flooding.pid is not None
            pids = (flooding.pid, *one.processes())
            before, began = sum(map(processor_time, pids)), time.monotonic()
            while answers(port) and time.monotonic() < began + _LONGEST:
                time.sleep(0.1)
            first, after = sum(map(processor_time, pids)) - before, time.monotonic() - began
            time.sleep(_AFTER)  # the connections that are open are closed
            before, began = sum(map(processor_time, pids)), time.monotonic()
            time.sleep(_UNTIL_BOUND)
            share = (sum(map(processor_time, pids)) - before) / (time.monotonic() - began)
            return f"{first:.2f} s of the processors in {after:.1f} s, then {share:.2f} of one"
        finally:
            flooding.kill()
            flooding.join()


def answers(port: int) -> bool:
    """Whether a request is answered, or not because a bound is passed."""
    line = socket.create_connection(("127.0.0.1", port), timeout=_LONGEST)
    with line, suppress(ConnectionError):
        line.sendall(GET)
        return bool(line.recv(65536))
    return False


def processor_time(pid: int) -> float:
    """Seconds of processor time of a process: utime and stime, proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the times and ratios; 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args(arguments)
    missed = False
    for kind in FLOODS:
        print(f"{kind.__name__}:")
        if options.trials:
            missed |= slows(kind, options.trials, options.rounds)
        print(f"  a trial takes {taken(kind)}", flush=True)
    print(f"goal: {GOAL}")
    return int(missed)


def slows(kind: Flood, count: int, rounds: int) -> bool:
    """Print the ratios of a flood; whether they miss the goal."""
    together: list[float] = []
    apart: list[float] = []
    bounded: list[float] = []
    alone: list[float] = []
    for _ in range(rounds):
        together += beside(kind, count)
        apart += beside(kind, count, apart=True)
        bounded += beside(kind, count, bounded=True)
        alone += beside(idle, count, bounded=True)
    first = statistics.median(together) / statistics.median(apart)
    second = statistics.median(bounded) / statistics.median(alone)
    print(f"  {_told(together)}; on two mocks {_told(apart)}: {first:.2f}")
    print(f"  past its bounds: {_told(bounded)}; no flood {_told(alone)}: {second:.2f}", flush=True)
    return max(first, second) > GOAL


def _told(took: Sequence[float]) -> str:
    ordered = sorted(took)
    middle, late = statistics.median(took) * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    return f"median {middle:.1f} ms, 99 % within {late:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
