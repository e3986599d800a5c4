"""Text that is put into GitHub-flavoured Markdown and can be no markup there."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def plain(text: str) -> str:
    """Text on one line that is no markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str, *, cell: bool = False) -> str:
    """A code span on one line that holds any text; in a table its pipes are escaped (GFM 4.10)."""
    line = " ".join(text.splitlines())
    if cell:
        line = line.replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    fence = "`" * ticks
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
