"""The mock's side of the pipe to the engine: JSON lines in, JSON lines out.

Messages are carried out while the lanes keep serving. The mock exits at the end of its input, so it
cannot outlive the engine.
"""

import asyncio
import gc
import signal
import sys

from conformance.mock import lane_process
from conformance.mock.event_loop import LINE_LIMIT, new_loop
from conformance.mock.fork_server import ForkServer
from conformance.mock.server import Server

# Python's default is 700; with a long journal the mock would spend most of its time collecting.
_OBJECTS_BETWEEN_COLLECTIONS = 70_000


def main() -> int:
    """Serve until `stop` or the end of input; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the engine closes our input
    gc.freeze()  # requests leave no cycles, and scanning the objects of a journal is slow
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    forks = ForkServer(lane_process.serve)
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_serve(forks))
    finally:
        forks.close()
    return 0


async def _serve(forks: ForkServer) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin.buffer)
    out, _ = await loop.connect_write_pipe(asyncio.Protocol, sys.stdout.buffer)
    loop.add_signal_handler(signal.SIGTERM, lines.feed_eof)
    server = Server(forks, out.write)
    try:
        while (line := await lines.readline()) and await server.handle(line):
            pass
    finally:
        server.close()
        out.close()
