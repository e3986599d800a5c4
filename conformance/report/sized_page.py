"""Fits a page of Markdown below a size: sections in order, each as far as there is room.

Pure. A comment on GitHub takes 65,536 characters. What does not fit is counted and left to
`report.html`, which has all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.documents.escape import visible

LONGEST = 59_000  # characters of the page
_REFERENCE = "The rest is in `report.html`: {} more."
_RESERVED = len(_REFERENCE) + 10  # characters of a reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page. Blocks are whole: one is shown, or left out with all that follow it."""

    blocks: tuple[str, ...]  # of one or more lines, without the last line feed
    heading: str = ""  # lines before the first block
    most: int = LONGEST  # characters of the section
    reserved: bool = False  # shown in full, whatever those before it leave


def sized(sections: Sequence[Section], longest: int = LONGEST) -> str:
    """The page of these sections with at most this many characters."""
    filled = [section for section in sections if section.blocks]
    room = longest - sum(len(visible(section.heading)) + _RESERVED + 2 for section in filled)
    room -= sum(len(visible(block)) + 1 for one in filled if one.reserved for block in one.blocks)
    out: list[str] = []
    for section in filled:
        if section.reserved:
            shown = list(map(visible, section.blocks))
        else:
            shown = list(_fitting(section.blocks, min(room, section.most)))
            room -= sum(len(block) + 1 for block in shown)
        out += [section.heading] if section.heading else []
        out += shown
        left = len(section.blocks) - len(shown)
        out += ["", _REFERENCE.format(f"{left:,}")] if left else []
    return "\n".join(out) + "\n"


def _fitting(blocks: Iterable[str], room: int) -> Iterable[str]:
    for block in map(visible, blocks):
        room -= len(block) + 1
        if room < 0:
            return
        yield block
