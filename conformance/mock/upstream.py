"""The tap's connection to the live endpoint: bytes out, the bytes of one response back.

The bytes are passed on as they come and never kept, so a body of any size takes the same memory.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from conformance.mock.bounds import IDLE_SECONDS
from conformance.mock.idle import IdleTimer
from conformance.mock.response_end import ResponseEnd

_CONNECT_LIMIT = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEndpoint:
    """Where the tap connects to."""

    addresses: tuple[tuple[str, int], ...]  # IP address and port, in the order of preference
    trust: str | None  # PEM of the authorities to trust; None: no TLS
    # Path of the socket on which the engine hands over connections (runner/dialer.py), for a tap in
    # a network without a way out; None: the tap connects itself.
    dialer: str | None = None

    def context(self) -> ssl.SSLContext | None:
        """The TLS settings; raises ssl.SSLError for invalid PEM."""
        if self.trust is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_alpn_protocols(["http/1.1"])
        context.load_verify_locations(cadata=self.trust)
        return context


class Upstream(asyncio.Protocol):
    """One open connection. `open` makes it, `ask` uses it, one request at a time."""

    def __init__(self) -> None:
        self._end: ResponseEnd | None = None  # of the response that is awaited
        self._usable = True
        self._idle = IdleTimer(lambda: self._end is not None, self._silent)

    @classmethod
    async def open(
        cls, endpoint: LiveEndpoint, context: ssl.SSLContext | None, host: str
    ) -> "Upstream":
        """Connect. host: the public name, for SNI and the certificate. Raises OSError."""
        loop, name = asyncio.get_running_loop(), host if context is not None else None
        failure: OSError | None = None
        async with asyncio.timeout(_CONNECT_LIMIT):
            if endpoint.dialer is not None:
                connected = await _handed_over(endpoint.dialer)
                _, made = await loop.create_connection(
                    cls, sock=connected, ssl=context, server_hostname=name
                )
                return made
            for address, port in endpoint.addresses:
                try:
                    _, made = await loop.create_connection(
                        cls, address, port, ssl=context, server_hostname=name
                    )
                except OSError as error:
                    failure = error
                else:
                    return made
        raise failure or OSError("the endpoint has no address")

    @property
    def usable(self) -> bool:
        """Whether another request can be sent."""
        return self._usable and not self._transport.is_closing()

    def ask(
        self,
        request: bytes,
        method: str,
        *,
        got: Callable[[bytes], None],
        done: Callable[[str | None], None],
    ) -> None:
        """Send a request unchanged.

        got: called with the bytes of the response as they come. done: called at its end, with what
        went wrong or None.
        """
        self._end, self._got, self._done = ResponseEnd(method), got, done
        self._idle.restart()
        self._transport.write(request)

    def read_on(self, wanted: bool) -> None:
        """Read from the service, or leave what it sends to the buffers of the kernel."""
        if not self._transport.is_closing():
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def close(self) -> None:
        """Close it; nothing is called any more."""
        self._end = None
        self._idle.stop()
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Pass on what belongs to the response."""
        end = self._end
        if end is None:  # nobody asked
            self._usable = False
            return
        self._idle.restart()
        try:
            count = end.feed(data)
        except ValueError as error:
            self._finish(f"its response is malformed: {error}")
            return
        self._usable = not end.last and count == len(data)
        self._got(data if count == len(data) else data[:count])
        if end.complete:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The response may end with the connection; otherwise it has broken off."""
        self._usable = False
        if self._end is not None:
            whole = self._end.with_connection and exc is None
            reason = f": {exc}" if exc is not None else " before the end of the response"
            self._finish(None if whole else f"it closed the connection{reason}")

    def _silent(self) -> None:
        self._finish(f"it was silent for {IDLE_SECONDS} seconds")

    def _finish(self, problem: str | None) -> None:
        self._end = None
        self._done(problem)


async def _handed_over(path: str) -> socket.socket:
    """A connection that the engine made: its descriptor, or the reason why there is none."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        await loop.sock_connect(asking, path)
        ready = asyncio.Event()
        loop.add_reader(asking, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(asking)
        reason, numbers, _, _ = socket.recv_fds(asking, 1024, 1)
    if not numbers:
        raise OSError(reason.decode("utf-8", "replace") or "the engine has ended")
    connected = socket.socket(fileno=numbers[0])
    connected.setblocking(False)
    return connected
