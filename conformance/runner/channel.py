"""Exchanges lines with a program, with deadlines.

`Channel` is the interface that protocol.py and mock_client.py use. `LineChannel` implements it for
child processes and containers, which only add their reads and writes. It reads standard error while
it waits for an answer, so that neither side can block the other. One thread may receive while
others send.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Protocol

from conformance.errors import RunnerError
from conformance.model.limits import LINE_BYTES
from conformance.model.verdict import STDERR_CUT

# Ends what a runner with the capability `marks` has written to standard error before a message.
MARK = b"\x1e"
# Bytes of standard error that are kept: enough for a stack trace.
TAIL = 4096
# Seconds within which a program must read a command.
_READ_LIMIT = 30.0


class Channel(Protocol):
    """A connection to a program; `LineChannel` documents the exceptions."""

    def send(self, line: bytes) -> None:
        """Write one line; the newline is added."""

    def receive(self, deadline: float) -> bytes:
        """Return one line without its newline; deadline: a time of `time.monotonic()`."""

    def waiting(self) -> bytes:
        """Return the output that was not received yet, without waiting for more."""

    def await_marks(self, count: int, deadline: float) -> bool:
        """Wait until standard error had so many marks, which the channel takes out of it."""

    def stderr_tail(self) -> str:
        """Return the last 4 KiB of standard error."""

    def take_stderr(self) -> str:
        """Return the last 4 KiB of the standard error that was not taken yet, and forget it."""

    def ended(self) -> RunnerError | None:
        """Return how the program ended, without waiting; None if its output has not ended."""

    def close(self) -> None:
        """End the program; safe to call twice."""


class LineChannel(ABC):
    """A channel that splits the output of a program into lines."""

    def __init__(self) -> None:
        # Held by the thread that reads; a thread that sends leaves the reading to it.
        self._reading = threading.Lock()
        self._buffer = bytearray()
        self._scanned = 0
        self._tail = bytearray()
        self._tail_cut = False
        self._marks = 0  # in all of standard error so far
        self._ended = False

    def send(self, line: bytes) -> None:
        """Write one line with its newline; `receive` reports it if the program has ended.

        Output is read meanwhile, because a program may write a lot before it reads. Raises
        RunnerError of step `timeout`.
        """
        data = memoryview(line + b"\n")
        deadline = time.monotonic() + _READ_LIMIT
        while data:
            try:
                data = data[self._write(data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._not_reading(len(data)) from None
                self._wait_to_write(1.0)
                self.waiting()
            except ConnectionError:  # broken pipe or connection reset
                return

    def receive(self, deadline: float) -> bytes:
        """Return one line; raises RunnerError of step `timeout`, `death` or `protocol`."""
        with self._reading:
            while (line := self._next_line(deadline)) is None:
                pass
            return line

    def _next_line(self, deadline: float) -> bytes | None:
        """The next line, or None after something was read."""
        end = self._buffer.find(b"\n", self._scanned)
        if end >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._scanned = 0
            return line
        self._scanned = len(self._buffer)
        if self._scanned > LINE_BYTES:
            raise RunnerError(
                step="protocol",
                reason=f"a line is longer than {LINE_BYTES} bytes",
                remedy="write one JSON object on each line and end it with a newline",
            )
        if self._ended:
            raise self._death()
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise self._timeout()
        self._read(remaining)
        return None

    def waiting(self) -> bytes:
        """Return the output that was not received yet, without waiting for more."""
        if not self._ended and self._reading.acquire(blocking=False):
            try:
                self._read(0)
            finally:
                self._reading.release()
        return bytes(self._buffer)

    def await_marks(self, count: int, deadline: float) -> bool:
        """Wait until standard error had so many marks; whether it had them before the deadline.

        The two outputs of a container come in two streams, of which one can be late. Nothing is
        awaited after the end.
        """
        with self._reading:
            while self._marks < count and not self._ended:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._read(remaining)
        return True

    def stderr_tail(self) -> str:
        """Return the last 4 KiB of standard error; of more, whole lines after a line that says so.

        The rest of a line may begin within the path of a folder, which could not be recognized.
        """
        text = self._tail.decode("utf-8", "replace")
        if not self._tail_cut:
            return text
        behind = (text.partition(separator)[2] for separator in ("\n", " "))
        whole = next(filter(str.strip, behind), "")
        return f"{STDERR_CUT}\n{whole}"

    def take_stderr(self) -> str:
        """Return the last 4 KiB of the standard error that was not taken yet, and forget it."""
        self.waiting()
        taken = self.stderr_tail()
        self._tail.clear()
        self._tail_cut = False
        return taken

    def ended(self) -> RunnerError | None:
        """Return how the program ended, without waiting; None if its output has not ended."""
        self.waiting()
        return self._death() if self._ended else None

    @abstractmethod
    def _poll(self, seconds: float) -> Iterator[tuple[bool, bytes]]:
        """Wait for output and yield (is standard error, bytes).

        Empty bytes of standard output mean that it has ended.
        """

    @abstractmethod
    def _write(self, data: memoryview) -> int:
        """Return the number of bytes written; raise BlockingIOError if none could be."""

    @abstractmethod
    def _wait_to_write(self, seconds: float) -> None:
        """Wait until `_write` can write or there is output to read."""

    @abstractmethod
    def _ending(self) -> str:
        """How the program ended, such as `exited with 1`."""

    def _read(self, seconds: float) -> None:
        for is_stderr, data in self._poll(max(0.0, seconds)):
            if is_stderr:
                self._marks += data.count(MARK)
                self._tail += data.replace(MARK, b"")
                self._tail_cut = self._tail_cut or len(self._tail) > TAIL
                del self._tail[:-TAIL]
            elif data:
                self._buffer += data
            else:
                self._ended = True

    def _not_reading(self, unread: int) -> RunnerError:
        return RunnerError(
            step="timeout",
            reason=f"{unread} bytes of a command were not read within {_READ_LIMIT:g} s",
            remedy="read standard input line by line until it ends",
        )

    def _timeout(self) -> RunnerError:
        received = f"{len(self._buffer)} bytes of a line" if self._buffer else "nothing"
        return RunnerError(
            step="timeout",
            reason=f"no answer before the deadline; {received} received",
            remedy="answer each command with one line and flush it; --timeout allows more time",
        )

    def _death(self) -> RunnerError:
        partial = f" in the middle of a line of {len(self._buffer)} bytes" if self._buffer else ""
        return RunnerError(
            step="death",
            reason=f"the process {self._ending()}{partial}",
            remedy="catch what the SDK raises and answer it as an error; see stderr for the cause",
        )
