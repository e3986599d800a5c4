"""Child processes: what they see, how they are spoken to, and that nothing of them is left."""

import os
import select
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.errors import RunnerError
from conformance.model.limits import OUTPUT_BYTES
from conformance.model.message import Ended
from conformance.model.verdict import STDERR_CUT
from conformance.runner.child_process import ChildProcess, run_program, scrubbed

OUTSIDE = {
    "HTTP_PROXY": "http://192.0.2.1:1",
    "https_proxy": "http://192.0.2.1:1",
    "SSL_CERT_FILE": "/etc/ssl/none.pem",
    "REQUESTS_CA_BUNDLE": "/etc/ssl/none.pem",
    "OSS_ACCESS_KEY_ID": "somebody",
    "PYTHONPATH": "/nowhere",
    "JAVA_TOOL_OPTIONS": "-Dx=y",
}


def shell(script: str, where: Path) -> ChildProcess:
    return ChildProcess(["sh", "-c", script], scrubbed({}, home=where), where)


def soon() -> float:
    return time.monotonic() + 20


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[ChildProcess]:
    channel = shell("exec cat", tmp_path)
    yield channel
    channel.close()


@pytest.fixture
def leash(tmp_path: Path) -> Path:
    """A named pipe; a reader sees its end when the last process that holds it is dead."""
    path = tmp_path / "leash"
    os.mkfifo(path)
    return path


def held(leash: Path) -> int:
    """The reading end, once a process holds the other."""
    return os.open(leash, os.O_RDONLY)


def let_go(reading: int) -> bool:
    """Whether all that held the leash are dead, waiting for it."""
    ready, _, _ = select.select([reading], [], [], 20)
    ended = bool(ready) and os.read(reading, 1) == b""
    os.close(reading)
    return ended


def test_a_child_sees_nothing_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OUTSIDE.items():
        monkeypatch.setenv(name, value)
    environment = scrubbed({"OWN": "1"}, home=tmp_path)
    ended = run_program([shutil.which("env") or "env"], environment, tmp_path, 20)
    seen = dict(line.split("=", 1) for line in ended.stdout.decode().splitlines())
    assert not set(seen) & set(OUTSIDE)
    assert seen["OWN"] == "1"
    assert seen["HOME"] == str(tmp_path)


def test_a_line_goes_there_and_back(echo: ChildProcess) -> None:
    echo.send(b"hello")
    assert echo.receive(soon()) == b"hello"


def test_a_program_that_answers_before_it_has_listened_blocks_nobody(echo: ChildProcess) -> None:
    """Each pipe holds 64 KiB: writing all before reading any would never end."""
    line = b"0123456789" * 100_000
    echo.send(line)
    assert echo.receive(soon()) == line


def test_a_flood_on_standard_error_does_not_hold_up_the_answer(tmp_path: Path) -> None:
    flood = "read line; head -c 10000000 /dev/zero >&2; echo the end >&2; echo $line; exec cat"
    channel = shell(flood, tmp_path)
    channel.send(b"answer")
    assert channel.receive(soon()) == b"answer"
    channel.close()


def test_the_last_words_on_standard_error_are_kept(tmp_path: Path) -> None:
    channel = shell(
        "head -c 100000 /dev/zero >&2; echo >&2; echo the last words >&2; exit 3", tmp_path
    )
    with pytest.raises(RunnerError):
        channel.receive(soon())
    assert channel.stderr_tail().endswith("the last words\n")
    assert len(channel.stderr_tail()) <= 4096 + len(f"{STDERR_CUT}\n")
    channel.close()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 3", "exited with 3"),
        ("kill -SEGV $$", "SIGSEGV"),
        ("exec >&-; read line", "closed its standard output"),
    ],
)
def test_a_death_says_how(tmp_path: Path, script: str, words: str) -> None:
    channel = shell(script, tmp_path)
    with pytest.raises(RunnerError) as caught:
        channel.receive(soon())
    channel.close()
    assert caught.value.step == "death"
    assert words in caught.value.reason


