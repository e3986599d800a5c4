"""The tap's connection to the live endpoint: bytes out, the bytes of one response back.

The response is read only as far as its end has to be known: the head, and the framing of the body
(RFC 9112 6.3). Nothing of it is changed or kept, so a body of any size takes the same memory.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

from conformance.model.http import split_head

_BLANK = b"\r\n\r\n"
_PIECE = 64 * 1024  # bytes, also the limit of a head
_CONNECT_LIMIT = 10.0  # seconds
_SILENCE_LIMIT = 75.0  # seconds without a byte of an answer; as bounds.IDLE_SECONDS


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


class Upstream:
    """One open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._last = False  # whether the connection ends with the response

    @classmethod
    async def open(
        cls, endpoint: LiveEndpoint, context: ssl.SSLContext | None, host: str
    ) -> "Upstream":
        """Connect. host: the public name, for SNI and the certificate. Raises OSError."""
        name = host if context is not None else None
        async with asyncio.timeout(_CONNECT_LIMIT):
            if endpoint.dialer is not None:
                connected = await _handed_over(endpoint.dialer)
                streams = await asyncio.open_connection(
                    sock=connected, ssl=context, server_hostname=name, limit=_PIECE
                )
                return cls(*streams)
            failure: OSError | None = None
            for address, port in endpoint.addresses:
                try:
                    streams = await asyncio.open_connection(
                        address, port, ssl=context, server_hostname=name, limit=_PIECE
                    )
                    return cls(*streams)
                except OSError as error:
                    failure = error
            raise failure or OSError("the endpoint has no address")

    @property
    def usable(self) -> bool:
        """Whether another request can be sent."""
        return not (self._last or self._reader.at_eof() or self._writer.is_closing())

    def send(self, request: bytes) -> None:
        """Send a request unchanged."""
        self._writer.write(request)

    async def response(self, method: str) -> AsyncIterator[bytes]:
        """The bytes of the response as they come. Raises OSError, EOFError or ValueError."""
        while True:
            head = await self._until(_BLANK)
            yield head
            status = int(head[9:12])
            if status >= 200 or status == 101:
                break
        _, headers, _ = split_head(head) or ("", (), b"")
        fields = {name.lower(): value.lower() for name, value in headers}
        self._last = "close" in fields.get("connection", "") or head.startswith(b"HTTP/1.0")
        if method == "HEAD" or status in (204, 304):
            return
        if "transfer-encoding" in fields:
            async for piece in self._chunks():
                yield piece
        elif "content-length" in fields:
            async for piece in self._exactly(int(fields["content-length"])):
                yield piece
        else:
            self._last = True
            while piece := await self._some(_PIECE):
                yield piece

    def close(self) -> None:
        """Close it."""
        self._writer.transport.abort()

    async def _chunks(self) -> AsyncIterator[bytes]:
        while True:
            line = await self._until(b"\r\n")
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            yield line
            async for piece in self._exactly(size + 2):
                yield piece
        trailer = line
        while line != b"\r\n":
            line = await self._until(b"\r\n")
            trailer += line
        yield trailer

    async def _exactly(self, count: int) -> AsyncIterator[bytes]:
        while count:
            piece = await self._some(min(count, _PIECE))
            if not piece:
                raise EOFError(f"{count} bytes before the end of the body")
            count -= len(piece)
            yield piece

    async def _some(self, most: int) -> bytes:
        async with asyncio.timeout(_SILENCE_LIMIT):
            return await self._reader.read(most)

    async def _until(self, end: bytes) -> bytes:
        async with asyncio.timeout(_SILENCE_LIMIT):
            try:
                return await self._reader.readuntil(end)
            except asyncio.LimitOverrunError as error:
                raise ValueError(f"a head or line of more than {_PIECE} bytes") from error


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
