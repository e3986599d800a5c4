"""How many requests the tap may still forward, counted for the lanes of a run together.

Each lane has a process of its own. The count is a pipe that all of them inherited, with a byte for
each request: reading one takes it from everybody, and an empty pipe is the end. No lock is needed,
and whatever an SDK retries, no request is forwarded without a byte.
"""

import os

MOST = 60_000  # bytes that fit into a pipe on Linux, 64 KiB, rounded down


class RequestBudget:
    """The count; created before the processes of the lanes."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def allow(self, count: int) -> None:
        """Let so many more requests through, at most `MOST`."""
        os.write(self._write, bytes(count))

    def take(self) -> bool:
        """Whether one more request may be forwarded, which then counts."""
        try:
            return bool(os.read(self._read, 1))
        except BlockingIOError:
            return False
