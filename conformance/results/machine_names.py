"""Replaces the paths, user name and host name of this machine in texts that are published.

A path becomes a shell variable, `$HOME/src`, so that a command in a remedy can still be run. Names
that many machines share identify nobody and are words of the texts themselves: they are kept.
"""

import getpass
import os
import re
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.assets import PACKAGE

# Names of users and hosts in images, CI services and distributions, and words of messages.
_SHARED = frozenset({
    "root", "user", "users", "runner", "test", "build", "builder", "admin", "app", "docker",
    "ubuntu", "debian", "alpine", "nobody", "jenkins", "vscode", "node", "gitpod", "codespace",
    "localhost", "java", "python", "php", "rest", "host", "mock", "oss",
})  # fmt: skip
_SHARED_PATHS = ("/", "/usr", "/usr/local", "/tmp")
# A word, and the end of a quote that is cut behind it.
_CUT = re.compile(r"(\S+?)(['\"]?\.\.\.)")
_BEGINNING = 6  # characters of a name that a cut quote may not end with; `/home/` says nothing
_SHORTEST = 3  # characters of a name; shorter ones occur in any text


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineNames:
    """The names and what replaces them."""

    replacements: Mapping[str, str]
    pattern: re.Pattern[str]

    def hidden(self, text: str) -> str:
        """The text without the names, and without the beginning of one where a quote is cut."""
        text = self.pattern.sub(lambda found: self.replacements[found[0]], text)
        return _CUT.sub(self._without_beginning, text) if "..." in text else text

    def _without_beginning(self, cut: re.Match[str]) -> str:
        for name, shown in self.replacements.items():
            for length in range(len(name) - 1, _BEGINNING - 1, -1):
                if cut[1].endswith(name[:length]):
                    return f"{cut[1][:-length]}{shown}{cut[2]}"
        return cut[0]

    def hidden_bytes(self, data: bytes) -> bytes:
        """The output of a program without the names."""
        text = data.decode("utf-8", "surrogateescape")
        return self.hidden(text).encode("utf-8", "surrogateescape")


def machine_names(more: Mapping[Path, str] | None = None) -> MachineNames:
    """The names of this machine now. more: further folders, with the name that each gets."""
    folders: dict[Path, str] = {
        **(more or {}),
        Path(os.environ.get("PWD", ".")): "$PWD",
        Path.cwd(): "$PWD",
        PACKAGE.parent: "$SUITE",
        Path(sys.prefix): "$PYTHON_PREFIX",
        Path(tempfile.gettempdir()): "$TMPDIR",
        Path.home(): "$HOME",
    }
    replacements: dict[str, str] = {}
    for folder, name in folders.items():
        for path in (str(folder.absolute()), str(folder.resolve())):
            if path not in _SHARED_PATHS:
                replacements.setdefault(path, name)
    host = socket.gethostname()
    words = dict.fromkeys((host, host.partition(".")[0]), "$HOSTNAME")
    words |= dict.fromkeys(user_names(), "$USER")
    own = {name: word for name, word in words.items() if _identifies(name)}
    longest_first = sorted(replacements, key=len, reverse=True)
    parts = [*map(_path_pattern, longest_first)]
    parts += [rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(own, key=len, reverse=True)]
    return MachineNames(replacements=replacements | own, pattern=re.compile("|".join(parts)))


def user_names() -> frozenset[str]:
    """The names of this user that identify somebody: of the login and of the home folder."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in its database
        login = ""
    return frozenset(filter(_identifies, (login, Path.home().name)))


def _identifies(name: str) -> bool:
    return len(name) >= _SHORTEST and name.lower() not in _SHARED


def _path_pattern(path: str) -> str:
    # `/srv` alone is also the end of many URLs and longer paths.
    begin = r"(?<![\w.])" if path.count("/") == 1 else ""
    return rf"{begin}{re.escape(path)}(?![\w-])"
