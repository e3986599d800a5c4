"""Programs of lanes in host mode: written and compiled once, and kept in the cache folder.

The compiler has the environment of a build script, so it finds its own caches.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import BuildError, RunnerError
from conformance.model.manifest import Lane, Program
from conformance.runner.build import DONE, cache_folder, locked
from conformance.runner.child_process import run_program
from conformance.runner.program import Programs, programs_of

_COMPILE_LIMIT = 300  # seconds; a compiler with an empty cache compiles its own library first


def compile_on_host(lane: Lane, values: Mapping[str, str], checksum: str) -> Programs | None:
    """The programs of a lane, compiled; None if it runs none in host mode. BuildError.

    values: of the placeholders. checksum: of the lane's build.
    """
    rules = lane.manifest.program
    if rules is None or not rules.host_mode:
        return None
    # What is not compiled is the same whatever it is run with.
    against = "" if rules.compile is None else repr((checksum, sorted(values.items())))
    programs = programs_of(lane, str(cache_folder() / "programs"), against)
    assert programs is not None
    for program in programs.given:
        out = Path(programs.out(program))
        if (out / DONE).is_file():
            continue
        out.parent.mkdir(parents=True, exist_ok=True)
        with locked(out.with_suffix(".lock")):
            if not (out / DONE).is_file():
                shutil.rmtree(out, ignore_errors=True)
                write_and_compile(programs, program, values)
                (out / DONE).touch()
    return programs


def write_and_compile(programs: Programs, program: Program, values: Mapping[str, str]) -> None:
    """Make the folder of a program, which is not there yet; BuildError if that takes too long."""
    source = Path(programs.source(program))
    source.parent.mkdir(parents=True)
    source.write_text(program.text, encoding="utf-8")
    command = programs.compile_command(program, values)
    if command is None:
        return
    with tempfile.TemporaryDirectory() as work:
        try:
            run_program(command, {**os.environ, "TMPDIR": work}, Path(work), _COMPILE_LIMIT)
        except RunnerError as error:
            raise BuildError(
                step=f"{program.name}: compile", reason=error.reason, remedy="see what it waits for"
            ) from error
