"""Lays out plain text: tables, wrapped paragraphs, colour.

Pure. Layout characters are ASCII, so that any log can show them; colour is added after the columns
are laid out. Only ids, links and commands may be wider than `width`, so that they can be copied.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 80
_COLORS = {
    "ok": "32",
    "FAIL": "1;31",
    "ERR": "1;33",
    "skip": "2",
    "known": "33",
    "note": "36",
    "ok!": "1;31",
}
_LEAST_LABELS = 28  # columns for the labels; lanes that leave fewer go into the next block
_LEAST_CELL = 5  # `known`, the longest cell
_VERSION_SHOWN = 12  # characters of a version; of a longer one the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The width of a text, and whether it is coloured."""

    width: int = WIDTH
    color: bool = False

    def colored(self, text: str, word: str) -> str:
        """The text in the colour of a word of the matrix."""
        return f"\x1b[{_COLORS[word]}m{text}\x1b[0m" if self.color and word in _COLORS else text


PLAIN = Layout()


def table(
    title: str, lines: Sequence[tuple[str, Sequence[str]]], lanes: Sequence[str], layout: Layout
) -> list[str]:
    """Labels with a cell for each lane; lanes that do not fit go into further blocks below."""
    width = layout.width
    longest = max((len(label) for label, _ in lines), default=0)
    out: list[str] = []
    heads = [_head(lane) for lane in lanes]
    columns = [
        max(_LEAST_CELL, *map(len, head), *(len(cells[index]) for _, cells in lines))
        for index, head in enumerate(heads)
    ]
    for block in _blocks(columns, width, min(longest, _LEAST_LABELS)) if lines else ():
        widths = [columns[index] for index in block]
        names = min(longest, max(_LEAST_LABELS, width - sum(widths) - 2 * len(widths)))
        for level, name in enumerate(("", title)):
            words = [heads[index][level] for index in block]
            if any(words):
                out.append(_line(name, words, widths, names, PLAIN))
        for label, cells in lines:
            if len(label) > names:
                out.append(label)
            shown = label if len(label) <= names else ""
            out.append(_line(shown, [cells[i] for i in block], widths, names, layout))
        out.append("")
    return out


def wrapped(text: str, head: str, width: int, *, break_words: bool = True) -> list[str]:
    """`head` and the text, wrapped at `width`, with further lines indented to the width of `head`.

    break_words: whether to break words that are longer than a line; links are not broken.
    """
    indent = " " * len(head) or "    "
    room = max(20, width - len(indent))
    lines = [
        line
        for part in text.splitlines() or [""]
        for line in textwrap.wrap(part, room, break_on_hyphens=False, break_long_words=break_words)
        or [""]
    ]
    return [(head + lines[0]).rstrip(), *(indent + line for line in lines[1:])]


def shortened(text: str, longest: int) -> str:
    """The text, or its first words with `...` after them; at most `longest` characters and that.

    A word that is longer than half of it is cut.
    """
    if len(text) <= longest:
        return text
    end = max(text.rfind(blank, longest // 2, longest + 1) for blank in " \n")
    return text[:longest] + "..." if end < 0 else text[:end].rstrip() + " ..."


def text_of(lines: Sequence[str]) -> str:
    """The lines as one text that ends with a line feed; "" if there are none."""
    text = "\n".join(lines).strip("\n")
    return text + "\n" if text else ""


def progress(done: int, total: int, failed: int, current: str, width: int = WIDTH) -> str:
    """A line of progress, shorter than `width`; a total of 0 is unknown."""
    line = f"{done}{f'/{total}' if total else ''} done, {failed} failed  {current}"
    return line if len(line) < width else line[: width - 4] + "..."


def _blocks(columns: Sequence[int], width: int, labels: int) -> Iterator[list[int]]:
    """The indexes of the columns in each block. columns, labels: their widths."""
    block: list[int] = []
    used = labels
    for index, column in enumerate(columns):
        if block and used + column + 2 > width:
            yield block
            block, used = [], labels
        block.append(index)
        used += column + 2
    if block:
        yield block


def _head(lane: str) -> tuple[str, str]:
    """The name and version of a lane, for two lines; of a long version, the end."""
    name, at, version = lane.partition("@")
    if len(version) > _VERSION_SHOWN:
        version = ".." + version[2 - _VERSION_SHOWN :]
    return (name, version) if at else ("", name)


def _line(
    label: str, words: Sequence[str], widths: Sequence[int], names: int, layout: Layout
) -> str:
    padded = [word.ljust(width) for word, width in zip(words, widths, strict=True)]
    padded[-1] = padded[-1].rstrip()
    cells = [layout.colored(text, word) for text, word in zip(padded, words, strict=True)]
    return (label.ljust(names) + "  " + "  ".join(cells)).rstrip()
