"""What identifies the checkout of an SDK: a digest over its files, and what Git calls its commit.

Only read: Git is asked without locks, hooks and monitors, and not about a folder above.
"""

import os
import subprocess
from pathlib import Path

from conformance.model.manifest import Checkout
from conformance.runner.build import digest, files_below

_GIT_LIMIT = 20  # seconds; `status` reads every file of a large tree


def checkout(folder: Path) -> Checkout:
    """The identity of a checkout; raises InputError as `files_below` does."""
    return Checkout(describe=_describe(folder.resolve()), tree=digest(files_below(folder)))


def _describe(folder: Path) -> str | None:
    """`git describe`, with `-dirty` for local changes; None without Git or a repository."""
    named = _git(folder, "describe", "--tags", "--always")
    # Not `describe --dirty`, which writes the index.
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no") if named else None
    return f"{named}-dirty" if changed else named or None


def _git(folder: Path, *words: str) -> str | None:
    """What Git prints; None if it fails."""
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_OPTIONAL_LOCKS": "0",
    }
    try:
        asked = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if asked.returncode else asked.stdout.decode("utf-8", "replace").strip()
