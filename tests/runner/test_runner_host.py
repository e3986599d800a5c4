"""The host as a site: builds that are kept, runners that come up, samples that end."""

import json
import os
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.build import write_runner
from fakes.rogue import ROGUES

from conformance.errors import BuildError, InputError, RunnerError
from conformance.model.manifest import Lane, Tool
from conformance.runner.build import build_on_host, remedy_for, runner_files, tool_works
from conformance.runner.discovery import read_manifest
from conformance.runner.host import HostSite, HostStation
from conformance.runner.protocol import Runner
from conformance.runner.site import PreparedLane

HOST = "oss-cn-hangzhou.aliyuncs.com"
BUILD = 'mkdir -p "$1"; echo "$2 $PYTHON" > "$1/built"; echo x >> "$COUNT"; {more}\n'


@pytest.fixture
def site() -> Iterator[HostSite]:
    site = HostSite()
    yield site
    site.close()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_BODIES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))


def runner(where: Path, more: str = "", **changed: Any) -> Lane:
    """A lane with a build script, which counts how often it runs."""
    folder = write_runner(where, kind="reference")
    document = json.loads((folder / "manifest.json").read_text())
    document |= {"build": "build.sh", "sdk": {"package": "made-up", "version": "1.0"}}
    (folder / "manifest.json").write_text(json.dumps(document | changed))
    (folder / "build.sh").write_text(BUILD.format(more=more))
    return Lane(manifest=read_manifest(folder), version="1.0")


def prepared(site: HostSite, lane: Lane) -> PreparedLane:
    (one,) = site.prepare([lane], lambda _: None)
    return one


def times_built(tmp_path: Path) -> int:
    return len((tmp_path / "count").read_text().splitlines())


def test_a_build_gets_the_version_and_the_suites_interpreter(
    site: HostSite, tmp_path: Path
) -> None:
    home = prepared(site, runner(tmp_path)).home
    assert home is not None
    version, python = (home / "built").read_text().split()
    assert version == "1.0"
    assert Path(python).is_file()


def shared_lane(where: Path, more: str = "", **changed: Any) -> Lane:
    """A lane with a file `words` of its own and two in a folder that others use."""
    (where / "shared").mkdir()
    for name in ("words", "more-words"):
        (where / "shared" / name).write_text("shared")
    lane = runner(where, more, shared="../shared", **changed)
    (lane.manifest.folder / "words").write_text("own")
    return Lane(manifest=read_manifest(lane.manifest.folder), version="1.0")


def test_a_build_finds_the_shared_files_beside_its_own_which_hide_them(
    site: HostSite, tmp_path: Path
) -> None:
    lane = shared_lane(tmp_path, 'cp "$(dirname "$0")"/*words "$1"')
    home = prepared(site, lane).home
    assert home is not None
    assert [(home / name).read_text() for name in ("words", "more-words")] == ["own", "shared"]


def test_a_runner_without_a_build_script_finds_the_shared_files_in_its_home(
    site: HostSite, tmp_path: Path
) -> None:
    home = prepared(site, shared_lane(tmp_path, build=None)).home
    assert home is not None
    assert [(home / name).read_text() for name in ("words", "more-words")] == ["own", "shared"]


def test_a_change_in_the_shared_folder_is_a_reason_to_build_again(
    site: HostSite, tmp_path: Path
) -> None:
    lane = shared_lane(tmp_path)
    prepared(site, lane)
    (tmp_path / "shared" / "more-words").write_text("changed")
    prepared(site, lane)
    assert times_built(tmp_path) == 2


def test_a_build_that_fails_can_be_run_again_by_hand_where_files_are_shared(
    site: HostSite, tmp_path: Path
) -> None:
    failed = prepared(site, shared_lane(tmp_path, "exit 3"))
    _, script, *_ = failed.remedy.split()
    assert (Path(script).with_name("more-words")).read_text() == "shared"


