"""The event loop of the mock's processes, and the longest line that they read."""

import asyncio

# Bytes. A script may hold a body of 100 MB (schemas/vectors.schema.json), 133 MB as base64.
LINE_LIMIT = 256 * 1024 * 1024


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop of uvloop if that is installed, else of asyncio."""
    try:
        import uvloop  # noqa: PLC0415 (optional dependency)
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
