"""Calls of `oss-bodies` in a process of its own, and what several tests give it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from conformance.assets import VECTORS

ONE = ["--case", "process/sen/50"]
KNOWN: dict[str, Any] = {
    "cases": "process/sen/50",
    "rules": ["process.string"],
    "reason": "sen is dropped from the string",
    "link": "https://example.com/1",
}


def oss_bodies(
    *words: str, cwd: Path, timeout: float = 60, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, **variables},
    )  # fmt: skip


def own_vectors(path: Path) -> None:
    """A vector file of one case, process/mine/50, that the corpus does not have."""
    document = json.loads((VECTORS / "process" / "sen.json").read_text(encoding="utf-8"))
    (case,) = (one for one in document["cases"] if one["id"] == "process/sen/50")
    document |= {"topic": "process/mine", "cases": [case | {"id": "process/mine/50"}]}
    document.pop("flags")
    path.write_text(json.dumps(document), encoding="utf-8")


def repeat_command(ran: subprocess.CompletedProcess[str]) -> list[str]:
    """The words behind `oss-bodies` in the one repeat command of a text."""
    lines = [line.strip() for line in ran.stdout.splitlines()]
    (line,) = (line for line in lines if line.startswith("repeat "))
    return shlex.split(line.removeprefix("repeat"))[1:]
