"""Copies of the runner without an SDK, with changes, for benchmarks that need a strange lane."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.assets import RUNNERS

Change = tuple[str, str]


def copied_runner(
    folder: Path, name: str, changes: Sequence[Change], manifest: dict[str, Any] | None = None
) -> Path:
    """Copy the runner and what it shares below a folder, as the lane `name`; return its folder.

    changes: texts of the program and what takes their place. manifest: members to set.
    """
    for part in ("rest", "shared"):
        shutil.copytree(RUNNERS / "python" / part, folder / part)
    runner = folder / "rest"
    described = json.loads((runner / "manifest.json").read_text()) | {"name": name}
    (runner / "manifest.json").write_text(json.dumps(described | (manifest or {})))
    change(runner / "runner.py", ('"rest"', f'"{name}"'), *changes)
    return runner


def change(file: Path, *changes: Change) -> None:
    """Replace texts of a file, each of which has to be in it."""
    text = file.read_text()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    file.write_text(text)
