"""The standard streams of a process in a container over one socket.

The process is that of the container, or one that was started in it by exec.

Docker sends the output in frames: the stream (1 standard output, 2 standard error), three zero
bytes, the length as four bytes big-endian, then the data (Engine API, "Attach to a container").
Shutting the socket down ends the container's input and thereby the container. Both directions have
to be shut down: the engine cannot remove a container while it waits to write its output to a client
that no longer reads.
"""

import contextlib
import io
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from conformance.runner.channel import LineChannel
from conformance.runner.child_process import KeptOutput, ended_how
from conformance.runner.docker_engine import REFUSALS

_CHUNK = 65536
_HEADER = 8  # bytes before the data of a frame
_EXIT_LIMIT = 5  # seconds from the end of the output to the exit code; it takes 0.1
_EXIT_STEP = 0.05  # seconds between two questions whether a process has an exit code


def raw_socket(attached: Any) -> socket.socket:
    """The socket inside the object that docker-py returns for a stream."""
    inner = getattr(attached, "_sock", attached)
    assert isinstance(inner, socket.socket)
    return inner


def early_output(attached: Any) -> bytes:
    """What came in one read with the head of the engine's response: docker-py leaves it there.

    On a busy machine that is all that a short program prints.
    """
    response = getattr(attached, "_response", None)
    buffer = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
    if not isinstance(buffer, io.BufferedReader):
        return b""
    raw_socket(attached).setblocking(False)  # nothing more is waited for
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
        return buffer.read1(_CHUNK) or b""
    return b""


def shut_down(attached: Any) -> None:
    """End both directions of a stream, which wakes up a thread that waits for it."""
    with contextlib.suppress(OSError):
        raw_socket(attached).shutdown(socket.SHUT_RDWR)


def close_socket(attached: Any) -> None:
    """Close everything that docker-py opens for a stream: response, file and socket."""
    shut_down(attached)
    response = getattr(attached, "_response", None)
    for part in (response, attached, raw_socket(attached)):
        if part is not None:
            # http.client raises ValueError when it flushes a file that is already closed.
            with contextlib.suppress(OSError, ValueError):
                part.close()


class Ending(Protocol):
    """How the process of a channel ended."""

    def code(self) -> int | None:
        """The exit code; None if it has not ended or the engine does not report it."""

    def close(self) -> None:
        """Ask no more."""


class ContainerEnding:
    """A request for the exit code of a container.

    It is sent before the container starts, because the container is removed when it ends.
    """

    def __init__(self, api: Any, container: str) -> None:
        # `wait` of docker-py would block. The engine sends the head of the response at once
        # (API 1.30) and the body when the container ends.
        self._response = api._post(
            api._url("/containers/{0}/wait", container),
            params={"condition": "next-exit"},
            stream=True,
            timeout=(_EXIT_LIMIT, _EXIT_LIMIT),
        )

    def code(self) -> int | None:
        """The exit code; None if the container has not ended or the engine does not report it."""
        try:
            return int(self._response.json()["StatusCode"])
        except (OSError, ValueError, KeyError):  # exceptions of requests are OSErrors
            return None

    def close(self) -> None:
        """Cancel the request."""
        self._response.close()


def exec_code(api: Any, execution: str, deadline: float) -> int | None:
    """The exit code of a program run by exec; None if it still runs at the deadline.

    The engine ends the program's output first and notes its exit code a moment later.
    """
    while (state := api.exec_inspect(execution))["Running"] or state["ExitCode"] is None:
        if time.monotonic() > deadline:
            return None
        time.sleep(_EXIT_STEP)
    return int(state["ExitCode"])


class ExecEnding:
    """The exit code of a program run by exec, which the engine keeps while its container is."""

    def __init__(self, api: Any, execution: str) -> None:
        self._api, self._execution = api, execution

    def code(self) -> int | None:
        """The exit code; None if it has not ended or the engine does not report it."""
        try:
            return exec_code(self._api, self._execution, time.monotonic() + _EXIT_LIMIT)
        except (*REFUSALS, ValueError, KeyError, TypeError):
            return None

    def close(self) -> None:
        """Nothing is open."""


