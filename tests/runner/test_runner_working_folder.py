"""The working folder of a run, and what is left of a run that was killed."""

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
        cwd=Path(__file__).parents[2],
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
