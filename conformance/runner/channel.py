"""Lines to and from a program, with deadlines, over any transport.

`Channel` is the interface that protocol.py and mock_client.py use. `LineBuffer` is what child
processes and containers share: a buffer for standard output, the tail of standard error, and one
loop that waits for either. Standard error is read while an answer is awaited, so that neither
side can block the other.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from conformance.errors import RunnerError

# The largest answer: 10,000 bodies are about 1.2 MB, as base64 and parsed some 5 MB; times ten.
LINE_LIMIT = 64 * 1024 * 1024
# Bytes of standard error that are kept: enough for a stack trace.
TAIL = 4096
# Seconds within which a program must read a command.
_READ_LIMIT = 30.0


Room = Callable[[float], None]


class Channel(Protocol):
    """A program at the other end of a pipe; `LineBuffer` says what the methods raise."""

    def send(self, line: bytes) -> None:
        """Write one line; the newline is added."""

    def receive(self, deadline: float) -> bytes:
        """One line without its newline; deadline: a time of `time.monotonic()`."""

    def waiting(self) -> bytes:
        """What was written and not yet received, without waiting for more."""

    def stderr_tail(self) -> str:
        """The last 4 KiB of standard error."""

    def close(self) -> None:
        """End the program; safe to call twice."""


class LineBuffer:
    """Splits what a program writes into lines.

    poll: waits up to the given seconds and yields (is standard error, bytes); empty bytes of
    standard output mean its end. ending: how the program ended, in words.
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
        """Write one line with its newline; that a program is gone is reported by `receive`.

        write: returns the number of bytes written, raises BlockingIOError for none. room: waits
        up to the given seconds for space to write or something to read. Output is read meanwhile,
        because a program may write a lot before it reads.
        """
        data = memoryview(line + b"\n")
        deadline = time.monotonic() + _READ_LIMIT
        while data:
            try:
                data = data[write(data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._not_reading(len(data)) from None
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
            self._read(left)

    def waiting(self) -> bytes:
        """The content of the buffer, with what can be read at once."""
        if not self._ended:
            self._read(0)
        return bytes(self._buffer)

    def drain(self, seconds: float) -> None:
        """Read until the end of both outputs, for at most `seconds`."""
        deadline = time.monotonic() + seconds
        while not self._ended and time.monotonic() < deadline:
            self._read(deadline - time.monotonic())

    def stderr_tail(self) -> str:
        """The last part of standard error as text."""
        return self._tail[-TAIL:].decode("utf-8", "replace")

    def _read(self, seconds: float) -> None:
        for is_stderr, data in self._poll(max(0.0, seconds)):
            if is_stderr:
                self._tail += data
                del self._tail[:-TAIL]
            elif data:
                self._buffer += data
            else:
                self._ended = True

    def _not_reading(self, left: int) -> RunnerError:
        return RunnerError(
            step="timeout",
            reason=f"{left} bytes of a command were not read within {_READ_LIMIT:g} s",
            remedy="read standard input line by line, and to its end",
        )

    def _timeout(self) -> RunnerError:
        received = f"{len(self._buffer)} bytes of a line" if self._buffer else "nothing"
        return RunnerError(
            step="timeout",
            reason=f"no answer before the deadline; {received} received",
            remedy="answer each command with one line and flush it; --timeout allows more time",
        )

    def _death(self) -> RunnerError:
        rest = f" in the middle of a line of {len(self._buffer)} bytes" if self._buffer else ""
        return RunnerError(
            step="death",
            reason=f"the runner {self._ending()}{rest}",
            remedy="catch what the SDK raises and answer it as an error; its stderr says more",
        )
