"""What a run in host mode started ends with it when the run itself is killed, without `sweep`."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.runner.watchdog import Watchdog
from conformance.runner.working_folder import WorkingFolder

ROOT = Path(__file__).parents[2]
RUN = """
import sys, time
from conformance.runner.child_process import ChildProcess, scrubbed
from conformance.runner.host import HostSite
site = HostSite()
script = f"{sys.argv[2]} setsid sh -c 'exec 9> {sys.argv[1]}; echo up; exec sleep 600' & exec cat"
environment = scrubbed({}, home=site.folder / "lane")
channel = ChildProcess(["sh", "-c", script], environment, site.folder, site._prefix)
channel.receive(time.monotonic() + 20)
print(site.closed, site._watchdog._process.pid, flush=True)
sys.stdin.read()
site._watchdog.close()
"""
EMPTIED = "env -i PATH=/usr/bin:/bin"


@pytest.fixture
def leash(tmp_path: Path) -> Path:
    os.mkfifo(path := tmp_path / "leash")
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (path := tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(path))
    return path


def started(temporary: Path, leash: Path, emptied: str) -> "tuple[subprocess.Popen[bytes], str]":
    """A run, whose runner has started a process with a session of its own, and what it says."""
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(leash), emptied],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert run.stdout is not None
    return run, run.stdout.readline().decode()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc of Linux")
@pytest.mark.parametrize("emptied", ["", EMPTIED])
def test_a_process_with_a_session_of_its_own_ends_soon_after_its_run_was_killed(
    temporary: Path, leash: Path, emptied: str
) -> None:
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    run, said = started(temporary, leash, emptied)
    with run:
        run.kill()
        if emptied and not said.startswith("True"):
            pytest.skip("without a network of the run, a process is known by its environment alone")
    assert select.select([reading], [], [], 20)[0]
    os.close(reading)
    watchdog = int(said.split()[1])
    if (process := pidfd(watchdog)) is not None:
        assert select.select([process], [], [], 20)[0]
        os.close(process)
    assert list(temporary.iterdir()) == []


def test_after_a_run_that_ended_in_order_it_kills_nothing(temporary: Path, leash: Path) -> None:
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    run, _ = started(temporary, leash, "")
    with run:
        assert run.stdin is not None
        run.stdin.close()
    assert not select.select([reading], [], [], 1)[0]
    (folder,) = temporary.iterdir()
    Watchdog(folder).close()
    assert folder.is_dir()
    watchdog = Watchdog(folder)  # it notices that there is no run
    watchdog._process.communicate(timeout=20)
    assert select.select([reading], [], [], 20)[0]
    os.close(reading)
    assert list(temporary.iterdir()) == []


def test_a_signal_to_the_programs_of_a_terminal_does_not_reach_it(temporary: Path) -> None:
    watchdog = Watchdog(temporary)
    assert os.getsid(watchdog._process.pid) == watchdog._process.pid
    watchdog._process.send_signal(signal.SIGKILL)
    watchdog._process.wait()
    watchdog.close()
    watchdog.close()


def test_a_run_that_lives_is_left_alone(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    working = WorkingFolder()
    watchdog = Watchdog(working.path)
    assert watchdog._process.stdin is not None
    watchdog._process.stdin.close()  # as if the run had ended, whose lock is still held
    with pytest.raises(subprocess.TimeoutExpired):
        watchdog._process.wait(0.5)
    assert working.path.is_dir()
    watchdog._process.kill()
    watchdog._process.wait()
    working.close()


def pidfd(pid: int) -> int | None:
    """A descriptor of a process; None if it has ended."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
