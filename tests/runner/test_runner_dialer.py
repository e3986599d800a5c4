"""The dialer hands over connections to the endpoint, and the reason where there is none."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.mock.upstream import LiveEndpoint, Upstream
from conformance.runner.dialer import Dialer


@contextmanager
def dialing(path: Path, *addresses: tuple[str, int]) -> Iterator[LiveEndpoint]:
    dialer = Dialer(path, addresses)
    try:
        yield LiveEndpoint(addresses=(), trust=None, dialer=str(path))
    finally:
        dialer.close()
        dialer.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_connection_to_the_first_address_that_answers_is_handed_over(tmp_path: Path) -> None:
    async def ask(endpoint: LiveEndpoint) -> bytes:
        upstream = await Upstream.open(endpoint, None, "h")
        upstream.ask(b"hello", "GET", got=lambda _: None, done=lambda _: None)
        server, _ = listening.accept()
        with server:
            got = await asyncio.to_thread(server.recv, 5)
        upstream.close()
        return got

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with dialing(tmp_path / "d", ("127.0.0.1", closed_port()), ("127.0.0.1", port)) as endpoint:
            assert asyncio.run(ask(endpoint)) == b"hello"


def test_the_reason_why_there_is_no_connection_is_told(tmp_path: Path) -> None:
    with (
        dialing(tmp_path / "d", ("127.0.0.1", closed_port())) as endpoint,
        pytest.raises(OSError, match="refused"),
    ):
        asyncio.run(Upstream.open(endpoint, None, "h"))
