"""Lines to and from a program, with deadlines, whatever carries them.

`Channel` is what protocol.py and mock.py speak through; `Lines` is the part that process
and container channels share: a buffer for standard output, the tail of standard error, and one
loop that waits for either. A runner that floods standard error is drained while its answer is
awaited, so neither side can block the other.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from conformance.errors import RunnerError

# The largest answer: 10,000 bodies are about 1.2 MB, as base64 and parsed some 5 MB; times ten.
LINE_LIMIT = 64 * 1024 * 1024
# What is kept of standard error, in bytes: enough for a stack trace.
TAIL = 4096
# A program that takes nothing in for so many seconds will not.
_TAKES_WITHIN = 30.0


Room = Callable[[float], None]


class Channel(Protocol):
    """A program at the other end of a pipe; see `Lines` for what the methods raise."""

    def send(self, line: bytes) -> None:
        """Write one line; the newline is added."""

    def receive(self, deadline: float) -> bytes:
        """One line without its newline, until a moment of `time.monotonic()`."""

    def waiting(self) -> bytes:
        """What has come and was not received, without waiting for more."""

    def stderr_tail(self) -> str:
        """The last 4 KiB of standard error."""

    def close(self) -> None:
        """End the program; safe to call twice."""


class LineBuffer:
    """Splits what a program writes into lines.

    poll: waits up to so many seconds and yields what came as (is standard error, bytes); an empty
    bytes object for standard output means its end. ending: says how the program ended.
    """

    def __init__(
        self,
        poll: Callable[[float], Iterator[tuple[bool, bytes]]],
        ending: Callable[[], str],
    ) -> None:
        self._poll, self._ending = poll, ending
        self._buffer = bytearray()
        self._scanned = 0
        self._tail = bytearray()
        self._ended = False

    def send(self, line: bytes, write: Callable[[memoryview], int], room: Room) -> None:
        """Write one line with its newline; a program that is gone is told by `receive`.

        write: how many bytes went out, BlockingIOError for none. room: waits up to so many seconds
        for space to write or something to read; what comes meanwhile is taken in, because a
        program may say much before it listens.
        """
        data = memoryview(line + b"\n")
        deadline = time.monotonic() + _TAKES_WITHIN
        while data:
            try:
                data = data[write(data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._deaf(len(data)) from None
                room(1.0)
                self.waiting()
            except ConnectionError:  # a broken pipe, a connection reset
                return

    def receive(self, deadline: float) -> bytes:
        """One line; RunnerError of step `timeout`, `death` or `protocol`."""
        while True:
            end = self._buffer.find(b"\n", self._scanned)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                self._scanned = 0
                return line
            self._scanned = len(self._buffer)
            if self._scanned > LINE_LIMIT:
                raise RunnerError(
                    step="protocol",
                    reason=f"a line is longer than {LINE_LIMIT} bytes",
                    remedy="write one JSON object a line and end it with a newline",
                )
            if self._ended:
                raise self._death()
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._timeout()
            self._take(left)

    def waiting(self) -> bytes:
        """What is in the buffer now, with what can be read at once."""
        if not self._ended:
            self._take(0)
        return bytes(self._buffer)

    def drain(self, seconds: float) -> None:
        """Read until the end of both outputs, at most so long."""
        deadline = time.monotonic() + seconds
        while not self._ended and time.monotonic() < deadline:
            self._take(deadline - time.monotonic())

    def stderr_tail(self) -> str:
        """The last part of standard error as text."""
        return self._tail[-TAIL:].decode("utf-8", "replace")

    def _take(self, seconds: float) -> None:
        for is_stderr, data in self._poll(max(0.0, seconds)):
            if is_stderr:
                self._tail += data
                del self._tail[:-TAIL]
            elif data:
                self._buffer += data
            else:
                self._ended = True

    def _deaf(self, left: int) -> RunnerError:
        return RunnerError(
            step="timeout",
            reason=f"{left} bytes of a command were not read within {_TAKES_WITHIN:g} s",
            remedy="read standard input line by line, and to its end",
        )

    def _timeout(self) -> RunnerError:
        begun = f"{len(self._buffer)} bytes of a line had come" if self._buffer else "nothing came"
        return RunnerError(
            step="timeout",
            reason=f"no answer before the deadline; {begun}",
            remedy="answer each command with one line and flush it; --timeout allows more time",
        )

    def _death(self) -> RunnerError:
        rest = f" in the middle of a line of {len(self._buffer)} bytes" if self._buffer else ""
        return RunnerError(
            step="death",
            reason=f"the runner {self._ending()}{rest}",
            remedy="catch what the SDK raises and answer it as an error; its stderr says more",
        )
