"""Calls of `oss-bodies`, and what several tests give it."""

import io
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from conformance import cli
from conformance.assets import VECTORS

ONE = ["--case", "process/sen/50"]
HANDLED = (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP)  # a call sets their handlers
KNOWN: dict[str, Any] = {
    "cases": "process/sen/50",
    "rules": ["process.string"],
    "reason": "sen is dropped from the string",
    "link": "https://example.com/1",
}


def oss_bodies(
    *words: str, cwd: Path, limit: int = 120, environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """What a command prints and exits with, called in this process: a start of Python costs more
    than most commands.

    limit: seconds until it is interrupted. environment: variables that are set meanwhile.
    """
    output, errors = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in HANDLED}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(cwd)
        for name, value in environment.items():
            patch.setenv(name, value)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.alarm(limit)
        try:
            code = cli.main(words)
        finally:
            signal.alarm(0)
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())


def oss_bodies_alone(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, as users start it."""
    command = [sys.executable, "-m", "conformance", *words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


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
