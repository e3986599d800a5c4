"""A throwaway endpoint for the tests of runners: CONNECT, TLS, a canned reply, what came kept.

It knows nothing of OSS and is no mock: the tests of a runner must not depend on the package's own.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.model.http import Request

NAMES = ("oss-cn-hangzhou.aliyuncs.com", "*.oss-cn-hangzhou.aliyuncs.com", "img.example.com")
TLS_HANDSHAKE = b"\x16"  # first byte of a TLS record that opens a connection (RFC 8446 5.1)
IDLE = 5.0  # seconds that a connection of a test may stay open without a word
TAKEN = 30.0  # seconds in which an answer is taken on a busy machine


def reply(body: bytes, *, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole response; length: what Content-Length says, by default the truth."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nx-oss-request-id: 64BA\r\n\r\n"
    return head.encode() + body


def write_identity(folder: Path) -> Path:
    """A self-signed certificate for NAMES with its key, in one PEM file that is also the CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    me = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "throwaway endpoint")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder(me, me, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in NAMES]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "identity.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


class Endpoint:
    """Listens on a loopback port while it is open as a context.

    received: raw requests in order, with the scheme each came by; requests: the same, read.
    connections: how many were made. answer: makes the bytes that are written for a request, in the
    thread of its connection; when they claim more than they hold, the connection is closed after
    them. written: set unless an answer is being written, or waits for a client that does not read.
    """

    def __init__(self, identity: Path) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.connections = 0
        self.answer: Callable[[bytes], bytes] = lambda _: reply(b"{}")
        self.show(identity)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._serving: list[threading.Thread] = []
        self.written = threading.Event()

    def show(self, identity: Path) -> None:
        """Show this one to the connections to come."""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(identity)

    @property
    def proxy(self) -> str:
        """The URL by which a client reaches it."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def requests(self) -> list[Request]:
        """What was received, without what is no request."""
        return [request for _, raw in self.received if (request := Request.read(raw))]

    def all_closed(self, within: float) -> bool:
        """Whether every connection so far has ended, or does so within these seconds."""
        end = time.monotonic() + within
        for serving in self._serving:
            serving.join(max(0.0, end - time.monotonic()))
        return not any(serving.is_alive() for serving in self._serving)

    def __enter__(self) -> "Endpoint":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._serving.append(threading.Thread(target=self._serve, args=(line,), daemon=True))
            self._serving[-1].start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(IDLE)
        scheme = "http"
        try:
            if not _head(line).startswith(b"CONNECT "):
                return
            line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if line.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                line, scheme = self._tls.wrap_socket(line, server_side=True), "https"
            while request := _head(line):
                self.received.append((scheme, request))
                answer = self.answer(request)
                head, _, body = answer.partition(b"\r\n\r\n")
                self.written.clear()
                line.settimeout(TAKEN)
                line.sendall(head + b"\r\n\r\n" if request.startswith(b"HEAD ") else answer)
                line.settimeout(IDLE)
                self.written.set()
                if f"Content-Length: {len(body)}".encode() not in head:
                    return
        except (OSError, threading.BrokenBarrierError):
            pass  # a client may go away whenever it likes
        finally:
            self.written.set()
            line.close()


def _head(line: socket.socket) -> bytes:
    """The bytes of a request up to its empty line; nothing here sends a body."""
    seen = b""
    while not seen.endswith(b"\r\n\r\n"):
        more = line.recv(65536)
        if not more:
            return b""
        seen += more
    return seen
