"""A container's three streams over one socket, and the output of a program run by exec.

Docker frames what a container writes: the stream (1 standard output, 2 standard error), three
zero bytes, the length as four bytes big-endian, then the data (Engine API, "Attach to a
container"). Closing our side of the socket ends the container's input, and so the container.
"""

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

from conformance.runner.channel import LineBuffer
from conformance.runner.child_process import ended_how

_CHUNK = 65536
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError)
_HEAD = 8  # bytes before each frame
_ENDS_WITHIN = 5  # seconds from the end of a container's output to its exit code; it takes 0.1


def raw_socket(attached: Any) -> socket.socket:
    """The socket inside what docker-py returns: a file over a Unix socket, or one over TCP."""
    inner = getattr(attached, "_sock", attached)
    assert isinstance(inner, socket.socket)
    return inner


def close_socket(attached: Any) -> None:
    """Close everything that docker-py returns for a stream: response, file and socket."""
    response = getattr(attached, "_response", None)
    for part in (response, attached, raw_socket(attached)):
        if part is not None:
            # http.client raises ValueError when it flushes a file that is already closed.
            with contextlib.suppress(OSError, ValueError):
                part.close()


def _how(code: int | None) -> str:
    text = ended_how(code)
    return f"{text}, which is how the memory limit ends a program" if code == 128 + 9 else text


class Ending:
    """The exit code of a container, requested before it starts, as it is removed when it ends."""

    def __init__(self, api: Any, container: str) -> None:
        # docker-py's own `wait` blocks. The engine sends the response's head at once (API 1.30)
        # and its body when the container ends.
        self._response = api._post(
            api._url("/containers/{0}/wait", container),
            params={"condition": "next-exit"},
            stream=True,
            timeout=(_ENDS_WITHIN, _ENDS_WITHIN),
        )

    def code(self) -> int | None:
        """The exit code; None if the container has not ended, or its end is not known."""
        try:
            return int(self._response.json()["StatusCode"])
        except (OSError, ValueError, KeyError):  # requests' own exceptions are OSErrors
            return None

    def close(self) -> None:
        """Give the request up."""
        self._response.close()


class Frames:
    """Splits the byte stream of a container into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """The complete frames so far, as (is standard error, data)."""
        self._buffer += data
        while len(self._buffer) >= _HEAD:
            length = int.from_bytes(self._buffer[4:8], "big")
            if len(self._buffer) < _HEAD + length:
                return
            is_stderr = self._buffer[0] == 2
            yield is_stderr, bytes(self._buffer[_HEAD : _HEAD + length])
            del self._buffer[: _HEAD + length]


class ContainerChannel:
    """A container that is spoken to in lines over its attach socket; `container` is its id.

    ending: the request for its exit code. remove: removes the container.
    """

    def __init__(self, attached: Any, *, ending: Ending, remove: Callable[[], None]) -> None:
        self._attached = attached  # closes the socket when it is garbage-collected
        self._socket = raw_socket(attached)
        self._socket.setblocking(False)
        self._polling = select.poll()
        self._polling.register(self._socket.fileno(), select.POLLIN | select.POLLHUP)
        self._frames = Frames()
        self._remove = remove
        self._open = True
        self.container = ""
        self._ending = ending
        self._lines = LineBuffer(self._poll, lambda: _how(ending.code()))

    def send(self, line: bytes) -> None:
        """Write one line; that a container is gone is reported by `receive`."""
        self._lines.send(line, self._write, self._room)

    def receive(self, deadline: float) -> bytes:
        """One line; see LineBuffer."""
        return self._lines.receive(deadline)

    def waiting(self) -> bytes:
        """Output that nobody asked for yet."""
        return self._lines.waiting()

    def stderr_tail(self) -> str:
        """The last 4 KiB of standard error."""
        return self._lines.stderr_tail()

    def close(self) -> None:
        """End its input and remove it."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._remove()
        close_socket(self._attached)
        self._ending.close()

    def _write(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except ssl.SSLWantWriteError as error:
            raise BlockingIOError from error

    def _room(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._socket.fileno(), select.POLLIN | select.POLLOUT)
        waiting.poll(seconds * 1000)

    def _poll(self, seconds: float) -> Iterator[tuple[bool, bytes]]:
        if not self._polling.poll(seconds * 1000):
            return
        try:
            data = self._socket.recv(_CHUNK)
        except _NOT_NOW:
            return
        except OSError:
            data = b""
        if data:
            yield from self._frames.feed(data)
        else:
            yield False, b""


def read_to_end(attached: Any, deadline: float) -> tuple[bytes, bytes] | None:
    """(standard output, standard error) of a program run by exec; None after the deadline."""
    inner = raw_socket(attached)
    inner.setblocking(True)
    polling = select.poll()
    polling.register(inner.fileno(), select.POLLIN | select.POLLHUP)
    frames = Frames()
    outputs = (bytearray(), bytearray())
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not polling.poll(left * 1000):
            return None
        try:
            data = inner.recv(_CHUNK)
        except ConnectionResetError:
            data = b""
        if not data:
            return bytes(outputs[0]), bytes(outputs[1])
        for is_stderr, part in frames.feed(data):
            outputs[is_stderr].extend(part)
