"""TLS for one connection, between the bytes of the socket and those of HTTP.

The session runs in memory (`ssl.MemoryBIO`), so that one implementation serves a connection that
begins with TLS, one whose first byte turns out to be TLS and a tunnel after CONNECT, on asyncio's
loop and on uvloop, and so that a failed handshake is an exception and not a log line.
"""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

# RFC 8446 5.1: the first byte of a record of type handshake, which every TLS connection begins with
HANDSHAKE = 0x16
TRUSTED = "trusted"  # the certificate that is right in everything
_READ = 256 * 1024


class TlsError(Exception):
    """A handshake or a record that failed; its text is the TLS library's."""


class _Named(ssl.SSLObject):
    """An SSL object with the server name that the client asked for."""

    sni: str | None = None


def server_context(certificate: str, key: str) -> ssl.SSLContext:
    """A context that offers HTTP/1.1 only; raises ssl.SSLError or OSError if the PEM is bad."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _Named
    context.set_servername_callback(_store_name)
    _load(context, (certificate.rstrip() + "\n" + key).encode())
    return context


class Contexts:
    """A context for each certificate, by its name; all but `trusted` are made on first use.

    pairs: PEM chain and PEM key. Raises KeyError without `trusted`, else as `server_context` does.
    """

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        self._pairs = dict(pairs)
        self._contexts = {TRUSTED: server_context(*self._pairs[TRUSTED])}

    def __contains__(self, name: str) -> bool:
        return name in self._pairs

    def named(self, name: str) -> ssl.SSLContext:
        """The context of that name; raises KeyError, ssl.SSLError or OSError."""
        if name not in self._contexts:
            self._contexts[name] = server_context(*self._pairs[name])
        return self._contexts[name]


def _store_name(session: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> None:
    cast(_Named, session).sni = name


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """Load the pair; the ssl module takes file names only, so a file exists for a moment."""
    if hasattr(os, "memfd_create"):  # Linux: a file without a disk, for read-only containers
        with open(os.memfd_create("pair"), "wb") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return
    with tempfile.TemporaryDirectory() as folder:  # mode 0700, gone at the end of the block
        path = Path(folder, "pair.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)


class Tls:
    """One session, server side. After each call `outgoing` returns the records to send."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context.wrap_bio(self._in, self._out, server_side=True)
        self._session = cast(_Named, session)
        self.established = False
        self.ended = False

    @property
    def sni(self) -> str | None:
        """The server name that the client asked for."""
        return self._session.sni

    @property
    def alpn(self) -> str | None:
        """The protocol agreed on, None if the client offered none of ours."""
        return self._session.selected_alpn_protocol()

    def receive(self, data: bytes) -> bytes:
        """Records in, content out; raises TlsError. Sets `ended` when close_notify has come."""
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
        """Content in, records into `outgoing`."""
        if content:
            self._session.write(content)

    def close(self) -> None:
        """Send close_notify, so that the end is not taken for a truncation (RFC 8446 6.1)."""
        # Raised because the client's has not come, or the session is broken; ours is sent anyway.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._session.unwrap()

    def outgoing(self) -> bytes:
        """The records to write now."""
        return self._out.read()
