"""Ends a connection on which the client has been silent for too long.

A connection that nobody closes would keep its descriptor and its memory for as long as the mock
runs. There is one timer for each connection, which is set again only when it expires, so that a
byte costs one look at the clock.
"""

import asyncio
from collections.abc import Callable

from conformance.mock.bounds import IDLE_SECONDS


class IdleTimer:
    """Calls `expired` once after IDLE_SECONDS of silence; `waits`: whether it is the client's turn.

    While the mock itself takes its time, the client is not idle.
    """

    def __init__(self, waits: Callable[[], bool], expired: Callable[[], None]) -> None:
        self._waits, self._expired = waits, expired
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(IDLE_SECONDS, self._check)

    def restart(self) -> None:
        """The silence begins now."""
        self._since = self._loop.time()

    def stop(self) -> None:
        """The connection has ended; forget it, so that both need no collector."""
        self._timer.cancel()
        del self._waits, self._expired

    def _check(self) -> None:
        left = self._since + IDLE_SECONDS - self._loop.time()
        if not self._waits():
            left = IDLE_SECONDS
        if left > 0:
            self._timer = self._loop.call_later(left, self._check)
        else:
            self._expired()
