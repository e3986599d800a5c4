"""Escapes text for GitHub-flavoured Markdown."""

import re

from conformance.report.references import linked

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def plain(text: str) -> str:
    """The text on one line, with Markdown characters escaped."""
    return _escaped(" ".join(text.split()))


def lane_head(lane: str) -> str:
    """The name and version of a lane on two lines, for the head of a table."""
    return plain(lane).replace("@", "<br>", 1)


def with_links(text: str) -> str:
    """The same, with links to the standards and pages that the text names."""
    parts = linked(" ".join(text.split()))
    return "".join(f"[{_escaped(one)}]({to})" if to else _escaped(one) for one, to in parts)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def code(text: str, *, cell: bool = False) -> str:
    """The text as a code span on one line; cell: in a table, where GFM 4.10 needs `\\|`."""
    line = " ".join(text.splitlines())
    if cell:
        line = line.replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    fence = "`" * ticks
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
