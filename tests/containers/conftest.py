"""A run in containers with one lane that says every line again and does what a test asks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from containers.shell import SHELL

from conformance.errors import EngineMissingError
from conformance.model.manifest import Lane
from conformance.model.message import Ended
from conformance.runner.container import ContainerSite, ContainerStation
from conformance.runner.discovery import read_manifest

PROBE = Path(__file__).with_name("probe")
HOST = "oss-cn-hangzhou.aliyuncs.com"
Opened = tuple[ContainerSite, ContainerStation]


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The engine itself, to look at it from outside a run; without one the tests are skipped."""
    try:
        ContainerSite.connect(lambda _: None).close()
    except EngineMissingError as error:
        pytest.skip(f"{error.reason}: {error.remedy}")
    client = docker.from_env(timeout=300)  # an engine on a busy disk answers late
    yield client
    client.close()


@pytest.fixture(scope="session")
def begin(engine: docker.DockerClient) -> Iterator[Callable[[], Opened]]:
    """Begins a run of its own at each call; all are ended with the tests."""
    sites: list[ContainerSite] = []

    def run() -> Opened:
        site = ContainerSite.connect(lambda _: None)
        sites.append(site)
        lane = Lane(manifest=read_manifest(PROBE), programs=(SHELL,))
        (prepared,) = site.prepare([lane], lambda _: None)
        assert prepared.reason is None, prepared.reason
        site.open(frozenset({HOST, f"examplebucket.{HOST}"}))
        return site, site.enter(prepared)

    yield run
    for site in sites:
        site.close()


@pytest.fixture(scope="session")
def opened(begin: Callable[[], Opened]) -> Opened:
    """A run that lives as long as the tests; what is done to it must leave it as it was."""
    return begin()


@pytest.fixture(scope="session")
def does(opened: Opened) -> Callable[..., Ended]:
    """Runs a shell command in the lane's container."""

    def run(command: str, **variables: str) -> Ended:
        return opened[1].run_program(SHELL, {"PROBE": command, **variables}, 20.0)

    return run
