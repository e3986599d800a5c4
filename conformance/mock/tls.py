"""TLS for one connection, between the bytes of the socket and those of HTTP.

The session is played in memory (`ssl.MemoryBIO`), so that one way serves a connection
that begins with TLS, one that turns out to be TLS by its first byte, and a tunnel after CONNECT,
on asyncio's loop and on uvloop alike, and so that a failed handshake is a value and not a log.
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
    """A handshake or a record that failed; its text is the TLS library's words."""


class _Named(ssl.SSLObject):
    """An SSL object that remembers the server name it was asked for."""

    sni: str | None = None


def server_context(certificate: str, key: str) -> ssl.SSLContext:
    """A context that offers HTTP/1.1 only; raises ssl.SSLError or OSError if the PEM is bad."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _Named
    context.set_servername_callback(_keep_name)
    _load(context, (certificate.rstrip() + "\n" + key).encode())
    return context


class Contexts:
    """A context for each certificate, by its name; but for `trusted` made when first asked for.

    pairs: PEM chain and PEM key. Raises KeyError without `trusted`, else as `server_context` does.
    """

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        self._pairs = dict(pairs)
        self._made = {TRUSTED: server_context(*self._pairs[TRUSTED])}

    def __contains__(self, name: str) -> bool:
        return name in self._pairs

    def named(self, name: str) -> ssl.SSLContext:
        """The context of that name; raises KeyError, ssl.SSLError or OSError."""
        if name not in self._made:
            self._made[name] = server_context(*self._pairs[name])
        return self._made[name]


def _keep_name(session: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> None:
    cast(_Named, session).sni = name


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """Hand over the pair; the ssl module takes file names only, so it gets one for a moment."""
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
    """One session, server side. What is to go out stands in `outgoing` after each call."""

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
        """Records in, content out; raises TlsError. `ended` says that the client said goodbye."""
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
        """Say goodbye (close_notify), so that the end is told from a cut (RFC 8446 6.1)."""
        # It asks for the client's goodbye, or the session is broken: ours is said either way.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._session.unwrap()

    def outgoing(self) -> bytes:
        """The records to write now."""
        return self._out.read()
