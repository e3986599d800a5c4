"""What the live tests share: the service, a runner, and one run with everything in it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner
from live.endpoint import VARIABLES, Endpoint, endpoint


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The service."""
    with endpoint(tmp_path_factory.mktemp("service")) as made:
        yield made


@pytest.fixture(scope="session")
def plain_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The service without TLS, and so for buckets and regions that no certificate names."""
    with endpoint(tmp_path_factory.mktemp("plain"), plain=True) as made:
        yield made


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The reference runner."""
    return str(write_runner(tmp_path_factory.mktemp("runners"), kind="reference"))


@pytest.fixture(scope="session")
def live_run(
    service: Endpoint, runner: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a run of all live cases, in which it has written `out`, and how it ended."""
    folder = tmp_path_factory.mktemp("run")
    words = [*service.options(), "--lane", "reference", "--runner", runner, "--yes", "--explore"]
    ran = oss_bodies("run", *words, "--out", "out", cwd=folder, limit=300, environment=VARIABLES)
    return folder, ran
