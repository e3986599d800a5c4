"""The working folder of a run, and the removal of what killed runs left: folders and processes.

A run holds a lock on a file in its folder. The kernel releases the lock however the process ends,
so a folder whose lock is free belongs to a dead run.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from conformance.runner.survivors import end_survivors

_PREFIX = "oss-bodies-"
_LOCK = ".alive"


class WorkingFolder:
    """A temporary folder, `path`, that `close` removes."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        new = self.path / "new"
        self._lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        new.rename(self.path / _LOCK)  # the file is locked before it has this name

    def close(self) -> None:
        """Remove the folder; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep_folders() -> list[str]:
    """Remove the folders of this user's dead runs and end their processes; a line for each."""
    folders = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    return [f"folder {path}" for path in folders if remove_folder(path)]


def remove_folder(path: Path, *, network: str = "") -> bool:
    """Remove a folder if it belongs to a dead run, and end its processes; return whether it did.

    network: of the run, if it is known: see `end_survivors`.
    """
    with contextlib.suppress(OSError):  # locked, without a lock file, or removed meanwhile
        if path.is_symlink() or path.stat().st_uid != os.getuid():
            return False
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end_survivors(path, network=network)
            shutil.rmtree(path)
        finally:
            os.close(lock)
        return True
    return False
