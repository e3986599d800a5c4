"""The bytes of one connection, through TLS or not, and the ways to end it.

The first byte decides what follows, at the start and again inside a tunnel, as far as the listener
accepts both. Everything above this module sees HTTP bytes only.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from conformance.mock.tls import HANDSHAKE, TRUSTED, Contexts, Tls, TlsError

# socket(7), SO_LINGER on with no time to linger: close then sends RST instead of FIN.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """What a listener accepts."""

    # `any`: TLS, plain HTTP and CONNECT, told apart by the first byte. Else one of the two alone.
    takes: Literal["any", "tls", "plain"]
    # None: TLS is refused.
    contexts: Contexts | None


class Stream:
    """One transport with its TLS session, if it has one.

    certificate: called for the name of the certificate when TLS begins.
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
        self.via = "direct"  # or `connect`
        self.scheme = "http"  # or `https`
        # Of the TLS handshake: the server name asked for, the protocol agreed on.
        self.sni: str | None = None
        self.alpn: str | None = None
        # Name of the certificate that was shown, if it is not the right one.
        self.wrong: str | None = None

    @property
    def shaking(self) -> bool:
        """Whether a handshake has begun and is not done."""
        return self._tls is not None and not self._tls.established

    @property
    def ended(self) -> bool:
        """Whether the client has said that it sends no more, by close_notify or FIN."""
        return self._eof or (self._tls is not None and self._tls.ended)

    @property
    def takes_connect(self) -> bool:
        """Whether a CONNECT may be answered here: once, and outside TLS."""
        return self._accepts.takes == "any" and self._tls is None and self.via == "direct"

    def receive(self, data: bytes) -> bytes:
        """What arrived, as HTTP bytes; raises TlsError, after which the connection has to end."""
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
            self._flush()  # also the alert with the reason

    def receive_eof(self) -> None:
        """FIN has arrived."""
        self._eof = True

    def _begin_tls(self) -> None:
        if self._accepts.contexts is None:
            raise TlsError("TLS was begun, but this endpoint has no certificate")
        name = self._certificate()
        self._tls, self.scheme = Tls(self._accepts.contexts.named(name)), "https"
        self.wrong = None if name == TRUSTED else name

    def _is_tls(self, data: bytes) -> bool:
        takes = self._accepts.takes
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
        """End in an orderly way: what was written, close_notify, FIN."""
        if self._tls is not None:
            self._tls.close()
            self._flush()
        self._transport.close()

    def reset(self) -> None:
        """End with RST, also under TLS; what the kernel has not sent is lost."""
        # uvloop's socket object cannot set the option, a duplicate of the descriptor can.
        number = os.dup(self._transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=number) as duplicate:
            duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
