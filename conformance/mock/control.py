"""The mock's side of the pipe to the engine: JSON lines in, JSON lines out.

Messages are carried out while the lanes keep serving. The mock exits at the end of its input, so it
cannot outlive the engine.
"""

import asyncio
import signal
import sys
from functools import partial

from conformance.mock import lane_process
from conformance.mock.budget import RequestBudget
from conformance.mock.collector import collect_rarely
from conformance.mock.event_loop import new_loop
from conformance.mock.fork_server import ForkServer
from conformance.mock.server import Server
from conformance.model.limits import LINE_BYTES


def main() -> int:
    """Serve until `stop` or the end of input; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the engine closes our input
    collect_rarely()
    budget = RequestBudget()
    forks = ForkServer(partial(lane_process.serve, budget))
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_serve(forks, budget))
    finally:
        forks.close()
    return 0


async def _serve(forks: ForkServer, budget: RequestBudget) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin.buffer)
    out, _ = await loop.connect_write_pipe(asyncio.Protocol, sys.stdout.buffer)
    loop.add_signal_handler(signal.SIGTERM, lines.feed_eof)
    server = Server(forks, budget, out.write)
    try:
        while (line := await lines.readline()) and await server.handle(line):
            pass
    finally:
        server.close()
        out.close()