@pytest.mark.parametrize("name", ["out", "../shared/out", "below/out"])
def test_a_link_that_leads_out_of_a_folder_is_refused_by_its_name(
    tmp_path: Path, name: str
) -> None:
    lane = shared_lane(tmp_path)
    (tmp_path / "secret").write_text("not for a build")
    (lane.manifest.folder / "below").mkdir()
    (lane.manifest.folder / name).symlink_to(tmp_path / "secret")
    shown = name.removeprefix("../shared/")
    with pytest.raises(InputError, match=f": {shown}: is a link that leads out"):
        runner_files(lane.manifest)


def test_a_named_pipe_in_a_folder_is_refused_and_not_opened(tmp_path: Path) -> None:
    lane = shared_lane(tmp_path)
    os.mkfifo(lane.manifest.folder / "pipe")
    with pytest.raises(InputError, match="pipe: is neither a file nor a folder"):
        runner_files(lane.manifest)


def test_a_link_within_a_folder_is_followed_to_a_file_and_not_to_a_folder(tmp_path: Path) -> None:
    lane = shared_lane(tmp_path)
    (lane.manifest.folder / "inner").symlink_to("words")
    (lane.manifest.folder / "round").symlink_to(".")
    (lane.manifest.folder / "gone").symlink_to("nothing")
    files = runner_files(lane.manifest)
    assert {"inner", "words", "more-words"} <= files.keys()
    assert not {"round", "gone", "round/words"} & files.keys()


def test_a_build_that_has_not_changed_is_skipped(site: HostSite, tmp_path: Path) -> None:
    lane = runner(tmp_path)
    prepared(site, lane)
    prepared(site, lane)
    assert times_built(tmp_path) == 1


def test_a_list_of_known_failures_is_no_reason_to_build_again(
    site: HostSite, tmp_path: Path
) -> None:
    lane = runner(tmp_path)
    prepared(site, lane)
    (lane.manifest.folder / "known-failing.json").write_text("[]")
    prepared(site, lane)
    assert times_built(tmp_path) == 1


def test_a_changed_source_is_built_again(site: HostSite, tmp_path: Path) -> None:
    lane = runner(tmp_path)
    first = prepared(site, lane)
    with (lane.manifest.folder / "runner.py").open("a") as file:
        file.write("# changed\n")
    second = prepared(site, lane)
    assert times_built(tmp_path) == 2
    assert first.checksum != second.checksum


def test_a_build_that_fails_gives_the_tools_own_words_and_is_tried_again(
    site: HostSite, tmp_path: Path
) -> None:
    lane = runner(tmp_path, "echo no such package >&2; exit 4")
    first, _ = prepared(site, lane), prepared(site, lane)
    assert first.reason is not None
    assert "no such package" in first.reason
    assert first.remedy
    assert times_built(tmp_path) == 2


def test_a_tool_that_is_missing_is_told_with_what_brings_it(site: HostSite, tmp_path: Path) -> None:
    tools = [{"command": ["no-such-tool"], "remedy": "apt-get install no-such-tool"}]
    one = prepared(site, runner(tmp_path, tools=tools))
    assert one.reason is not None
    assert "no-such-tool" in one.reason
    assert one.remedy == "apt-get install no-such-tool"


