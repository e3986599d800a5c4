"""Plain text laid out in columns: tables in blocks, wrapped paragraphs, colour.

Pure. The frame is ASCII, so that a log without UTF-8 shows it whole; colour is added after the
columns are laid out. Nothing is wider than `width` but ids, links and commands, which must stay
whole when they are copied.
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
_NAMES_AT_LEAST = 28  # columns for the case ids; with less the lanes go into several blocks
_NARROWEST = 5  # `known`, the longest cell
_VERSION_SHOWN = 12  # of a checkout's path this much of its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a text is to be laid out."""

    width: int = WIDTH
    color: bool = False

    def painted(self, text: str, word: str) -> str:
        """The text in the colour that belongs to a word of the matrix."""
        return f"\x1b[{_COLORS[word]}m{text}\x1b[0m" if self.color and word in _COLORS else text


PLAIN = Layout()


def table(
    title: str, lines: Sequence[tuple[str, Sequence[str]]], lanes: Sequence[str], layout: Layout
) -> list[str]:
    """Labels with a cell for each lane, in blocks below each other if they do not fit."""
    width = layout.width
    wanted = max((len(label) for label, _ in lines), default=0)
    out: list[str] = []
    heads = [_head(lane) for lane in lanes]
    columns = [
        max(_NARROWEST, *map(len, head), *(len(cells[index]) for _, cells in lines))
        for index, head in enumerate(heads)
    ]
    for block in _blocks(columns, width) if lines else ():
        widths = [columns[index] for index in block]
        names = min(wanted, max(_NAMES_AT_LEAST, width - sum(widths) - 2 * len(widths)))
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


def wrapped(text: str, head: str, width: int, *, whole: bool = False) -> list[str]:
    """`head` and text, broken at `width`, with the lines after the first hanging below it.

    whole: words longer than a line, such as links, are not broken.
    """
    hang = " " * len(head) or "    "
    room = max(20, width - len(hang))
    lines = [
        line
        for part in text.splitlines() or [""]
        for line in textwrap.wrap(part, room, break_on_hyphens=False, break_long_words=not whole)
        or [""]
    ]
    return [(head + lines[0]).rstrip(), *(hang + line for line in lines[1:])]


def text_of(lines: Sequence[str]) -> str:
    """The lines as one text that ends with a line feed; "" for none."""
    text = "\n".join(lines).strip("\n")
    return text + "\n" if text else ""


def progress(done: int, total: int, failed: int, current: str, width: int = WIDTH) -> str:
    """One line without a line feed, shorter than `width`; total 0: unknown."""
    line = f"{done}{f'/{total}' if total else ''} done, {failed} failed  {current}"
    return line if len(line) < width else line[: width - 4] + "..."


def _blocks(columns: Sequence[int], width: int) -> Iterator[list[int]]:
    """Indexes of the columns, given by their widths, that fit side by side."""
    block: list[int] = []
    used = _NAMES_AT_LEAST
    for index, column in enumerate(columns):
        if block and used + column + 2 > width:
            yield block
            block, used = [], _NAMES_AT_LEAST
        block.append(index)
        used += column + 2
    if block:
        yield block


def _head(lane: str) -> tuple[str, str]:
    """`java@3.17.4` over two lines; of a checkout's path its end, which tells it from others."""
    name, at, version = lane.partition("@")
    version = version.removeprefix("path:")
    if len(version) > _VERSION_SHOWN:
        version = ".." + version[2 - _VERSION_SHOWN :]
    return (name, version) if at else ("", name)


def _line(
    label: str, words: Sequence[str], widths: Sequence[int], names: int, layout: Layout
) -> str:
    padded = [word.ljust(width) for word, width in zip(words, widths, strict=True)]
    padded[-1] = padded[-1].rstrip()
    cells = [layout.painted(text, word) for text, word in zip(padded, words, strict=True)]
    return (label.ljust(names) + "  " + "  ".join(cells)).rstrip()
