"""Runners of one lane that follow each other in a container, for cases with their own environment.

Each has to begin as in a new container. The lane is `rest`, since its runner exits when asked.
"""

import time
from collections.abc import Callable, Iterator

import docker
import pytest

from conformance.errors import RunnerError
from conformance.model.manifest import Lane
from conformance.model.message import Started
from conformance.runner.container import ContainerSite, ContainerStation
from conformance.runner.discovery import builtin
from conformance.runner.protocol import Runner
from conformance.runner.surroundings import USUAL, Surroundings

pytestmark = pytest.mark.containers

ELSEWHERE = Surroundings(variables=(("TZ", "Asia/Tokyo"),), home=((".netrc", "machine a\n"),))
# A line for each process of the container, and for each file in the folders that can be written.
SEEN = "for one in /proc/[0-9]*; do cat $one/comm; done; ls -A /tmp /dev/shm"

# The number of the runner's process, which is not the shell that looks for it.
RUNNER = "$(grep -l 'r[u]nner.py' /proc/[0-9]*/cmdline | tr -dc '0-9\\n' | head -1)"


@pytest.fixture
def station() -> Iterator[ContainerStation]:
    site = ContainerSite.connect(lambda _: None)
    manifest = next(one for one in builtin() if one.name == "rest")
    (prepared,) = site.prepare([Lane(manifest=manifest)], lambda _: None)
    assert prepared.reason is None, prepared.reason
    site.open(frozenset({"oss-cn-hangzhou.aliyuncs.com"}))
    yield site.enter(prepared)
    site.close()


def started(station: ContainerStation) -> Started:
    return Runner(station.channel).start(time.monotonic() + 60)


Seen = Callable[[str], str]


@pytest.fixture
def seen(engine: docker.DockerClient, station: ContainerStation) -> Seen:
    """What a shell command in the container of the lane prints."""

    def run(command: str) -> str:
        container = engine.containers.get(station.channel.container)
        output = container.exec_run(["sh", "-c", command]).output
        assert isinstance(output, bytes)
        return output.decode()

    return run


def test_a_runner_that_follows_another_has_its_variables_and_its_files(
    station: ContainerStation, seen: Seen
) -> None:
    started(station)
    station.follow(ELSEWHERE)
    assert started(station).runner == "rest"
    variables = f"tr '\\0' '\\n' </proc/{RUNNER}/environ"
    assert "TZ=Asia/Tokyo" in seen(variables).splitlines()
    assert seen("cat /tmp/.netrc") == "machine a\n"
    station.follow(Surroundings(variables=(("TZ", "Asia/Seoul"),)))
    assert started(station).runner == "rest"
    assert "TZ=Asia/Seoul" in seen(variables).splitlines()
    assert ".netrc" not in seen("ls -A /tmp")


def test_nothing_of_the_runner_before_is_left_for_the_one_that_follows(
    station: ContainerStation, seen: Seen
) -> None:
    station.follow(USUAL)
    started(station)
    container, left = station.channel.container, {"sleep", "left", ".left", "..left"}
    seen("sleep 777 >/dev/null 2>&1 & : >/tmp/.left; : >/tmp/..left; : >/dev/shm/left")
    assert left <= set(seen(SEEN).split())
    station.follow(USUAL)
    started(station)
    assert station.channel.container == container
    assert not left & set(seen(SEEN).split())


def test_a_runner_that_does_not_exit_is_removed_with_its_container(
    station: ContainerStation, seen: Seen
) -> None:
    station.follow(USUAL)
    started(station)
    container = station.channel.container
    seen(f"kill -STOP {RUNNER}")
    station.follow(USUAL)
    assert station.channel.container != container
    assert started(station).runner == "rest"


@pytest.mark.parametrize("again", ["restart", "follow"])
def test_how_a_runner_that_followed_another_died_is_known(
    station: ContainerStation, seen: Seen, again: str
) -> None:
    station.follow(USUAL)
    started(station)
    seen(f"kill -KILL {RUNNER}")
    with pytest.raises(RunnerError) as caught:
        station.channel.receive(time.monotonic() + 60)
    assert "137" in caught.value.reason
    begin: Callable[[Surroundings], None] = getattr(station, again)
    begin(USUAL)
    assert started(station).runner == "rest"
