"""Each lane has a process; in a container it is known by its address, and any other is refused."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mock.mock_program as live
import pytest
from mock.mock_program import Program

from conformance.mock.lane_process import accepts_on
from conformance.mock.lane_responder import UnknownPeer
from conformance.mock.steps import Arrival, Write
from conformance.mock.tls import Contexts
from conformance.oss.naming import PORTS

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
ON_PORTS = (
    "import sys; from conformance.mock import control, server;"
    "server.PORTS = tuple(map(int, sys.argv[1:])); sys.exit(control.main())"
)
Process = subprocess.Popen[bytes]


def start(**changed: object) -> dict[str, Any]:
    usual = {"type": "start", "protocol": 1, "certificates": {"trusted": live.pair()}}
    return {**usual, "listen": "container", **changed}


def lane(name: str, peer: str | None) -> dict[str, Any]:
    return {"type": "lane", "lane": name, "peer": peer}


@contextmanager
def container(*ports: int) -> Iterator[Process]:
    """The mock that listens on these ports, as it does in a container."""
    argv = [sys.executable, "-c", ON_PORTS, *map(str, ports)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def process(port: int) -> Iterator[Process]:
    with container(port) as process:
        assert live.say(process, start())["type"] == "started"
        yield process


def ask(port: int, source: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), live.PATIENCE, (source, 0)) as line:
        line.sendall(GET)
        return live.take(line, b"</Error>\n")


def strays(process: Process, name: str) -> int:
    message = {"type": "arm", "lane": name, "seq": 1, "script": None}
    return len(live.say(process, message)["journal"]["strays"])


def test_a_container_listens_on_443_with_tls_on_80_without_and_on_others_with_both() -> None:
    contexts = Contexts({"trusted": live.pair()})
    accepted = {port: accepts_on(port, contexts) for port in PORTS}
    takes = {port: accepts.takes for port, accepts in accepted.items()}
    assert takes == {443: "tls", 80: "plain", 8080: "any", 8443: "any"}
    assert accepted[80].contexts is None


def test_a_lane_in_a_container_has_no_port(process: Process) -> None:
    reply = live.say(process, lane("java", "10.9.8.7"))
    assert reply == {"type": "lane", "lane": "java", "port": None}


def test_a_lane_is_known_by_its_peer_address(process: Process, port: int) -> None:
    live.say(process, lane("java", "127.0.0.1"))
    live.say(process, lane("go", "127.0.0.2"))
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.2"):
        assert ask(port, source).startswith(b"HTTP/1.1 503 ")
    assert (strays(process, "java"), strays(process, "go")) == (1, 2)


def test_another_address_is_answered_400(process: Process, port: int) -> None:
    live.say(process, lane("java", "127.0.0.1"))
    assert ask(port, "127.0.0.3").startswith(b"HTTP/1.1 400 ")
    assert strays(process, "java") == 0


def test_a_lane_whose_container_was_restarted_has_left_its_old_address(
    process: Process, port: int
) -> None:
    live.say(process, lane("java", "127.0.0.1"))
    live.say(process, lane("java", "127.0.0.2"))
    assert ask(port, "127.0.0.2").startswith(b"HTTP/1.1 503 ")
    assert ask(port, "127.0.0.1").startswith(b"HTTP/1.1 400 ")


def test_a_container_listens_on_ipv6_too(process: Process, port: int) -> None:
    try:
        line = socket.create_connection(("::1", port), live.PATIENCE)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with line:
        line.sendall(GET)
        assert live.take(line, b"</Error>\n").startswith(b"HTTP/1.1 400 ")


def test_the_port_of_a_passed_connection_is_journalled(process: Process, port: int) -> None:
    live.say(process, lane("java", "127.0.0.1"))
    ask(port, "127.0.0.1")
    message = {"type": "arm", "lane": "java", "seq": 1, "script": None}
    (stray,) = live.say(process, message)["journal"]["strays"]
    assert stray["port"] == port


def test_an_unknown_peer_is_answered_400() -> None:
    playback = UnknownPeer().respond(Arrival(request=None, scheme="http", clock=0))
    assert isinstance(playback.steps[0], Write)
    assert playback.steps[0].data.startswith(b"HTTP/1.1 400 ")


def test_a_lane_in_a_container_without_an_address_is_refused(process: Process) -> None:
    assert "peer" in live.say(process, lane("java", None))["reason"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (lane("java", None), "'start' must be sent before 'lane'"),
        (start(protocol=2), "protocol 2 is not supported, only 1"),
        (start(listen="everywhere"), "'listen' is 'everywhere', not 'container' or 'host'"),
    ],
)
def test_a_message_that_cannot_be_carried_out_is_refused(
    message: dict[str, Any], reason: str
) -> None:
    with container() as process:
        refused = {"type": "refused", "lane": message.get("lane"), "reason": reason}
        assert live.say(process, message) == refused


def test_a_second_start_is_refused(process: Process) -> None:
    assert "already" in live.say(process, start())["reason"]


def processes(pid: int) -> list[int]:
    """A process and its descendants (proc_pid_task_children(5))."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def lane_process(program: Program, before: list[int]) -> int:
    """The process of the lane that was added since."""
    (new,) = set(processes(program.process.pid)) - set(before)
    return new


@linux
def test_a_lane_whose_process_is_busy_does_not_keep_the_others_waiting() -> None:
    with live.program() as program:
        before = processes(program.process.pid)
        port = program.say(type="lane", lane="other", peer=None)["port"]
        other = lane_process(program, before)
        os.kill(other, signal.SIGSTOP)  # as busy as can be
        try:
            with live.connect(port) as line:
                line.sendall(GET)
                program.arm(live.script())
                with live.connect(program.port) as beside:
                    beside.sendall(live.request())
                    assert live.take(beside, b"{}").startswith(b"HTTP/1.1 200 ")
                assert len(program.arm(None).exchanges) == 1
        finally:
            os.kill(other, signal.SIGCONT)


@linux
def test_a_lane_whose_process_has_ended_is_refused_with_the_reason() -> None:
    with live.program() as program:
        before = processes(program.process.pid)
        program.say(type="lane", lane="other", peer=None)
        os.kill(lane_process(program, before), signal.SIGKILL)
        refused = program.say(type="arm", lane="other", seq=1, script=None)
        reason = "the process of lane 'other' has ended"
        assert refused == {"type": "refused", "lane": "other", "reason": reason}
        assert program.arm(None).exchanges == ()


@linux
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_processes_of_the_lanes_end_with_the_mock(end: signal.Signals) -> None:
    with live.program() as program:
        program.say(type="lane", lane="other", peer=None)
        children = processes(program.process.pid)[1:]
        assert len(children) >= 3  # the lanes, and the process that forks them
        program.process.send_signal(end)
        program.process.wait(live.PATIENCE)
        deadline = time.monotonic() + live.PATIENCE
        while any(Path(f"/proc/{pid}/exe").exists() for pid in children):
            assert time.monotonic() < deadline
