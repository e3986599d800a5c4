"""TLS for one connection.

The session runs in memory (`ssl.MemoryBIO`). One implementation therefore serves TLS ports, ports
that also accept plain HTTP, and CONNECT tunnels, on asyncio and on uvloop; and a failed handshake
raises an exception instead of being logged.
"""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

# RFC 8446 5.1: the record type `handshake`, the first byte of every TLS connection
HANDSHAKE = 0x16
TRUSTED = "trusted"  # the name of the valid certificate
_READ = 256 * 1024


class TlsError(Exception):
    """A handshake or record failed; the text is that of the TLS library."""


class _Named(ssl.SSLObject):
    """An SSL object that stores the server name requested by the client."""

    sni: str | None = None


def server_context(certificate: str, key: str) -> ssl.SSLContext:
    """A context that offers HTTP/1.1 only; raises ssl.SSLError or OSError for invalid PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _Named
    context.set_servername_callback(_store_name)
    _load(context, (certificate.rstrip() + "\n" + key).encode())
    return context


class Contexts:
    """SSL contexts by certificate name; all but `trusted` are created on first use.

    pairs: a PEM chain and its PEM key. Raises KeyError if `trusted` is missing, and the exceptions
    of `server_context`.
    """

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        self._pairs = dict(pairs)
        self._contexts = {TRUSTED: server_context(*self._pairs[TRUSTED])}

    def __contains__(self, name: str) -> bool:
        return name in self._pairs

    def named(self, name: str) -> ssl.SSLContext:
        """The context for a certificate name; raises KeyError, ssl.SSLError or OSError."""
        if name not in self._contexts:
            self._contexts[name] = server_context(*self._pairs[name])
        return self._contexts[name]


def _store_name(session: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> None:
    cast(_Named, session).sni = name


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """Load a chain and its key through a temporary file; the ssl module accepts only file names."""
    if hasattr(os, "memfd_create"):  # Linux: a file in memory, for read-only containers
        with open(os.memfd_create("pair"), "wb") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return
    with tempfile.TemporaryDirectory() as folder:  # created with mode 0700
        path = Path(folder, "pair.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)


class Tls:
    """One server-side session. After each call `outgoing` returns the records to send."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context.wrap_bio(self._in, self._out, server_side=True)
        self._session = cast(_Named, session)
        self.established = False
        self.ended = False

    @property
    def sni(self) -> str | None:
        """The server name that the client requested."""
        return self._session.sni

    @property
    def alpn(self) -> str | None:
        """The negotiated protocol; None if the client did not offer HTTP/1.1."""
        return self._session.selected_alpn_protocol()

    def receive(self, data: bytes) -> bytes:
        """Decrypt records; raises TlsError. Sets `ended` when close_notify was received."""
        self._in.write(data)
        content = b""
        try:
            if not self.established:
                self._session.do_handshake()
                self.established = True
            while not self.ended:
                piece = self._session.read(_READ)
                self.ended = not piece
                content += piece
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as error:
            raise TlsError(error.reason or str(error)) from error
        return content

    def send(self, content: bytes) -> None:
        """Encrypt content; `outgoing` returns the records."""
        if content:
            self._session.write(content)

    def close(self) -> None:
        """Send close_notify, so that the client can rule out truncation (RFC 8446 6.1)."""
        # Raised if the client's close_notify is missing or the session is broken; either way the
        # mock's is in `outgoing`.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._session.unwrap()

    def outgoing(self) -> bytes:
        """The records to write now."""
        return self._out.read()
