"""Programs that are given to a lane: what is written, what is executed, and how often."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.assets import RUNNERS
from conformance.errors import RunnerError
from conformance.model.manifest import Manifest, ProgramRules
from conformance.model.message import Ended
from conformance.runner.discovery import read_manifest
from conformance.runner.program import Program, Programs, run_given, sample_of

RULES = ProgramRules(
    compile=("cc", "{source}", "-o", "{out}/{name}"), run=("{out}/{name}", "{home}"), host_mode=True
)
HELLO = Program(name="hello.c", text="int main(void) { return 0; }")


class Place:
    """Remembers what is written and executed; every command ends with `exits` in turn."""

    def __init__(self, *exits: int) -> None:
        self._exits = list(exits)
        self.written: dict[str, str] = {}
        self.executed: list[list[str]] = []
        self.programs = Programs(
            folder="/p", values={"home": "/opt/runner"}, write=self.written.__setitem__
        )

    def execute(self, argv: Sequence[str]) -> Ended:
        self.executed.append(list(argv))
        return Ended(exit=self._exits.pop(0), stdout=b"", stderr=b"")


@pytest.fixture
def manifest() -> Manifest:
    return replace(read_manifest(RUNNERS / "python" / "rest"), program=RULES)


def test_a_program_is_written_compiled_and_run(manifest: Manifest) -> None:
    place = Place(0, 7)
    ended = run_given(place.programs, manifest, HELLO, place.execute)
    ((source, text),) = place.written.items()
    out = source.removesuffix("/program/hello.c")
    assert (text, out.rpartition("/")[0]) == (HELLO.text, "/p")
    assert place.executed == [
        ["cc", source, "-o", f"{out}/hello"], [f"{out}/hello", "/opt/runner"],
    ]  # fmt: skip
    assert ended.exit == 7


def test_a_program_is_compiled_once_and_another_of_its_name_for_itself(manifest: Manifest) -> None:
    place = Place(0, 0, 0, 0, 0)
    for program in (HELLO, HELLO, replace(HELLO, text="int main(void) { return 1; }")):
        run_given(place.programs, manifest, program, place.execute)
    assert [argv[0] == "cc" for argv in place.executed] == [True, False, False, True, False]
    assert len(place.written) == 2


def test_a_program_that_does_not_compile_ends_as_its_compiler_does(manifest: Manifest) -> None:
    place = Place(1, 1)
    for _ in range(2):
        assert run_given(place.programs, manifest, HELLO, place.execute).exit == 1
    assert [argv[0] for argv in place.executed] == ["cc", "cc"]


def test_where_nothing_is_compiled_the_program_is_run_from_its_source(manifest: Manifest) -> None:
    rules = ProgramRules(compile=None, run=("sh", "{source}"), host_mode=True)
    place = Place(0)
    run_given(place.programs, replace(manifest, program=rules), HELLO, place.execute)
    assert place.executed == [["sh", *place.written]]


def test_a_manifest_that_says_nothing_of_programs_is_told_what_to_add(manifest: Manifest) -> None:
    with pytest.raises(RunnerError) as caught:
        run_given(Place().programs, replace(manifest, program=None), HELLO, Place().execute)
    assert "`program`" in caught.value.remedy


def test_the_sample_is_the_file_that_the_manifest_names(manifest: Manifest) -> None:
    text = Path(RUNNERS / "python" / "rest" / "sample" / "bodies.py").read_text(encoding="utf-8")
    assert sample_of(manifest) == Program(name="bodies.py", text=text)