def test_tools_are_asked_for_a_build_only_and_missed_when_they_are_gone(
    site: HostSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool, asked = tmp_path / "bin" / "made-up-tool", tmp_path / "asked"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho x >> {asked}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    lane = runner(tmp_path, tools=[{"command": [tool.name], "remedy": "make up a tool"}])
    for _ in range(2):
        tool_works.cache_clear()
        assert prepared(site, lane).reason is None
    assert asked.read_text() == "x\n"
    tool.unlink()
    tool_works.cache_clear()
    assert prepared(site, lane).remedy == "make up a tool"


def test_a_runner_without_a_proxy_setting_is_kept_from_the_real_service(
    site: HostSite, tmp_path: Path
) -> None:
    lane = runner(tmp_path, capabilities=["token"])
    assert prepared(site, lane).reason is not None
    assert site.missing(lane) != ()


def soon() -> float:
    return time.monotonic() + 20


def entered(site: HostSite, where: Path, kind: str, seconds: float = 1.0) -> HostStation:
    lane = Lane(manifest=read_manifest(write_runner(where, kind=kind, seconds=seconds)))
    one = prepared(site, lane)
    assert one.reason is None, one.reason
    site.open(frozenset({HOST}))
    return site.enter(one)


def test_a_runner_comes_up_with_a_way_to_the_mock(site: HostSite, tmp_path: Path) -> None:
    station = entered(site, tmp_path, "reference")
    assert Runner(station.channel).start(soon()).protocol == 2
    assert station.proxy is not None
    assert station.proxy.startswith("http://127.0.0.1:")


def test_a_runner_started_again_answers_as_the_first_did(site: HostSite, tmp_path: Path) -> None:
    station = entered(site, tmp_path, "reference")
    first = Runner(station.channel).start(soon())
    station.restart()
    assert Runner(station.channel).start(soon()) == first


# What breaks off before a case is asked for: the moments `start` and `unknown`.
# Besides those that other tests are about.
AT_START = sorted(
    {name for name, rogue in ROGUES.items() if rogue.at in {"start", "unknown"} and not rogue.rule}
    - {"another-version", "silent-at-start", "ignores-proxy"}
)


@pytest.mark.parametrize("kind", AT_START)
def test_a_rogue_does_not_get_past_its_start(site: HostSite, tmp_path: Path, kind: str) -> None:
    station = entered(site, tmp_path, kind)
    with pytest.raises(RunnerError) as caught:
        Runner(station.channel).start(soon())
    assert caught.value.remedy


@pytest.mark.parametrize("emptied", ["", "env -i PATH=/usr/bin:/bin"])
def test_a_process_with_a_session_of_its_own_ends_with_the_run(
    site: HostSite, tmp_path: Path, emptied: str
) -> None:
    if emptied and not site.closed:
        pytest.skip("without a network of the run, a process is known by its environment alone")
    os.mkfifo(leash := tmp_path / "leash")
    reading = os.open(leash, os.O_RDONLY | os.O_NONBLOCK)
    script = f"{emptied} setsid sh -c 'exec 9> {leash}; echo up; exec sleep 600' & exec cat"
    manifest = replace(
        read_manifest(write_runner(tmp_path, kind="reference")), run=("sh", "-c", script)
    )
    site.open(frozenset({HOST}))
    station = site.enter(prepared(site, Lane(manifest=manifest)))
    assert station.channel.receive(soon()) == b"up"
    station.close()
    assert not select.select([reading], [], [], 0.5)[0]  # it has survived its runner
    site.close()
    assert select.select([reading], [], [], 20)[0]
    os.close(reading)


def test_the_folder_of_a_run_goes_with_it(site: HostSite, tmp_path: Path) -> None:
    station = entered(site, tmp_path, "reference")
    folder = station._home.parent
    site.close()
    assert not folder.exists()


def test_a_build_is_killed_with_all_it_started_when_the_run_is_interrupted(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    lane = runner(tmp_path, more=f"sleep 300 & echo $! > {noted}; wait")
    stopped = threading.Event()
    failures: list[BuildError] = []

    def build() -> None:
        try:
            build_on_host(lane, stopped)
        except BuildError as error:
            failures.append(error)

    thread = threading.Thread(target=build)
    thread.start()
    while not (noted.is_file() and noted.read_text().strip()):
        assert thread.is_alive()
    child = Path("/proc") / noted.read_text().strip() / "stat"
    stopped.set()
    thread.join(10)
    assert [error.reason for error in failures] == ["the build was interrupted"]
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_one_command_brings_all_the_tools_that_are_missing() -> None:
    remedies = ("apt-get install a b", "apt-get install c", "brew install d", "apt-get install c")
    tools = [Tool(command=("x",), remedy=remedy) for remedy in remedies]
    assert remedy_for(tools) == "apt-get install a b c && brew install d"
