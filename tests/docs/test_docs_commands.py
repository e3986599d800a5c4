"""Every command of the documentation is run as a reader would, and prints what the page shows."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command.calling import oss_bodies

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
# Languages of fences that show something and are no command.
_SHOWN = {"text", "json", "python", "yaml", "groovy"}
# What pages show and no test here runs: installations from a registry.
_ELSEWHERE = ("pip install ", "pipx run ", "oss-bodies run --lane python@path:. ")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a page and the lines that the page shows of its output."""

    command: str
    lines: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """What the page says that the command ends with."""
        told = [line.removeprefix("exit code ") for line in self.lines if "exit code " in line]
        return int(told[0]) if told else 0


def fences(page: Path) -> Iterator[tuple[str, str, str]]:
    """Language, title and text of each fence."""
    for found in _FENCE.finditer(page.read_text(encoding="utf-8")):
        yield found[1], found[2] or "", found[3]


def shown(text: str) -> Iterator[Shown]:
    """The commands of a `console` fence."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield Shown(command, tuple(line.strip() for line in lines if line.strip()))


def plain(text: str) -> str:
    """The text with all white space as single blanks: lines may be wrapped elsewhere."""
    return " ".join(text.split())


def words_of(command: str) -> list[str]:
    """The words of a command as a shell splits them, with its unquoted operators."""
    split = shlex.shlex(command, posix=True, punctuation_chars=True)
    split.whitespace_split = True
    return list(split)


def run(one: Shown, folder: Path) -> str:
    """Run a command in the folder; returns its output with the exit code that a page may show.

    `oss-bodies` alone is called in this process: most of its commands take less than its start.
    """
    name, *words = words_of(one.command)
    if name == "oss-bodies" and not any(re.fullmatch("[();<>|&]+", word) for word in words):
        ended = oss_bodies(*words, cwd=folder, limit=300)
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(
            ["sh", "-c", one.command], cwd=folder, env={**os.environ, "PATH": path}, check=False,
            capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    output = f"{ended.stdout}\n{ended.stderr}\nexit code {ended.returncode}"
    assert ended.returncode == one.exit_code, f"$ {one.command}\n{output}"
    return output


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_of_a_page_does_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    for language, title, text in fences(page):
        if title:
            (tmp_path / title).parent.mkdir(exist_ok=True)
            (tmp_path / title).write_text(text, encoding="utf-8")
        for one in shown(text) if language == "console" else ():
            output = plain(run(one, tmp_path))
            at = 0
            for line in map(plain, one.lines):
                found = output.find(line, at)
                assert found >= 0, f"$ {one.command}\n{line!r} is not in\n{output}"
                at = 0 if line.startswith("exit code") else found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_that_are_not_run_are_installations(page: Path) -> None:
    for language, _, text in fences(page):
        assert language in {*_SHOWN, "console", "sh"}
        for line in text.splitlines() if language == "sh" else ():
            assert line.startswith(_ELSEWHERE)
