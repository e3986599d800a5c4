"""The working folder of a run in host mode, and the removal of what killed runs left.

A run holds a lock on a file in its folder while it is alive. The kernel releases the lock however
the process ends, so a folder whose lock is free belongs to no run.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "oss-bodies-"
_LOCK = ".alive"


class WorkingFolder:
    """A temporary folder, `path`, that exists until it is closed."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        new = self.path / "new"
        self._lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        new.rename(self.path / _LOCK)  # so the file never has this name without being locked

    def close(self) -> None:
        """Remove it; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep_folders() -> list[str]:
    """Remove the working folders of this user's dead runs; a line for each."""
    found = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    return [f"folder {path}" for path in found if _removed(path)]


def _removed(path: Path) -> bool:
    """Whether it was the folder of a dead run and is removed now."""
    with contextlib.suppress(OSError):  # no lock in it, another user's, or removed meanwhile
        if path.is_symlink() or path.stat().st_uid != os.getuid():
            return False
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
        finally:
            os.close(lock)
        return True
    return False
