"""The network namespace of host mode: its programs reach each other and nothing else."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.runner.child_process import run_program, scrubbed
from conformance.runner.closed_network import ClosedNetwork

CONNECTS = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
BOTH = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname(), 5)
"""


@pytest.fixture
def network(tmp_path: Path) -> Iterator[ClosedNetwork]:
    network = ClosedNetwork.open(tmp_path)
    if network is None:
        pytest.skip("this machine does not let its users make network namespaces")
    yield network
    network.close()


def exit_of(folder: Path, prefix: tuple[str, ...], *words: str) -> int:
    argv = [sys.executable, "-c", *words]
    return run_program(argv, scrubbed({}, home=folder), folder, 20, prefix).exit


def test_a_program_in_it_cannot_reach_a_server_outside(
    network: ClosedNetwork, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert exit_of(tmp_path, (), CONNECTS, port) == 0
        assert exit_of(tmp_path, network.prefix, CONNECTS, port) != 0


def test_programs_in_it_reach_each_other(network: ClosedNetwork, tmp_path: Path) -> None:
    assert exit_of(tmp_path, network.prefix, BOTH) == 0


def test_without_the_commands_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ClosedNetwork.open(tmp_path) is None
