"""Programs that are built with a lane: how they are compiled, how often, and how they end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.assets import RUNNERS
from conformance.errors import RunnerError
from conformance.model.manifest import Lane, Manifest, Program, ProgramRules
from conformance.model.message import Ended
from conformance.runner.discovery import read_manifest
from conformance.runner.host import HostSite, HostStation
from conformance.runner.image import programs_dockerfile
from conformance.runner.program import Programs, program_of, programs_of, sample_of

# "Compiles" by making a copy that can be executed; the compiler counts how often it is run.
COMPILER = """echo x >>"$COUNT"
grep -q '^#!' "$1" || { echo in vain; echo no program >&2; exit 3; }
cp "$1" "$2" && chmod +x "$2"
"""
RULES = ProgramRules(
    compile=("sh", "-c", COMPILER, "sh", "{source}", "{out}/{name}"),
    run=("{out}/{name}", "{suite}"),
    host_mode=True,
)
HELLO = Program(name="hello.sh", text='#!/bin/sh\necho "hello $WHO from $1"; exit 7\n')
WRONG = Program(name="wrong.sh", text="echo hello\n")


@pytest.fixture(autouse=True)
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSS_BODIES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))
    return tmp_path / "count"


@pytest.fixture
def manifest() -> Manifest:
    return replace(read_manifest(RUNNERS / "python" / "rest"), program=RULES)


@pytest.fixture
def site() -> Iterator[HostSite]:
    site = HostSite()
    yield site
    site.close()


def station(site: HostSite, lane: Lane) -> HostStation:
    (prepared,) = site.prepare([lane], lambda _: None)
    assert prepared.reason is None, prepared.reason
    site.open(frozenset({"oss-cn-hangzhou.aliyuncs.com"}))
    return site.enter(prepared)


def test_a_program_is_compiled_with_its_lane_and_run_in_the_environment_of_its_case(
    site: HostSite, manifest: Manifest, count: Path
) -> None:
    place = station(site, Lane(manifest=manifest, programs=(HELLO,)))
    before = count.read_text()
    ended = place.run_program(HELLO, {"WHO": "you"}, 20)
    assert ended == Ended(exit=7, stdout=f"hello you from {RUNNERS.parent}\n".encode(), stderr=b"")
    assert count.read_text() == before


def test_a_program_that_does_not_compile_ends_as_its_compiler_does_every_time(
    site: HostSite, manifest: Manifest, count: Path
) -> None:
    place = station(site, Lane(manifest=replace(manifest, sample=None), programs=(WRONG,)))
    for _ in range(2):
        ended = place.run_program(WRONG, {}, 20)
        assert ended == Ended(exit=3, stdout=b"in vain\n", stderr=b"no program\n", compiled=False)
    assert count.read_text() == "x\n"


def test_a_program_is_compiled_again_when_anything_that_it_is_made_from_has_changed(
    site: HostSite, manifest: Manifest, count: Path
) -> None:
    def compiled(program: Program, rules: ProgramRules = RULES) -> int:
        count.write_text("")
        changed = replace(manifest, sample=None, program=rules)
        site.prepare([Lane(manifest=changed, programs=(program,))], lambda _: None)
        return len(count.read_text().splitlines())

    assert compiled(HELLO) == 1
    assert compiled(HELLO) == 0
    assert compiled(replace(HELLO, text=HELLO.text + "# changed\n")) == 1
    assert compiled(replace(HELLO, name="other.sh")) == 1
    assert compiled(HELLO, replace(RULES, compile=(*(RULES.compile or ()), "more"))) == 1
    assert compiled(HELLO, replace(RULES, run=("true",))) == 0


def test_a_program_is_compiled_again_when_what_it_is_compiled_against_has_changed(
    site: HostSite, tmp_path: Path, count: Path
) -> None:
    for name in ("manifest.json", "Dockerfile", "runner.py", "sample/bodies.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(
            read_manifest(RUNNERS / "python" / "rest").path(name).read_bytes()
        )
    text = (tmp_path / "manifest.json").read_text().replace('"shared": "../shared",', "")
    (tmp_path / "manifest.json").write_text(text)
    lane = Lane(manifest=replace(read_manifest(tmp_path), program=RULES))
    site.prepare([lane], lambda _: None)
    (tmp_path / "runner.py").write_text("# another\n")
    site.prepare([lane], lambda _: None)
    assert count.read_text() == "x\nx\n"


def test_a_program_that_host_mode_cannot_run_is_not_compiled_for_it(
    site: HostSite, manifest: Manifest, count: Path
) -> None:
    lane = Lane(manifest=replace(manifest, program=replace(RULES, host_mode=False)))
    site.prepare([lane], lambda _: None)
    assert not count.exists()


def test_where_nothing_is_compiled_the_program_is_run_from_its_source(
    site: HostSite, manifest: Manifest
) -> None:
    rules = ProgramRules(compile=None, run=("sh", "{source}"), host_mode=True)
    place = station(site, Lane(manifest=replace(manifest, program=rules), programs=(WRONG,)))
    assert place.run_program(WRONG, {}, 20).stdout == b"hello\n"


@pytest.mark.parametrize("rules", [RULES, None], ids=["another", "none"])
def test_a_program_that_was_not_built_with_the_lane_is_refused(
    site: HostSite, manifest: Manifest, rules: ProgramRules | None
) -> None:
    place = station(site, Lane(manifest=replace(manifest, program=rules)))
    with pytest.raises(RunnerError) as caught:
        place.run_program(HELLO, {}, 20)
    assert "`program`" in caught.value.remedy


def programs(*given: Program, rules: ProgramRules = RULES) -> Programs:
    return Programs(rules=rules, given=given, folder="/p")


def test_an_image_has_a_layer_for_each_program_in_turn(manifest: Manifest) -> None:
    one, two = (
        programs_dockerfile("runner:1", programs(*given), {}).splitlines()
        for given in ((HELLO,), (HELLO, WRONG))
    )
    assert one[0] == "FROM runner:1"
    assert two[: len(one)] == one
    assert [line.partition(" ")[0] for line in two[-4:]] == ["COPY", "RUN", "COPY", "RUN"]
    rules = replace(RULES, compile=None)
    without = programs_dockerfile("runner:1", programs(HELLO, rules=rules), {})
    assert "RUN" not in without


def test_the_programs_of_a_lane_are_its_sample_and_what_it_is_given(manifest: Manifest) -> None:
    found = programs_of(Lane(manifest=manifest, programs=(HELLO,)), "/p")
    assert found is not None
    assert found.given == (sample_of(manifest), HELLO)


def test_a_program_is_found_by_its_id(manifest: Manifest) -> None:
    printed = replace(HELLO, id="page/hello")
    lane = Lane(manifest=manifest, programs=(printed,))
    assert program_of(lane, "page/hello") == printed
    assert program_of(lane, "sample") == sample_of(manifest)
    with pytest.raises(RunnerError):
        program_of(lane, "page/other")


def test_what_is_run_may_have_another_name_than_the_file() -> None:
    rules = replace(RULES, compile=None, run=("java", "{name}"))
    program = replace(HELLO, name="Demo.java", entry="com.example.Demo")
    assert programs(program, rules=rules).run_command(program, {}) == ["java", "com.example.Demo"]


def test_the_sample_is_the_file_that_the_manifest_names(manifest: Manifest) -> None:
    text = Path(RUNNERS / "python" / "rest" / "sample" / "bodies.py").read_text(encoding="utf-8")
    assert sample_of(manifest) == Program(name="bodies.py", text=text)
