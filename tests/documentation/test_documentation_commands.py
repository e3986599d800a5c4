"""Every command in the documentation is executed: the fenced `console` blocks of docs/.

A line that begins with `$ ` is a command; each other line must be in what the block prints. A
comment before a block may say `exit: N` (default 0), or `needs: COMMAND` of oss-bodies.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.assets import PACKAGE

DOCS = PACKAGE.parent / "docs"
_BLOCK = re.compile(
    r"(?:<!-- (?P<about>[^>]*) -->\n)?```console\n(?P<text>.*?)```", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands that follow each other, and what they print."""

    commands: str
    printed: tuple[str, ...]
    about: str

    @property
    def exit(self) -> int:
        """The exit code of the last command."""
        found = re.search(r"exit: (\d+)", self.about)
        return int(found[1]) if found else 0

    @property
    def missing(self) -> bool:
        """Whether it needs a command that this version does not have."""
        found = re.search(r"needs: (\w+)", self.about)
        return (
            found is not None
            and importlib.util.find_spec(f"conformance.command.{found[1]}") is None
        )


def blocks(page: Path) -> list[Block]:
    found = []
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        lines = match["text"].splitlines()
        commands = "\n".join(line[2:] for line in lines if line.startswith("$ "))
        printed = tuple(line for line in lines if line and not line.startswith("$ "))
        found.append(Block(commands=commands, printed=printed, about=match["about"] or ""))
    return found


PAGES = {str(page.relative_to(DOCS)): blocks(page) for page in sorted(DOCS.rglob("*.md"))}


def run(block: Block, folder: Path) -> None:
    if block.missing:
        return
    done = subprocess.run(
        ["bash", "-e", "-c", block.commands],
        cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
    )  # fmt: skip
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == block.exit, f"{block.commands}: {output}"
    for line in block.printed:
        assert " ".join(line.split()) in output, f"{block.commands}: {output}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reader's folder: the files of the tutorial, and the command on the path."""
    shutil.copytree(DOCS / "tutorial", tmp_path / "tutorial")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "oss-bodies"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    program.chmod(0o755)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", [name for name, found in PAGES.items() if found])
def test_the_commands_of_a_page_do_what_it_says(page: str, folder: Path) -> None:
    for block in PAGES[page]:
        run(block, folder)


def test_every_command_of_the_suite_in_a_page_is_in_a_block_that_is_run() -> None:
    for page in DOCS.rglob("*.md"):
        others = _BLOCK.sub("", page.read_text(encoding="utf-8"))
        assert "\n$ " not in others, page.name
        assert not re.search(r"```(?:sh|bash|shell)\n", others), page.name
