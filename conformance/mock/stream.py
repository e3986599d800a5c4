"""The bytes of one connection, with or without TLS, and the ways to end it.

If the listener accepts both, the first byte shows whether TLS begins, at the start and again inside
a tunnel. All other modules see HTTP bytes only.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from conformance.mock.bounds import IDLE_SECONDS
from conformance.mock.tls import HANDSHAKE, TRUSTED, Contexts, Tls, TlsError

# socket(7): with SO_LINGER on and a timeout of 0, closing sends RST instead of FIN.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """What a listener accepts."""

    # `any`: TLS, plain HTTP and CONNECT, distinguished by the first byte.
    takes: Literal["any", "tls", "plain"]
    # None: TLS is refused.
    contexts: Contexts | None
    # Whether clients choose the port, so that it is journalled; False: the port of a lane's proxy.
    chosen: bool = True


class Stream:
    """One transport with its TLS session, if it has one.

    certificate: called when TLS begins; returns the name of the certificate to present.
    """

    def __init__(
        self, transport: asyncio.Transport, accepts: Accepts, certificate: Callable[[], str]
    ) -> None:
        self._transport = transport
        self._accepts = accepts
        self._certificate = certificate
        self._tls: Tls | None = None
        self._undecided = True
        self._eof = False
        self._reading = True
        self.via = "direct"  # or `connect`
        self.authority: str | None = None  # that CONNECT named
        place = transport.get_extra_info("sockname") if accepts.chosen else None
        self.port: int | None = place[1] if place else None
        self.scheme = "http"  # or `https`
        # From the TLS handshake: the requested server name, the negotiated protocol.
        self.sni: str | None = None
        self.alpn: str | None = None
        # Name of the certificate that was presented, unless it is `trusted`.
        self.wrong_certificate: str | None = None

    @property
    def in_handshake(self) -> bool:
        """Whether a TLS handshake has begun and is not complete."""
        return self._tls is not None and not self._tls.established

    @property
    def ended(self) -> bool:
        """Whether the client has stopped sending: close_notify or FIN was received."""
        return self._eof or (self._tls is not None and self._tls.ended)

    @property
    def takes_connect(self) -> bool:
        """Whether CONNECT is allowed: once for each connection, and not inside TLS."""
        return self._accepts.takes == "any" and self._tls is None and self.via == "direct"

    def begins_tls(self, data: bytes) -> bool:
        """Whether `data`, which is received next, begins a TLS handshake."""
        return self._undecided and self._is_tls(data)

    def receive(self, data: bytes) -> bytes:
        """Return the HTTP bytes in `data`; after a TlsError the connection has to be closed."""
        if self.begins_tls(data):
            self._begin_tls()
        self._undecided = False
        if self._tls is None:
            return data
        try:
            return self._tls.receive(data)
        finally:
            self.sni, self.alpn = self._tls.sni, self._tls.alpn
            self._flush()  # after a failure this sends the TLS alert

    def receive_eof(self) -> None:
        """FIN was received."""
        self._eof = True

    def _begin_tls(self) -> None:
        if self._accepts.contexts is None:
            raise TlsError("the client began TLS on a port for plain HTTP")
        name = self._certificate()
        self._tls, self.scheme = Tls(self._accepts.contexts.named(name)), "https"
        self.wrong_certificate = None if name == TRUSTED else name

    def _is_tls(self, data: bytes) -> bool:
        takes = self._accepts.takes
        return takes == "tls" or (takes == "any" and data[0] == HANDSHAKE)

    def tunnel(self, answer: bytes, authority: str) -> None:
        """Answer a CONNECT to this authority; the tunnel may carry TLS or plain HTTP."""
        self._transport.write(answer)
        self.authority = authority
        self.via, self._undecided = "connect", True

    def write(self, data: bytes) -> None:
        """Write HTTP bytes, encrypted if the connection uses TLS."""
        if self._tls is None:
            self._transport.write(data)
        else:
            self._tls.send(data)
            self._flush()

    def _flush(self) -> None:
        records = b"" if self._tls is None else self._tls.outgoing()
        if records:
            self._transport.write(records)

    def read_on(self, wanted: bool) -> None:
        """Read from the client, or leave what it sends to the buffers of the kernel."""
        if wanted is not self._reading and not self._transport.is_closing():
            self._reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def close(self) -> None:
        """Close in an orderly way: deliver what was written, then close_notify and FIN."""
        if self._tls is not None:
            self._tls.close()
            self._flush()
        if self._transport.get_write_buffer_size():  # perhaps the client never reads it
            asyncio.get_running_loop().call_later(IDLE_SECONDS, self._transport.abort)
        self._transport.close()

    def reset(self) -> None:
        """Abort with RST, also under TLS; bytes that the kernel has not sent are lost."""
        # uvloop's socket object cannot set the option, so it is set on a duplicate descriptor.
        number = os.dup(self._transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=number) as duplicate:
            duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
