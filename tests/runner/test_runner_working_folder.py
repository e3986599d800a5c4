"""The working folder of a run, and what is left of a run that was killed."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.runner.working_folder import WorkingFolder, sweep_folders

WAITS = """
import sys
from conformance.runner.working_folder import WorkingFolder
print(WorkingFolder().path, flush=True)
sys.stdin.read()
"""

DETACHED = """
import sys, time
from conformance.runner.child_process import ChildProcess, scrubbed
from conformance.runner.working_folder import WorkingFolder
where = WorkingFolder().path
script = f"setsid sh -c 'exec 9> {sys.argv[1]}; echo up; exec sleep 600' & exec cat"
channel = ChildProcess(["sh", "-c", script], scrubbed({}, home=where / "lane"), where)
channel.receive(time.monotonic() + 20)
print("up", flush=True)
sys.stdin.read()
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_run(temporary: Path) -> None:
    working = WorkingFolder()
    (working.path / "lane").mkdir()
    working.close()
    working.close()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_run_that_lives_stays(temporary: Path) -> None:
    working = WorkingFolder()
    assert sweep_folders() == []
    assert working.path.is_dir()
    working.close()


def test_the_folder_of_a_run_that_was_killed_is_removed(temporary: Path) -> None:
    command = [sys.executable, "-c", WAITS]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        env={"TMPDIR": str(temporary)},
        stdin=pipe,
        stdout=pipe,
        cwd=ROOT,
    ) as other:
        assert other.stdout is not None
        left = Path(other.stdout.readline().decode().strip())
        assert sweep_folders() == []
        other.kill()
        other.wait()
    assert left.parent == temporary
    assert sweep_folders() == [f"folder {left}"]
    assert list(temporary.iterdir()) == []


def test_a_folder_that_only_has_the_name_is_left_alone(temporary: Path) -> None:
    (temporary / "oss-bodies-mine").mkdir()
    (temporary / "oss-bodies-file").write_text("")
    (temporary / "oss-bodies-link").symlink_to(temporary / "oss-bodies-mine")
    assert sweep_folders() == []
    assert len(list(temporary.iterdir())) == 3


def test_a_process_with_a_session_of_its_own_ends_with_the_folder_of_a_killed_run(
    temporary: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    leash = tmp_path_factory.mktemp("leash") / "leash"
    os.mkfifo(leash)
    held = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(
        [sys.executable, "-c", DETACHED, str(leash)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"up\n"
        other.kill()
    assert not select.select([held], [], [], 0.5)[0]  # it has survived
    assert len(sweep_folders()) == 1
    assert select.select([held], [], [], 20)[0]
    os.close(held)


def test_the_certificate_of_a_mock_that_was_killed_is_swept(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "conformance", "mock"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    ) as mock:
        assert mock.stdout is not None
        certificate = Path(json.loads(mock.stdout.readline())["ca"])
        assert certificate.is_file()
        assert sweep_folders() == []
        mock.kill()
    assert len(sweep_folders()) == 1
    assert list(temporary.iterdir()) == []
