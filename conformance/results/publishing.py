"""How the two files of a run take the place of those of an earlier run.

They are written under other names, and get theirs when the run has its first verdict. Two files
cannot be renamed at once, so the names tell how far a run had come that was killed: a new
transcripts file without a new results file belongs to the results that have their name already. For
this to hold, the new results file is created first and removed last.
"""

import contextlib
import fcntl
import os
from pathlib import Path

from conformance.results.folder_files import new_name, remove
from conformance.results.lines import PAGE, PAGE_CASES, RESULTS, TRANSCRIPTS

COMPARISON = "comparison.html"  # with an earlier run
# Outputs generated from the two files; a new run removes them.
_OUTPUTS = ("report.html", "junit.xml", "summary.md", "badges", COMPARISON, PAGE_CASES, PAGE)
# The names of the two files until they are published.
NEW = {RESULTS: ".results.new", TRANSCRIPTS: ".transcripts.new"}


def lock(folder: Path, kind: int = fcntl.LOCK_EX) -> int:
    """Lock a folder and return the descriptor, which unlocks it when it is closed.

    The lock is on the folder itself, so it leaves no file behind, even after SIGKILL. Raises
    OSError; BlockingIOError if a run holds it.
    """
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(number, kind | fcntl.LOCK_NB)
    except BaseException:
        os.close(number)
        raise
    return number


def is_locked(folder: Path) -> bool:
    """Whether a run that has not ended yet writes into a folder."""
    try:
        os.close(lock(folder, fcntl.LOCK_SH))
    except BlockingIOError:
        return True
    except OSError:  # it does not exist, or its file system has no locks
        return False
    return False


def transcripts_file(folder: Path) -> Path:
    """The file with the transcripts of the results in a folder."""
    return folder / (NEW[TRANSCRIPTS] if _is_half_published(folder) else TRANSCRIPTS)


def settle(folder: Path) -> None:
    """Complete what a run began that ended while it published, and remove unpublished files.

    Raises OSError.
    """
    if _is_half_published(folder):
        os.replace(folder / NEW[TRANSCRIPTS], folder / TRANSCRIPTS)
    for name in (TRANSCRIPTS, RESULTS):
        remove(folder / NEW[name])


def publish(folder: Path) -> None:
    """Replace the results of an earlier run, whose other outputs are removed. Raises OSError."""
    for name in _OUTPUTS:
        remove(folder / name)
        remove(new_name(folder / name))
    for name in (RESULTS, TRANSCRIPTS):
        # An interruption after the first of the two leaves only the second to be moved.
        with contextlib.suppress(FileNotFoundError):
            os.replace(folder / NEW[name], folder / name)


def _is_half_published(folder: Path) -> bool:
    new = (folder / NEW[TRANSCRIPTS], folder / NEW[RESULTS])
    return os.path.lexists(new[0]) and not os.path.lexists(new[1])
