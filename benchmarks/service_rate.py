"""The stand-alone service against a bare asyncio server, in one run.

    python -m benchmarks.service_rate [--seconds 3] [--rounds 3] [--connections 32]

`oss-bodies mock --plain --quiet` verifies the Signature V4 of every request and answers it. The
bare server runs on the same event loop (uvloop if it is installed), looks for the end of the head
and writes constant bytes: the most that a server of this kind can do. The server has one core, the
load has the others. Rounds alternate. The requests in a second of the server's own CPU time are
printed too, because a load generator, or other work on the machine, can be what limits the rate.
Linux only.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks.mock_throughput import BODY, PAIR, Measured, measured, own_load, rate_parser
from conformance.mock.event_loop import new_loop

GOAL = 8000  # requests a second
_HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
_ANSWER = (_HEAD + BODY).encode()


class Bare(asyncio.Protocol):
    """Answers each head with constant bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._write = transport.write  # type: ignore[attr-defined]
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Write one answer for each head that is complete."""
        self._data += data
        while b"\r\n\r\n" in self._data:
            _, _, self._data = self._data.partition(b"\r\n\r\n")
            self._write(_ANSWER)


async def serve_bare() -> None:
    """Serve until the process is killed; the first line on standard output names the endpoint."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"endpoint": f"http://127.0.0.1:{port}"}), flush=True)
    await server.serve_forever()


@contextmanager
def started(command: Sequence[str]) -> Iterator[tuple[int, int]]:
    """A server that prints its endpoint as JSON; its process id and port."""
    pair = {
        "OSS_ACCESS_KEY_ID": PAIR.access_key_id,
        "OSS_ACCESS_KEY_SECRET": PAIR.access_key_secret,
    }
    environment = {**os.environ, **{name: value or "" for name, value in pair.items()}}
    environment.pop("OSS_SESSION_TOKEN", None)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout
            first = json.loads(process.stdout.readline())
            yield process.pid, int(first["endpoint"].rpartition(":")[2])
        finally:
            process.terminate()


def measure(pid: int, port: int, options: argparse.Namespace) -> Measured:
    """One round against one server."""
    load = partial(own_load, port, options.connections, options.seconds, options.workers)
    return measured(pid, options.seconds, load)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the goal was missed."""
    parser = rate_parser(__doc__)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.bare:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(serve_bare())
        return 0
    python = [sys.executable, "-m"]
    service = [*python, "conformance", "mock", "--plain", "--quiet"]
    cores = sorted(os.sched_getaffinity(0))
    rounds: dict[str, list[Measured]] = {"bare": [], "service": []}
    with (
        started([*python, "benchmarks.service_rate", "--bare"]) as bare,
        started(service) as mock,
    ):
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])  # the load's; children inherit it
            for pid in (bare[0], mock[0]):
                os.sched_setaffinity(pid, cores[:1])
        for _ in range(options.rounds):
            for name, (pid, port) in (("bare", bare), ("service", mock)):
                done = measure(pid, port, options)
                rounds[name].append(done)
                print(
                    f"{name:8} {done.wall:8.0f} requests/s, {done.cpu:8.0f} per CPU second, "
                    f"CPU {done.share:4.0%}",
                    flush=True,
                )
    wall, cpu = (
        {name: statistics.median(getattr(one, of) for one in done) for name, done in rounds.items()}
        for of in ("wall", "cpu")
    )
    print(
        f"the service answers {wall['service']:.0f} requests a second (goal: {GOAL}), "
        f"{wall['service'] / wall['bare']:.3f} by wall time and "
        f"{cpu['service'] / cpu['bare']:.3f} by CPU time of a bare server"
    )
    return int(wall["service"] < GOAL)


if __name__ == "__main__":
    sys.exit(main())
