"""The output of a program in a container, in the frames of the engine."""

import socket
import threading
import time
from pathlib import Path

import docker
import pytest

from conformance.model.limits import OUTPUT_BYTES
from conformance.runner.attach import (
    ContainerChannel,
    ExecEnding,
    close_socket,
    exec_code,
    read_to_end,
)

OUT = b"\1\0\0\0\0\0\0\4out\n"
ERR = b"\2\0\0\0\0\0\0\4err\n"
HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)


class Engine:
    """An engine that notes the exit code of a program some questions after its output ended."""

    def __init__(self, questions: int) -> None:
        self.questions = questions

    def exec_inspect(self, _execution: str) -> dict[str, object]:
        self.questions -= 1
        running = self.questions > 0
        return {"Running": running, "ExitCode": None if running else 7}


def test_an_exit_code_that_the_engine_notes_late_is_waited_for() -> None:
    assert exec_code(Engine(3), "of-a-test", time.monotonic() + 20) == 7


def test_a_program_that_outlives_its_output_has_no_exit_code_at_the_deadline() -> None:
    assert exec_code(Engine(1000), "of-a-test", time.monotonic() + 0.1) is None


def test_of_an_output_without_end_the_beginning_and_the_length_are_kept() -> None:
    ours, engine = socket.socketpair()

    def write() -> None:
        with engine:
            for _ in range(32):
                engine.sendall(b"\1\0\0\0" + (65536).to_bytes(4, "big") + bytes(65536))
            engine.sendall(b"\2\0\0\0" + (4).to_bytes(4, "big") + b"err\n")

    writing = threading.Thread(target=write)
    writing.start()
    with ours:
        outputs = read_to_end(ours, time.monotonic() + 20)
    writing.join()
    assert outputs == (bytes(OUTPUT_BYTES) + b"\n... (cut; 2097152 bytes in all)\n", b"err\n")


def started(folder: Path, *parts: bytes) -> object:
    """The stream of an exec by an engine that writes these parts, each at once, and closes."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "engine"))
    listening.listen()

    def engine() -> None:
        connection, _ = listening.accept()
        with connection, listening:
            connection.recv(65536)
            for part in parts:
                connection.sendall(part)
                time.sleep(0.1)

    threading.Thread(target=engine).start()
    api = docker.APIClient(base_url=f"unix://{folder}/engine", version="1.41")
    return api.exec_start("of-a-test", socket=True)


@pytest.mark.parametrize(
    "parts", [(HEAD + OUT + ERR,), (HEAD + OUT[:6], OUT[6:] + ERR), (HEAD, OUT + ERR)]
)
def test_the_output_that_comes_with_the_head_of_the_response_is_not_lost(
    parts: tuple[bytes, ...], tmp_path: Path
) -> None:
    """So it is when the machine is busy and the program quick."""
    attached = started(tmp_path, *parts)
    try:
        assert read_to_end(attached, time.monotonic() + 20) == (b"out\n", b"err\n")
    finally:
        close_socket(attached)


@pytest.mark.parametrize("parts", [(HEAD + OUT + ERR,), (HEAD, OUT + ERR)])
def test_the_first_line_of_a_process_is_not_lost_either(
    parts: tuple[bytes, ...], tmp_path: Path
) -> None:
    attached = started(tmp_path, *parts)
    channel = ContainerChannel(attached, ending=ExecEnding(None, "x"), remove=lambda: None)
    assert channel.receive(time.monotonic() + 20) == b"out"
    assert channel.take_stderr() == "err\n"
    channel.close()
