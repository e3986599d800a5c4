"""Programs that are built with a lane: where they lie, how they are compiled and run.

Pure. A manifest says how programs of its language are compiled against the SDK. A program is
compiled when its lane is built, in container mode as the last layers of the image and in host mode
into the cache, and is run as often as it is asked for. What its compiler ended with is kept beside
it, because a program that does not compile ends as its compiler does.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from conformance.errors import RunnerError
from conformance.model.manifest import SAMPLE, Lane, Manifest, Program, ProgramRules
from conformance.model.message import Ended
from conformance.runner.discovery import filled

# Compiles into the folder $1; succeeds whatever the compiler ends with, and keeps that.
_COMPILE = (
    'kept=$1/.compiler && mkdir "$kept" && shift || exit; '
    '"$@" >"$kept/stdout" 2>"$kept/stderr" </dev/null; echo "$?" >"$kept/exit"'
)
# Runs what was compiled into the folder $1, or ends as the compiler did.
_RUN = (
    'kept=$1/.compiler && shift && read -r code <"$kept/exit" || exit; '
    'if [ "$code" = 0 ]; then exec "$@"; fi; '
    'cat "$kept/stdout"; cat "$kept/stderr" >&2; exit "$code"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The programs of a lane, each in a folder of its own below `folder`."""

    rules: ProgramRules
    given: tuple[Program, ...]
    folder: str
    against: str = ""  # what they are compiled against, if `folder` is not for one build only

    def out(self, program: Program) -> str:
        """The folder of a program; another one if anything that it is made from is another."""
        parts = (self.against, repr(self.rules.compile), program.name, program.text)
        return f"{self.folder}/{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"

    def source(self, program: Program) -> str:
        """The file of a program."""
        return f"{self.out(program)}/program/{program.name}"

    def compile_command(self, program: Program, values: Mapping[str, str]) -> list[str] | None:
        """The command that compiles a program once its file is there; None if it needs none.

        It succeeds even if the program does not compile. values: of the placeholders.
        """
        if self.rules.compile is None:
            return None
        out = self.out(program)
        return ["sh", "-c", _COMPILE, "sh", out, *self._filled(self.rules.compile, program, values)]

    def run_command(self, program: Program, values: Mapping[str, str]) -> list[str]:
        """The command that runs a program; if it does not compile, its end is the compiler's."""
        command = self._filled(self.rules.run, program, values)
        if self.rules.compile is None:
            return command
        return ["sh", "-c", _RUN, "sh", self.out(program), *command]

    def compiler_end_command(self, program: Program) -> list[str]:
        """The command that prints the exit code of a program's compiler."""
        return ["cat", f"{self.out(program)}/.compiler/exit"]

    def _filled(
        self, command: tuple[str, ...], program: Program, values: Mapping[str, str]
    ) -> list[str]:
        own = {
            "out": self.out(program),
            "source": self.source(program),
            "name": program.entry or PurePosixPath(program.name).stem,
        }
        return [filled(word, {**values, **own}) for word in command]


def programs_of(lane: Lane, folder: str, against: str = "") -> Programs | None:
    """The sample of a lane and the programs that it is given; None if it runs no programs."""
    manifest = lane.manifest
    if manifest.program is None:
        return None
    sample = () if manifest.sample is None else (sample_of(manifest),)
    return Programs(
        rules=manifest.program, given=(*sample, *lane.programs), folder=folder, against=against
    )


def sample_of(manifest: Manifest) -> Program:
    """The sample program of a runner's folder."""
    assert manifest.sample is not None, "a lane without a sample is not asked for one"
    path = manifest.path(manifest.sample)
    return Program(name=path.name, text=path.read_text(encoding="utf-8"))


def program_of(lane: Lane, program: str) -> Program:
    """The program of a lane that cases call by this id; RunnerError if it has none."""
    for given in lane.programs:
        if given.id == program:
            return given
    if program == SAMPLE and lane.manifest.sample is not None:
        return sample_of(lane.manifest)
    raise RunnerError(
        step="start",
        reason=f"the lane has no program {program!r}",
        remedy="`oss-bodies samples PAGE` runs the programs of a page",
    )


def ended_with_compiler(
    ended: Ended, programs: Programs | None, program: Program, run: Callable[[list[str]], Ended]
) -> Ended:
    """The end of a program, marked if it was that of its compiler. run: runs a command there.

    A program that ended with 0 was compiled, so only other ends cost a second command.
    """
    if not ended.exit or programs is None or programs.rules.compile is None:
        return ended
    compiler = run(programs.compiler_end_command(program))
    return replace(ended, compiled=compiler.stdout.strip() == b"0")


def command_of(programs: Programs | None, program: Program, values: Mapping[str, str]) -> list[str]:
    """The command that runs a program of a lane; RunnerError if it was not built with it."""
    if programs is None or program not in programs.given:
        raise RunnerError(
            step="start",
            reason=f"{program.name} was not built with the lane",
            remedy="if the file was changed during the run, run again; a manifest without `program`"
            " runs none, see schemas/manifest.schema.json",
        )
    return programs.run_command(program, values)
