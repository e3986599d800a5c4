"""Escapes text for GitHub-flavoured Markdown."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def plain(text: str) -> str:
    """The text on one line, with Markdown characters escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str, *, cell: bool = False) -> str:
    """The text as a code span on one line; cell: in a table, where GFM 4.10 needs `\\|`."""
    line = " ".join(text.splitlines())
    if cell:
        line = line.replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    fence = "`" * ticks
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
