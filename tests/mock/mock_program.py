"""The mock as a child process, and a client with plain sockets, for the live tests."""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from socket import create_connection, socket
from typing import IO, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.model.case import Credentials, KnownKey, Reply, Script
from conformance.model.codec import journal_from, script_to
from conformance.model.http import Header, Journal
from conformance.oss.v4 import Unsigned, sign

HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
PAIR = Credentials(access_key_id="id", access_key_secret="secret")
KEYS = (KnownKey(id="id", secret="secret"),)
# Seconds that a test waits for what should come at once; a busy machine may need some.
PATIENCE = 10.0


@cache
def pair(name: str = "mock") -> tuple[str, str]:
    """A certificate for HOST and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.public_bytes(pem).decode(), key.private_bytes(pem, form, none).decode()


def request(
    *,
    method: str = "GET",
    headers: tuple[Header, ...] = (),
    signed: bool = True,
    credentials: Credentials = PAIR,
) -> bytes:
    """The documented request, signed now."""
    asked = Unsigned(
        method=method,
        bucket="examplebucket",
        key="example.jpg",
        query=(("x-oss-process", "image/bodies"),),
        headers=(("Host", HOST), *headers),
    )
    fields = asked.headers
    if signed:
        fields = sign(asked, credentials=credentials, region="cn-hangzhou", clock=int(time.time()))
    lines = [f"{method} /example.jpg?x-oss-process=image/bodies HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def script(*replies: Reply, verify: bool = True, certificate: str = "trusted") -> Script:
    """A script of these replies, by default of one with the body `{}`."""
    usual = (Reply(status=200, headers=(), body=b"{}"),)
    return Script(keys=KEYS, replies=replies or usual, verify=verify, certificate=certificate)


def reply(*faults: tuple[str, Any], body: bytes = b"{}", framing: str = "length") -> Reply:
    """A reply with faults."""
    return Reply(status=200, headers=(), body=body, framing=framing, faults=faults)


def connect(port: int) -> socket:
    """A plain connection."""
    return create_connection(("127.0.0.1", port), timeout=PATIENCE)


def tls(
    line: socket,
    *,
    name: str = HOST,
    trusting: bool = True,
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> ssl.SSLSocket:
    """TLS on a connection; trusting False: without the mock's certificate."""
    context = ssl.create_default_context(cadata=pair()[0] if trusting else None)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.minimum_version = context.maximum_version = version
    return context.wrap_socket(line, server_hostname=name)


def tunnel(port: int) -> socket:
    """A connection through CONNECT."""
    line = connect(port)
    line.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
    assert take(line, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    return line


def take(line: socket, end: bytes) -> bytes:
    """What comes up to and including `end`."""
    got = b""
    while not got.endswith(end):
        piece = line.recv(65536)
        assert piece, got
        got += piece
    return got


def rest(line: socket) -> bytes:
    """All that comes until the connection is closed in an orderly way."""
    got = b""
    while piece := line.recv(65536):
        got += piece
    return got


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The mock's process, controlled as the engine does it, and the port of its lane `lane`."""

    process: subprocess.Popen[bytes]
    port: int

    def say(self, **message: Any) -> dict[str, Any]:
        """One message, one reply."""
        return say(self.process, message)

    def arm(self, of: Script | None, **more: bool) -> Journal:
        """Arm the lane; gives the journal of what was armed before. more: of the message."""
        encoded = None if of is None else script_to(of)
        reply = self.say(type="arm", lane="lane", seq=1, script=encoded, **more)
        assert reply["type"] == "journal", reply
        return journal_from(reply["journal"])


def say(process: subprocess.Popen[bytes], message: dict[str, Any]) -> dict[str, Any]:
    """Write a message, read its reply."""
    out, back = _pipe(process.stdin), _pipe(process.stdout)
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()
    reply: dict[str, Any] = json.loads(back.readline())
    return reply


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


@contextmanager
def child(*, without_uvloop: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m conformance.mock`; without_uvloop: a folder in which to hide uvloop."""
    environment = {}
    if without_uvloop is not None:
        (without_uvloop / "uvloop.py").write_text("raise ImportError('hidden')\n")
        environment["PYTHONPATH"] = str(without_uvloop)
    with subprocess.Popen(
        [sys.executable, "-m", "conformance.mock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment or None,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def program(
    *, without_uvloop: Path | None = None, tap: dict[str, Any] | None = None
) -> Iterator[Program]:
    """The mock in host mode with one lane."""
    with child(without_uvloop=without_uvloop) as process:
        shown = {"trusted": pair(), "untrusted": pair("mock that nobody trusts")}
        start = {"type": "start", "protocol": 1, "certificates": shown}
        started = say(process, {**start, "listen": "host", "tap": tap})
        assert started["type"] == "started", started
        port = say(process, {"type": "lane", "lane": "lane", "peer": None})["port"]
        yield Program(process=process, port=port)