class Frames:
    """Splits the byte stream of a container into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """Yield the complete frames as (is standard error, data)."""
        self._buffer += data
        while len(self._buffer) >= _HEADER:
            length = int.from_bytes(self._buffer[4:8], "big")
            if len(self._buffer) < _HEADER + length:
                return
            is_stderr = self._buffer[0] == 2
            yield is_stderr, bytes(self._buffer[_HEADER : _HEADER + length])
            del self._buffer[: _HEADER + length]


class ContainerChannel(LineChannel):
    """A channel to a process in a container; `container` is the id of that.

    ending: tells its exit code. remove: removes what has to be removed with the process.
    """

    def __init__(self, attached: Any, *, ending: Ending, remove: Callable[[], None]) -> None:
        super().__init__()
        self._attached = attached  # closes the socket when it is garbage-collected
        self._socket = raw_socket(attached)
        self._early = early_output(attached)
        self._socket.setblocking(False)
        self._using = threading.Lock()  # a TLS connection to the engine has one user at a time
        self._polling = select.poll()
        self._polling.register(self._socket.fileno(), select.POLLIN | select.POLLHUP)
        self._frames = Frames()
        self._remove = remove
        self._open = True
        self.container = ""
        self._exit_code = ending

    def close(self) -> None:
        """End the container's streams and remove the container; waits no longer than `remove`."""
        if not self._open:
            return
        self._open = False
        shut_down(self._attached)
        self._remove()
        self._close_streams()

    def _close_streams(self) -> None:
        close_socket(self._attached)
        self._exit_code.close()

    def has_ended(self, seconds: float) -> bool:
        """Wait for the process to end its output; close the streams if it does, remove nothing."""
        deadline = time.monotonic() + seconds
        while self.ended() is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self._polling.poll(remaining * 1000)
        self._open = False
        self._close_streams()
        return True

    def _write(self, data: memoryview) -> int:
        try:
            with self._using:
                return self._socket.send(data)
        except ssl.SSLWantWriteError as error:
            raise BlockingIOError from error

    def _wait_to_write(self, seconds: float) -> None:
        polling = select.poll()
        polling.register(self._socket.fileno(), select.POLLIN | select.POLLOUT)
        polling.poll(seconds * 1000)

    def _poll(self, seconds: float) -> Iterator[tuple[bool, bytes]]:
        if self._early:
            early, self._early = self._early, b""
            yield from self._frames.feed(early)
            return
        if not self._polling.poll(seconds * 1000):
            return
        try:
            with self._using:
                data = self._socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            data = b""
        if data:
            yield from self._frames.feed(data)
        else:
            yield False, b""

    def _ending(self) -> str:
        code = self._exit_code.code()
        cause = " (SIGKILL, probably from the memory limit)" if code == 128 + 9 else ""
        return ended_how(code) + cause


def read_to_end(attached: Any, deadline: float) -> tuple[bytes, bytes] | None:
    """The standard output and standard error of a program run by exec; None after the deadline."""
    frames = Frames()
    outputs = (KeptOutput(), KeptOutput())
    data = early_output(attached)
    inner = raw_socket(attached)
    inner.setblocking(True)
    polling = select.poll()
    polling.register(inner.fileno(), select.POLLIN | select.POLLHUP)
    while True:
        for is_stderr, part in frames.feed(data):
            outputs[is_stderr].add(part)
        remaining = deadline - time.monotonic()
        if remaining <= 0 or not polling.poll(remaining * 1000):
            return None
        try:
            data = inner.recv(_CHUNK)
        except ConnectionResetError:
            data = b""
        if not data:
            return outputs[0].kept(), outputs[1].kept()
