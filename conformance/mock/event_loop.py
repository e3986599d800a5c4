"""The event loop of the mock's processes."""

import asyncio


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop of uvloop if that is installed, else of asyncio."""
    try:
        import uvloop  # noqa: PLC0415 (optional dependency)
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
