"""The cache of host builds, into each folder of which one process builds at a time.

Whoever builds holds a lock on a file beside the folder, and works in a temporary folder beside it
that the programs of the build have as TMPDIR. The kernel releases the lock when the process is
killed; the temporary folder then stays, and shows which programs have to be ended.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.runner.survivors import end_survivors

_LOCK, SOURCE = ".lock", ".source"


def cache_folder() -> Path:
    """The folder of host builds: OSS_BODIES_CACHE, or else in the user's cache folder."""
    configured = os.environ.get("OSS_BODIES_CACHE")
    if configured:
        return Path(configured)
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "oss-bodies"


@contextlib.contextmanager
def building(home: Path) -> Iterator[Path]:
    """Hold the lock of a folder and yield a temporary folder beside it, removed at the end.

    What an earlier process left that was killed while it built is ended and removed first.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with _locked(home, fcntl.LOCK_EX):
        for folder in _temporary(home.parent):
            if folder.stem == home.name:
                _remove(folder)
        temporary = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
        try:
            yield temporary
        finally:
            _remove(temporary)


def sweep_cache() -> list[str]:
    """Remove what killed builds left and end their processes; a line for each."""
    swept = []
    parents = (cache_folder() / "builds", cache_folder() / "programs")
    for folder in itertools.chain.from_iterable(map(_temporary, parents)):
        with contextlib.suppress(OSError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _remove(folder)
            swept.append(f"folder {folder}")
    return swept


def _temporary(parent: Path) -> list[Path]:
    """The temporary folders of all builds in a folder, those that are alive included."""
    found = sorted(parent.glob("*.*"))
    return [path for path in found if path.is_dir() and path.suffix not in (_LOCK, SOURCE)]


def _remove(temporary: Path) -> None:
    end_survivors(temporary)
    shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    """Hold the lock of a folder of the cache, or raise OSError if `kind` says not to wait for it.

    path: the folder, or a temporary one of it.
    """
    with path.with_suffix(_LOCK).open("w") as file:
        fcntl.flock(file, kind)
        yield
