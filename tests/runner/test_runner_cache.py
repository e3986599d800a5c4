"""The cache of host builds: what a killed build leaves is removed, a living one is kept."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.assets import PACKAGE
from conformance.runner.cache import building, sweep_cache

# Builds without end: prints its id and that of a process with a session of its own.
BUILD = """
import os, subprocess, sys, time
from pathlib import Path
from conformance.runner.cache import building
with building(Path(sys.argv[1])) as temporary:
    child = subprocess.Popen(
        ["sleep", "600"], env={**os.environ, "TMPDIR": str(temporary)}, start_new_session=True
    )
    print(child.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSS_BODIES_CACHE", str(tmp_path))
    return tmp_path / "builds" / "go-0123456789"


def build(home: Path) -> tuple[subprocess.Popen[str], int]:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(home)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        return process, int(process.stdout.readline())


def ended(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def temporary(home: Path) -> list[Path]:
    return [path for path in home.parent.iterdir() if path.is_dir()]


@pytest.mark.parametrize("way", ["the next build", "sweep"])
def test_what_a_killed_build_left_is_ended_and_removed(home: Path, way: str) -> None:
    process, child = build(home)
    try:
        (left,) = temporary(home)
        assert sweep_cache() == []  # it is alive
        process.kill()
        process.wait()
        if way == "sweep":
            assert sweep_cache() == [f"folder {left}"]
        else:
            with building(home) as now:
                assert temporary(home) == [now]
        assert ended(child)
        assert temporary(home) == []
    finally:
        process.kill()
        process.wait()


def test_a_build_leaves_the_temporary_folders_of_others(home: Path) -> None:
    with building(home) as one, building(home.with_name("go-0123456789abc")) as other:
        assert {*temporary(home)} == {one, other}
    assert temporary(home) == []
