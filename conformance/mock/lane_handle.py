"""The parent's side of a lane's process: lines, replies and connections that it passes on.

Nothing here waits for the process: a lane that is busy must not keep the others waiting.
"""

import asyncio
import contextlib
import json
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from conformance.mock.fork_server import Pair
from conformance.model.limits import LINE_BYTES

Json = dict[str, Any]
# Accepted connections that may wait until the process takes them. It counts and closes a thousand
# of them itself (bounds.py); what is beyond is closed here.
_WAITING = 1_000


class LaneHandle:
    """The process of one lane. `reply` is called with each line that it writes."""

    def __init__(self, name: str | None, sockets: Pair, reply: Callable[[bytes], None]) -> None:
        self._name = name
        self._control, self._passing = sockets
        self._passing.setblocking(False)
        self._reply = reply
        self._owed = 0  # replies
        self._ended = False
        self._waiting: deque[socket.socket] = deque()
        self._copying: asyncio.Task[None] | None = None
        # The port that it listens on; None: connections are passed to it.
        self.port: int | None = None

    async def start(self, first: Json) -> None:
        """Say which lane it is; raises OSError if it cannot listen."""
        lines, self._writer = await asyncio.open_connection(sock=self._control, limit=LINE_BYTES)
        self._writer.write(json.dumps({"lane": self._name, **first}).encode() + b"\n")
        started = json.loads(await lines.readline() or b'{"problem": "its process has ended"}')
        if "problem" in started:
            raise OSError(started["problem"])
        self.port = started["port"]
        self._copying = asyncio.create_task(self._copy(lines))

    def send(self, line: bytes) -> None:
        """Pass on a message; the reply follows when the process is ready."""
        self._owed += 1
        if self._ended:
            self._refuse()
        else:
            self._writer.write(line)

    def pass_on(self, connection: socket.socket) -> None:
        """Pass on an accepted connection."""
        if len(self._waiting) >= _WAITING:
            connection.close()
            return
        self._waiting.append(connection)
        self._pass_waiting()

    def close(self) -> None:
        """The process ends when its sockets close."""
        if self._copying is not None:
            self._copying.cancel()
        self._writer.close()
        self._passing.close()

    def _pass_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            try:
                socket.send_fds(self._passing, [b"\0"], [self._waiting[0].fileno()])
            except BlockingIOError:
                loop.add_writer(self._passing, self._pass_waiting)
                return
            except OSError:  # the process has ended
                pass
            self._waiting.popleft().close()
        loop.remove_writer(self._passing)

    async def _copy(self, lines: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):  # it was killed before it read what was sent
            while line := await lines.readline():
                self._owed -= 1
                self._reply(line)
        self._ended = True
        self._refuse()

    def _refuse(self) -> None:
        reason = f"the process of lane {self._name!r} has ended"
        while self._owed:
            self._owed -= 1
            refused = {"type": "refused", "lane": self._name, "reason": reason}
            self._reply(json.dumps(refused).encode() + b"\n")
