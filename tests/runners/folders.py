"""The suite's own runners as a build finds them: their files and the shared ones in one folder."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from conformance.runner.build import copy_files
from conformance.runner.discovery import builtin


@functools.cache
def sources(name: str) -> Path:
    """A copy of the files of a lane's runner, until the end of the tests."""
    (manifest,) = (one for one in builtin() if one.name == name)
    folder = Path(tempfile.mkdtemp(prefix=f"runner-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy_files(manifest, folder)
    return folder
