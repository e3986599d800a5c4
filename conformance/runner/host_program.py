"""Programs of lanes in host mode: written and compiled once, and kept in the cache folder.

The compiler has the environment of a build script, so it finds its own caches.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import BuildError, RunnerError
from conformance.model.manifest import Lane, Program
from conformance.runner.build import DONE
from conformance.runner.cache import building, cache_folder
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
        with building(out) as temporary:
            if not (out / DONE).is_file():
                shutil.rmtree(out, ignore_errors=True)
                write_and_compile(programs, program, values, temporary)
                (out / DONE).touch()
    return programs


def write_and_compile(
    programs: Programs, program: Program, values: Mapping[str, str], work: Path
) -> None:
    """Make the folder of a program, which is not there yet; BuildError if that takes too long.

    work: the working folder of its compiler, also for temporary files.
    """
    source = Path(programs.source(program))
    source.parent.mkdir(parents=True)
    source.write_text(program.text, encoding="utf-8")
    command = programs.compile_command(program, values)
    if command is None:
        return
    try:
        run_program(command, {**os.environ, "TMPDIR": str(work)}, work, _COMPILE_LIMIT)
    except RunnerError as error:
        raise BuildError(
            step=f"{program.name}: compile", reason=error.reason, remedy="see what it waits for"
        ) from error
