"""How the containers of a run begin and end, whoever ends them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest
from containers.shell import SHELL
from docker.errors import NotFound

from conformance.errors import RunnerError
from conformance.model.limits import OUTPUT_BYTES
from conformance.model.manifest import Lane, Program, ProgramRules
from conformance.model.message import Ended
from conformance.runner.container import ContainerSite, ContainerStation
from conformance.runner.discovery import read_manifest
from conformance.runner.labels import RUN, sweep

pytestmark = pytest.mark.containers

Opened = tuple[ContainerSite, ContainerStation]
Begin = Callable[[], Opened]
HERE = Path(__file__).parent

# A run that another process began, and that it will never end itself.
LEFT_ALONE = f"""
import sys
from pathlib import Path
from conformance.model.manifest import Lane
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import read_manifest
site = ContainerSite.connect(lambda _: None)
lane = Lane(manifest=read_manifest(Path({str(HERE / "probe")!r})))
(prepared,) = site.prepare([lane], lambda _: None)
site.open(frozenset({{"oss-cn-hangzhou.aliyuncs.com"}}))
station = site.enter(prepared)
print(site.network._mark.run, station.channel.container, flush=True)
sys.stdin.read()
"""


def echoes(station: ContainerStation, line: bytes = b"are you there?") -> bool:
    station.channel.send(line)
    return station.channel.receive(time.monotonic() + 60) == line


def objects(engine: docker.DockerClient, run: str) -> list[str]:
    wanted: dict[str, str | list[str] | bool] = {"label": f"{RUN}={run}"}
    containers = engine.containers.list(all=True, filters=wanted, ignore_removed=True)
    return [
        *(str(found.name) for found in containers),
        *(str(found.name) for found in engine.networks.list(filters=wanted)),
        *(str(found.name) for found in engine.volumes.list(filters=wanted)),
    ]


def gone(engine: docker.DockerClient, run: str) -> bool:
    """Whether nothing of a run is left; waits for another run that sweeps at the same time."""
    deadline = time.monotonic() + 60
    while objects(engine, run) and time.monotonic() < deadline:
        time.sleep(0.1)
    return objects(engine, run) == []


def removed(engine: docker.DockerClient, container: str) -> bool:
    """Waits until a container is gone, which its engine tells."""
    try:
        engine.api.wait(container, condition="removed", timeout=60)
    except NotFound:
        return True
    return True


@pytest.fixture
def killed(engine: docker.DockerClient, opened: Opened) -> tuple[str, str]:
    """(run, lane's container) of a run whose engine was killed with -9."""
    child = subprocess.Popen(
        [sys.executable, "-c", LEFT_ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        run, container = child.stdout.readline().split()
        assert len(objects(engine, run)) == 4  # lane, mock, network, volume
        child.kill()
    return run, container


def test_a_line_goes_there_and_back(opened: Opened) -> None:
    assert echoes(opened[1])


def test_a_long_line_goes_there_and_back_whole(opened: Opened) -> None:
    assert echoes(opened[1], b"0123456789" * 200_000)


def test_a_lane_dies_with_its_input_when_the_engine_is_killed(
    engine: docker.DockerClient, killed: tuple[str, str]
) -> None:
    assert removed(engine, killed[1])
    sweep(engine)


def test_a_sweep_removes_everything_of_a_killed_run(
    engine: docker.DockerClient, killed: tuple[str, str]
) -> None:
    sweep(engine)
    assert gone(engine, killed[0])


def test_a_sweep_leaves_a_live_run_alone(
    engine: docker.DockerClient, opened: Opened, killed: tuple[str, str]
) -> None:
    before = objects(engine, opened[0].network._mark.run)
    sweep(engine)
    assert gone(engine, killed[0])
    assert objects(engine, opened[0].network._mark.run) == before
    assert echoes(opened[1])


def test_the_end_of_a_run_leaves_nothing(engine: docker.DockerClient, begin: Begin) -> None:
    site, _ = begin()
    run = site.network._mark.run
    assert len(objects(engine, run)) == 4  # lane, mock, network, volume
    site.close()
    assert objects(engine, run) == []


def test_a_run_can_be_ended_twice(engine: docker.DockerClient, begin: Begin) -> None:
    site, _ = begin()
    site.close()
    site.close()
    assert objects(engine, site.network._mark.run) == []


def test_the_end_of_one_run_does_not_disturb_another(begin: Begin, opened: Opened) -> None:
    begin()[0].close()
    assert echoes(opened[1])


def test_two_runs_at_once_do_not_reach_each_others_mock(
    begin: Begin, opened: Opened, does: Callable[..., Ended]
) -> None:
    site, _ = begin()
    theirs = next(iter(site.network._hosts.values()))
    ours = next(iter(opened[0].network._hosts.values()))
    connect = """perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
        PeerAddr => "$ENV{ADDRESS}:443", Timeout => 5) ? "open" : "closed"'"""
    tried = {name: does(connect, ADDRESS=name).stdout for name in (ours, theirs)}
    site.close()
    assert tried == {ours: b"open", theirs: b"closed"}


def test_a_program_keeps_its_two_outputs_apart_and_its_exit_code(
    does: Callable[..., Ended],
) -> None:
    assert does("echo out; echo err >&2; exit 7") == Ended(exit=7, stdout=b"out\n", stderr=b"err\n")


def test_an_output_comes_whole_up_to_a_bound(does: Callable[..., Ended]) -> None:
    assert len(does(f"head -c {OUTPUT_BYTES} /dev/zero").stdout) == OUTPUT_BYTES
    longer = does("head -c 3000000 /dev/zero").stdout
    assert longer.endswith(b"(cut; 3000000 bytes in all)\n")


@pytest.fixture
def station(begin: Begin) -> Iterator[ContainerStation]:
    """The lane of a run of its own, to be spoilt."""
    site, station = begin()
    yield station
    site.close()


def test_a_program_that_does_not_end_takes_its_container_with_it(
    engine: docker.DockerClient, station: ContainerStation
) -> None:
    container = station.channel.container
    with pytest.raises(RunnerError) as caught:
        station.run_program(SHELL, {"PROBE": "exec cat /dev/zero > /dev/null"}, 0.5)
    assert caught.value.step == "timeout"
    assert removed(engine, container)


def test_a_death_is_told_with_its_exit_code(station: ContainerStation) -> None:
    station.run_program(SHELL, {"PROBE": "kill -TERM 1"}, 20)
    with pytest.raises(RunnerError) as caught:
        station.channel.receive(time.monotonic() + 60)
    assert caught.value.step == "death"
    assert "143" in caught.value.reason  # 128 and the number of SIGTERM, as shells say it


def test_a_program_in_a_container_that_has_died_could_not_be_run(station: ContainerStation) -> None:
    station.run_program(SHELL, {"PROBE": "kill -TERM 1"}, 20)
    with pytest.raises(RunnerError):
        station.channel.receive(time.monotonic() + 60)
    with pytest.raises(RunnerError) as caught:
        station.run_program(SHELL, {"PROBE": "true"}, 20)
    assert caught.value.step == "start"


def test_a_lane_that_was_started_again_is_the_same_lane_to_the_mock(
    station: ContainerStation,
) -> None:
    """A request from its new address is journalled to it: the mock calls no stranger a lane."""
    station.restart()
    assert echoes(station)
    request = b"GET / HTTP/1.1\\r\\nHost: oss-cn-hangzhou.aliyuncs.com\\r\\n\\r\\n".decode()
    station.run_program(
        SHELL,
        {
            "PROBE": f"""perl -MIO::Socket::INET -e '
                my $s = IO::Socket::INET->new("oss-cn-hangzhou.aliyuncs.com:80") or die;
                print $s "{request}"; my $line = <$s>; print $line'"""
        },
        20,
    )
    journal = station._mock.arm("probe", None)
    assert len(journal.strays) == 1


def test_what_a_build_says_last_is_the_reason_of_a_lane_that_is_not_built(
    tmp_path: Path, engine: docker.DockerClient
) -> None:
    for file in (HERE / "probe").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "Dockerfile").open("a") as dockerfile:
        dockerfile.write("RUN echo the tools own words; exit 9\n")
    site = ContainerSite.connect(lambda _: None)
    (prepared,) = site.prepare([Lane(manifest=read_manifest(tmp_path))], lambda _: None)
    site.close()
    assert prepared.reason is not None
    assert "the tools own words" in prepared.reason
    assert prepared.remedy


COMPILED = ProgramRules(
    compile=(
        "sh",
        "-c",
        'sh -n "$1" && cp "$1" "$2" && chmod +x "$2"',
        "sh",
        "{source}",
        "{out}/x",
    ),
    run=("{out}/x",),
    host_mode=False,
)
WORKS = Program(name="works.sh", text='#!/bin/sh\necho "$0"; exit 7\n')
BROKEN = Program(name="broken.sh", text="#!/bin/sh\nif\n")


def test_programs_are_compiled_into_the_image_whether_they_compile_or_not(
    engine: docker.DockerClient,
) -> None:
    site = ContainerSite.connect(lambda _: None)
    manifest = replace(read_manifest(HERE / "probe"), program=COMPILED)
    (prepared,) = site.prepare([Lane(manifest=manifest, programs=(BROKEN, WORKS))], lambda _: None)
    assert prepared.reason is None, prepared.reason
    site.open(frozenset({"oss-cn-hangzhou.aliyuncs.com"}))
    station = site.enter(prepared)
    works, broken = (station.run_program(program, {}, 20) for program in (WORKS, BROKEN))
    site.close()
    assert (works.exit, works.stdout.startswith(b"/opt/programs/")) == (7, True)
    assert (broken.exit, broken.stdout) == (2, b"")
    assert b"Syntax error" in broken.stderr


def test_a_build_that_has_not_changed_is_skipped(opened: Opened) -> None:
    told: list[str] = []
    opened[0].prepare([opened[1]._prepared.lane], told.append)
    assert told == []


def test_the_engines_own_proxy_settings_do_not_reach_a_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: Begin
) -> None:
    """The docker package would put them into every container."""
    settings = '{"proxies": {"default": {"httpProxy": "http://192.0.2.1:3128"}}}'
    (tmp_path / "config.json").write_text(settings)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    site, station = begin()
    seen = station.run_program(SHELL, {"PROBE": "env"}, 20).stdout
    site.close()
    assert b"192.0.2.1" not in seen
