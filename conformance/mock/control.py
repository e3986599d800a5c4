"""The mock's side of the pipe to the engine: JSON lines in, JSON lines out.

Messages are handled one at a time while the listeners keep serving. The mock exits at the end of
its input, so it cannot outlive the engine.
"""

import asyncio
import gc
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

from conformance.mock.server import Server

# Python's default is 700; with a long journal the mock would spend most of its time collecting.
_OBJECTS_BETWEEN_COLLECTIONS = 70_000
# Bytes. A script may hold a body of 100 MB (schemas/vectors.schema.json), 133 MB as base64.
_LINE_LIMIT = 256 * 1024 * 1024


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop of uvloop if that is installed, else of asyncio."""
    try:
        import uvloop  # noqa: PLC0415 (optional dependency)
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def main() -> int:
    """Serve until `stop` or the end of input; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the engine closes our input
    gc.freeze()  # requests leave no cycles, and scanning the objects of a journal is slow
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve())
    return 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=_LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin.buffer)
    out, _ = await loop.connect_write_pipe(asyncio.Protocol, sys.stdout.buffer)
    loop.add_signal_handler(signal.SIGTERM, lines.feed_eof)
    server = Server()
    try:
        await _converse(lines, out.write, server)
    finally:
        server.close()
        out.close()


async def _converse(
    lines: asyncio.StreamReader, write: Callable[[bytes], None], server: Server
) -> None:
    while line := await lines.readline():
        try:
            message: Any = json.loads(line)
        except ValueError as error:
            message = {"type": f"(not JSON: {error})"}
        if not isinstance(message, dict):
            message = {"type": "(not an object)"}
        if message.get("type") == "stop":
            return
        reply = await server.handle(message)
        write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
