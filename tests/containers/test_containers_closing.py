"""A run in containers ends within a bound, whatever its runner writes meanwhile."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from conformance.model.manifest import Lane
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import read_manifest
from conformance.runner.labels import RUN

pytestmark = pytest.mark.containers

PROBE = Path(__file__).with_name("probe")
LIMIT = 60.0  # seconds; it takes 0.5, and no end without the bound
FLOODS = {
    "standard error": "yes flood >&2",
    "standard output": "yes flood",
    "both": "yes flood >&2 & yes flood",
    "one line": "cat /dev/zero | tr '\\0' x",
}


def objects(engine: docker.DockerClient, run: str) -> int:
    """The number of containers, networks and volumes of a run."""
    wanted: dict[str, str | list[str] | bool] = {"label": f"{RUN}={run}"}
    return sum(
        len(found)
        for found in (
            engine.containers.list(all=True, filters=wanted, ignore_removed=True),
            engine.networks.list(filters=wanted),
            engine.volumes.list(filters=wanted),
        )
    )


@pytest.fixture
def flooding(engine: docker.DockerClient, request: pytest.FixtureRequest) -> ContainerSite:
    """A run whose runner does nothing but write; nobody reads it."""
    site = ContainerSite.connect(lambda _: None)
    manifest = replace(read_manifest(PROBE), run=("sh", "-c", request.param))
    (prepared,) = site.prepare([Lane(manifest=manifest)], lambda _: None)
    site.open(frozenset({"oss-cn-hangzhou.aliyuncs.com"}))
    station = site.enter(prepared)
    assert station.channel._polling.poll(60_000)
    threading.Event().wait(1)  # until the buffers on the way are full as well
    return site


@pytest.mark.parametrize("flooding", FLOODS.values(), ids=FLOODS, indirect=True)
def test_a_run_whose_runner_still_writes_ends_and_leaves_nothing(
    engine: docker.DockerClient, flooding: ContainerSite
) -> None:
    began = time.monotonic()
    flooding.close()
    assert time.monotonic() - began < LIMIT
    assert objects(engine, flooding.network._mark.run) == 0


def endless(engine: docker.DockerClient) -> set[str]:
    """The running containers of the lane of `folder`, which nobody else has."""
    wanted: dict[str, str | list[str] | bool] = {"label": RUN, "name": "-endless-"}
    return {str(one.id) for one in engine.containers.list(filters=wanted, ignore_removed=True)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a runner that answers nothing and writes without end."""
    made = tmp_path / "flood"
    shutil.copytree(PROBE, made)
    (made / "echo.sh").write_text("yes flood >&2\n", encoding="utf-8")
    manifest = (made / "manifest.json").read_text(encoding="utf-8")
    renamed = manifest.replace('"name": "probe"', '"name": "endless"')
    (made / "manifest.json").write_text(renamed, encoding="utf-8")
    return made


def test_an_interrupted_run_whose_runner_still_writes_ends_with_130(
    engine: docker.DockerClient, folder: Path, tmp_path: Path
) -> None:
    words = ["run", "--runner", str(folder), "--lane", "endless", "--in", "container"]
    words += ["--case", "process/sen/50", "--out", str(tmp_path / "out")]
    before = endless(engine)
    run = subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120  # the image is built first
    while endless(engine) <= before and run.poll() is None and time.monotonic() < deadline:
        threading.Event().wait(0.5)
    threading.Event().wait(2)
    assert run.poll() is None
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=LIMIT)
    assert run.returncode == 130, errors
    assert "Traceback" not in errors
    assert "not removed" not in errors
