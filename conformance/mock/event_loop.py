"""The event loop of the mock's processes, and their collector."""

import asyncio
import gc

# Python's default is 700; with a long journal the mock would spend most of its time collecting.
_OBJECTS_BETWEEN_COLLECTIONS = 70_000


def collect_rarely() -> None:
    """Have the garbage collector run rarely, and spare it all objects that exist now.

    Requests leave no cycles, and scanning the objects of a journal is slow.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop of uvloop if that is installed, else of asyncio."""
    try:
        import uvloop  # noqa: PLC0415 (optional dependency)
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
