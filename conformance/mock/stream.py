"""The bytes of one connection, through TLS or not, and the ways to end it.

The first byte decides what follows, at the start and again inside a tunnel, within
what the listener's door takes. Everything above this sees HTTP bytes only.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from conformance.mock.tls import HANDSHAKE, TRUSTED, Contexts, Tls, TlsError

# socket(7): linger on, for no time: closing then sends RST instead of FIN.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """What a listener takes: `any` (first byte decides, CONNECT taken), `tls` or `plain` only."""

    takes: str
    contexts: Contexts | None


class Stream:
    """One transport with its TLS session, if it has one.

    certificate: asked for its name when TLS begins. via: `direct` or `connect`; scheme: `https` or
    `http`; sni, alpn: of the handshake; wrong: name of the certificate, if it is not the right one.
    """

    def __init__(
        self, transport: asyncio.Transport, door: Accepts, certificate: Callable[[], str]
    ) -> None:
        self._transport = transport
        self._door = door
        self._certificate = certificate
        self._tls: Tls | None = None
        self._undecided = True
        self.via, self.scheme = "direct", "http"
        self.sni: str | None = None
        self.alpn: str | None = None
        self.wrong: str | None = None

    @property
    def shaking(self) -> bool:
        """Whether a handshake has begun and is not done."""
        return self._tls is not None and not self._tls.established

    @property
    def ended(self) -> bool:
        """Whether the client said goodbye inside TLS."""
        return self._tls is not None and self._tls.ended

    @property
    def takes_connect(self) -> bool:
        """Whether a CONNECT may be answered here: once, and outside TLS."""
        return self._door.takes == "any" and self._tls is None and self.via == "direct"

    def receive(self, data: bytes) -> bytes:
        """What arrived, as HTTP bytes; raises TlsError, after which the connection is to end."""
        if self._undecided:
            self._undecided = False
            if self._is_tls(data):
                self._begin_tls()
        if self._tls is None:
            return data
        try:
            return self._tls.receive(data)
        finally:
            self.sni, self.alpn = self._tls.sni, self._tls.alpn
            self._flush()  # also the alert that tells the client why

    def _begin_tls(self) -> None:
        if self._door.contexts is None:
            raise TlsError("TLS was begun, but this endpoint has no certificate")
        name = self._certificate()
        self._tls, self.scheme = Tls(self._door.contexts.named(name)), "https"
        self.wrong = None if name == TRUSTED else name

    def _is_tls(self, data: bytes) -> bool:
        takes = self._door.takes
        return takes == "tls" or (takes == "any" and data[0] == HANDSHAKE)

    def tunnel(self, answer: bytes) -> None:
        """Answer a CONNECT; what follows may be TLS or not."""
        self._transport.write(answer)
        self.via, self._undecided = "connect", True

    def write(self, data: bytes) -> None:
        """Write HTTP bytes."""
        if self._tls is None:
            self._transport.write(data)
        else:
            self._tls.send(data)
            self._flush()

    def _flush(self) -> None:
        records = b"" if self._tls is None else self._tls.outgoing()
        if records:
            self._transport.write(records)

    def close(self) -> None:
        """End in an orderly way: what was written, goodbye, FIN."""
        if self._tls is not None:
            self._tls.close()
            self._flush()
        self._transport.close()

    def reset(self) -> None:
        """End with RST, also under TLS; what the kernel has not sent is lost."""
        # A twin of the descriptor sets the option: uvloop's socket object cannot.
        number = os.dup(self._transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=number) as twin:
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
