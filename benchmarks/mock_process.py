"""The mock as the engine starts it, for benchmarks that need no SDK. Linux only."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.model.case import Script
from conformance.model.codec import script_to


@dataclass(frozen=True, slots=True, kw_only=True)
class MockProcess:
    """The mock in host mode, controlled over its pipe."""

    process: subprocess.Popen[bytes]
    loop: str  # `uvloop` or `asyncio`

    def say(self, **message: object) -> dict[str, Any]:
        """One message, one reply."""
        return _say(self.process, message)

    def lane(self, name: str) -> int:
        """Add a lane; returns its port."""
        port: int = self.say(type="lane", lane=name, peer=None)["port"]
        return port

    def arm(self, lane: str, script: Script | None) -> dict[str, Any]:
        """Arm a lane; returns the journal since it was armed before."""
        encoded = None if script is None else script_to(script)
        journal: dict[str, Any] = self.say(type="arm", lane=lane, seq=1, script=encoded)["journal"]
        return journal

    def processes(self) -> list[int]:
        """The ids of the mock's process and its descendants."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found


def _say(process: subprocess.Popen[bytes], message: dict[str, object]) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
    reply: dict[str, Any] = json.loads(process.stdout.readline())
    if reply["type"] == "refused":
        raise SystemExit(f"the mock refused: {reply['reason']}")
    return reply


@contextmanager
def mock(
    *, certificates: dict[str, tuple[str, str]] | None = None, tap: dict[str, Any] | None = None
) -> Iterator[MockProcess]:
    """A mock without lanes. tap: of its protocol, to make it a tap."""
    shown = certificates or {"trusted": self_signed()}
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.mock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    try:
        start = {"type": "start", "protocol": 1, "listen": "host"}
        started = _say(process, {**start, "certificates": shown, "tap": tap})
        yield MockProcess(process=process, loop=started["loop"])
    finally:
        process.stdin.close()
        process.wait()


def self_signed() -> tuple[str, str]:
    """A certificate and its key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mock")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem).decode(), secret.decode()
