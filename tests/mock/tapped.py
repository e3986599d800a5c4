"""A service made of plain sockets, and the settings of a tap that forwards to it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import mock.mock_program as live

from conformance.mock.budget import RequestBudget
from conformance.mock.tap import TapResponder, tap_settings
from conformance.model.case import Credentials, Script
from conformance.oss.secret_labels import label_key

REAL = Credentials(access_key_id="LTAI5tIdOfTheUser0", access_key_secret="SecretOfTheUser000000042")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Answer = Callable[[bytes, socket.socket], bool]  # whether the connection is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the service has received, and on how many connections."""

    port: int
    received: list[bytes] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


def send(*answers: bytes, keep: bool = True) -> Answer:
    """Send the answers in turn, the last one again and again."""
    left = list(answers)

    def answer(_request: bytes, line: socket.socket) -> bool:
        line.sendall(left.pop(0) if len(left) > 1 else left[0])
        return keep

    return answer


@contextmanager
def service(answer: Answer) -> Iterator[Service]:
    """A service that answers each request whose head is complete."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Service(port=listening.getsockname()[1])
        threading.Thread(target=_accept, args=(listening, answer, made), daemon=True).start()
        yield made
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, answer: Answer, made: Service) -> None:
    with suppress(OSError):
        while True:
            line, _ = listening.accept()
            made.connections.append(1)
            threading.Thread(target=_serve, args=(line, answer, made), daemon=True).start()


def _serve(line: socket.socket, answer: Answer, made: Service) -> None:
    with line, suppress(OSError):
        data = b""
        while piece := line.recv(65536):
            data += piece
            if data.endswith(b"\r\n\r\n"):
                made.received.append(data)
                if not answer(data, line):
                    return
                data = b""


def tap_message(port: int, *, requests: int = 10, **more: Any) -> dict[str, Any]:
    """The `tap` of a `start` message for a service on this port."""
    endpoint = {"addresses": [["127.0.0.1", port]], "trust": None, "dialer": None}
    hosts = [live.HOST]
    usual = {"endpoint": endpoint, "hosts": hosts, "credentials": asdict(REAL), "bucket": None}
    return usual | {"requests": requests} | more


def tap_responder() -> TapResponder:
    """The responder of a lane whose service cannot be reached."""
    return TapResponder("lane", tap_settings(tap_message(1)), RequestBudget())


def live_script() -> Script:
    """The script of a live case."""
    return Script(keys=(label_key(REAL),), replies=(), live=True)