def test_a_child_is_killed_with_all_that_it_has_started(tmp_path: Path, leash: Path) -> None:
    channel = shell(f"(exec cat /dev/zero > /dev/null 9> {leash}) & exec cat", tmp_path)
    reading = held(leash)
    channel.close()
    assert let_go(reading)


def test_closing_twice_is_closing_once(echo: ChildProcess) -> None:
    echo.close()
    echo.close()


ENGINE = """
import sys, time
from pathlib import Path
from conformance.runner.child_process import ChildProcess, scrubbed
where = Path(sys.argv[1])
channel = ChildProcess(["sh", "-c", sys.argv[2]], scrubbed({}, home=where), where)
channel.receive(time.monotonic() + 20)
print("up", flush=True)
sys.stdin.read()
"""


def killed_engine(where: Path, script: str) -> None:
    """Kill an engine with -9 while a child of it runs this script, which writes a line first."""
    child = subprocess.Popen(
        [sys.executable, "-c", ENGINE, str(where), script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        child.kill()


def test_a_child_ends_with_its_input_when_the_engine_is_killed(tmp_path: Path, leash: Path) -> None:
    keeper = os.open(leash, os.O_RDWR)  # so that the child can open its end at once
    killed_engine(tmp_path, f"exec 9> {leash}; echo up; exec cat")
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    os.close(keeper)
    assert let_go(reading)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_a_child_that_does_not_read_dies_as_well_when_the_engine_is_killed(
    tmp_path: Path, leash: Path
) -> None:
    keeper = os.open(leash, os.O_RDWR)
    killed_engine(tmp_path, f"exec 9> {leash}; echo up; exec cat /dev/zero > /dev/null")
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    os.close(keeper)
    assert let_go(reading)


def test_a_program_that_ends_gives_its_outputs_and_exit_code(tmp_path: Path) -> None:
    ended = run_program(
        ["sh", "-c", "echo out; echo err >&2; exit 7"], scrubbed({}, home=tmp_path), tmp_path, 20
    )
    assert ended == Ended(exit=7, stdout=b"out\n", stderr=b"err\n")


def test_a_program_that_does_not_end_is_a_timeout(tmp_path: Path, leash: Path) -> None:
    keeper = os.open(leash, os.O_RDWR)
    script = f"exec 9> {leash}; exec cat /dev/zero > /dev/null"
    with pytest.raises(RunnerError) as caught:
        run_program(["sh", "-c", script], scrubbed({}, home=tmp_path), tmp_path, 0.3)
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    os.close(keeper)
    assert caught.value.step == "timeout"
    assert let_go(reading)


def test_one_thread_receives_whole_lines_while_another_sends(echo: ChildProcess) -> None:
    # `cat` reads no further while nobody reads from it, so the thread that sends often waits.
    lines = [f"{number} ".encode() * 20_000 for number in range(200)]
    with ThreadPoolExecutor(max_workers=1) as pool:
        sending = [pool.submit(echo.send, line) for line in lines]
        assert [echo.receive(soon()) for _ in lines] == lines
        assert [one.exception() for one in sending] == [None] * len(lines)


def test_a_program_that_writes_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    script = f"head -c {2**28} /dev/zero; echo the end; head -c {2**21} /dev/zero >&2; exit 3"
    tracemalloc.start()
    try:
        ended = run_program(["sh", "-c", script], scrubbed({}, home=tmp_path), tmp_path, 60)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ended.exit == 3
    assert ended.stdout == bytes(OUTPUT_BYTES) + b"\n... (cut; 268435464 bytes in all)\n"
    assert ended.stderr == bytes(OUTPUT_BYTES) + b"\n... (cut; 2097152 bytes in all)\n"
    assert peak < 8 * OUTPUT_BYTES
