"""The suite's own runners as a build finds them, and their programs run on this machine."""

import atexit
import functools
import shutil
import tempfile
import threading
from pathlib import Path

from conformance.model.manifest import Manifest, Program
from conformance.model.message import Ended
from conformance.runner.build import build_on_host, copy_files
from conformance.runner.child_process import run_program
from conformance.runner.discovery import builtin, parse_lane
from conformance.runner.host_program import write_and_compile
from conformance.runner.program import Programs, sample_of


def manifest(name: str) -> Manifest:
    """The manifest of one of the suite's own lanes."""
    (found,) = (one for one in builtin() if one.name == name)
    return found


@functools.cache
def sources(name: str) -> Path:
    """A copy of the files of a lane's runner, until the end of the tests."""
    folder = Path(tempfile.mkdtemp(prefix=f"runner-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy_files(manifest(name), folder)
    return folder


def kept_build(name: str) -> Path:
    """The build of a lane for host mode, to be read only: one of the same files is made once."""
    home, _ = build_on_host(parse_lane(name, builtin()), threading.Event())
    return home


def run_sample(name: str, environment: dict[str, str], folder: Path, **places: str) -> Ended:
    """Compile and run a lane's sample below a folder."""
    return run_program_of(name, sample_of(manifest(name)), environment, folder, **places)


def run_program_of(
    name: str, program: Program, environment: dict[str, str], folder: Path, **places: str
) -> Ended:
    """Compile and run a program as those of a lane are, below a folder."""
    rules = manifest(name).program
    assert rules is not None
    programs = Programs(rules=rules, given=(program,), folder=str(folder / "programs"))
    folder.mkdir(exist_ok=True)
    write_and_compile(programs, program, places, folder)
    return run_program(programs.run_command(program, places), environment, folder, 60)
