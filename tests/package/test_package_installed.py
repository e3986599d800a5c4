"""The built package, installed outside any checkout, runs the main job and the pytest plugin.

By default the environment takes its dependencies from that of the tests. `make package` sets
OSS_BODIES_DIST to the folder of the built files, and OSS_BODIES_PYTHONS to the interpreters for
which everything is installed from the package index.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = os.environ.get("OSS_BODIES_PYTHONS", "").split()
CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

pytestmark = pytest.mark.slow


def call(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd, env=CLEAN, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with sdist and wheel; the wheel is built from the sdist."""
    if "OSS_BODIES_DIST" in os.environ:
        return Path(os.environ["OSS_BODIES_DIST"]).resolve()
    folder = tmp_path_factory.mktemp("dist")
    built = call(sys.executable, "-m", "build", "--no-isolation", "-o", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module", params=PYTHONS or [sys.executable])
def installed(
    request: pytest.FixtureRequest, dist: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of the commands of an environment with the wheel."""
    python = shutil.which(request.param)
    if python is None or call(python, "-c", "", cwd=dist).returncode:
        pytest.skip(f"{request.param} is not on this machine")
    folder = tmp_path_factory.mktemp("environment")
    # A pip of its own takes longer to install than all else.
    assert call(python, "-m", "venv", "--without-pip", folder, cwd=dist).returncode == 0
    (wheel,) = dist.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin/python")
    borrowed = () if PYTHONS else ("--no-index", "--no-deps")
    added = call(*pip, "install", "-q", *borrowed, wheel, cwd=folder)
    assert added.returncode == 0, added.stderr
    if not PYTHONS:
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_command_is_that_of_the_package(installed: Path, tmp_path: Path) -> None:
    code = "import conformance; print(conformance.__file__)"
    where = call(installed / "python", "-c", code, cwd=tmp_path).stdout
    assert where.startswith(str(installed.parent))
    listed = call(installed / "oss-bodies", "cases", "process/sen/*", cwd=tmp_path)
    assert "process/sen/50" in listed.stdout, listed.stderr


def test_the_main_job_runs_from_the_package(installed: Path, tmp_path: Path) -> None:
    words = ["run", "--lane", "rest", "--in", "host", "--case", "process/sen/*"]
    ran = call(installed / "oss-bodies", *words, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "exit 0" in ran.stdout
    assert (tmp_path / "oss-bodies-report" / "report.html").is_file()
    verified = call(installed / "oss-bodies", "verify", "oss-bodies-report", cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout


def test_the_pytest_plugin_is_found_in_the_package(installed: Path, tmp_path: Path) -> None:
    words = ["--oss-bodies-lane", "rest", "--oss-bodies-in", "host", "-k", "process/sen", "-q"]
    ran = call(installed / "python", "-m", "pytest", *words, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


def test_the_lists_of_the_installed_suite_are_not_updated(installed: Path, tmp_path: Path) -> None:
    words = ["--lane", "rest", "--in", "host", "--case", "process/sen/50"]
    call(installed / "oss-bodies", "run", *words, cwd=tmp_path)
    update = ["known-failing", "update", "oss-bodies-report"]
    ran = call(installed / "oss-bodies", *update, cwd=tmp_path)
    assert ran.returncode == 2
    assert "is a list of the installed suite" in ran.stderr
