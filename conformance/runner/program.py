"""Programs that a lane runs: where they are written, how they are compiled and run.

Pure except for the functions that it is passed. A manifest says how programs of its language are
compiled against the SDK; the station writes the file and executes commands. A program is compiled
once for each start of its station.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from conformance.errors import RunnerError
from conformance.model.manifest import Manifest
from conformance.model.message import Ended
from conformance.runner.discovery import filled

Execute = Callable[[Sequence[str]], Ended]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program as its author wrote it."""

    name: str  # of its file, which some languages care about
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where a station puts programs, and those that it has compiled there already."""

    folder: str
    values: Mapping[str, str]  # of the placeholders
    write: Callable[[str, str], None]  # a text to the file of that path, with its folders
    compiled: set[str] = field(default_factory=set)


def run_given(programs: Programs, manifest: Manifest, program: Program, execute: Execute) -> Ended:
    """Run a program to its end; if it does not compile, that is its end."""
    rules = manifest.program
    if rules is None:
        raise RunnerError(
            step="start",
            reason=f"the manifest of {manifest.name} does not say how programs are run",
            remedy="add `program` to it, see schemas/manifest.schema.json",
        )
    digest = hashlib.sha256(f"{program.name}\0{program.text}".encode()).hexdigest()[:12]
    out = f"{programs.folder}/{digest}"
    source = f"{out}/program/{program.name}"
    name = PurePosixPath(program.name).stem
    values = {**programs.values, "out": out, "source": source, "name": name}
    if out not in programs.compiled:
        programs.write(source, program.text)
        if rules.compile is not None:
            compiled = execute([filled(word, values) for word in rules.compile])
            if compiled.exit != 0:
                return compiled
        programs.compiled.add(out)
    return execute([filled(word, values) for word in rules.run])


def sample_of(manifest: Manifest) -> Program:
    """The sample program of a runner's folder."""
    assert manifest.sample is not None, "a lane without a sample is not asked for one"
    path = manifest.path(manifest.sample)
    return Program(name=path.name, text=path.read_text(encoding="utf-8"))
