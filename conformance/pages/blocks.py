"""Splits a saved page into blocks: headings, text, and code with the language that the page names.

A page is HTML, Markdown or text. In HTML, `pre` elements hold code; in Markdown, fences do; in text
nothing marks it, so `text_blocks` finds code by its shape. Code keeps every character of the page,
except that HTML says itself what its entities and line ends stand for.
"""

import re
from collections.abc import Iterator

from conformance.pages.block import Block
from conformance.pages.html_blocks import html_blocks
from conformance.pages.text_blocks import text_blocks

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)$")
_HTML = re.compile(r"\s*<(?:!doctype\b|html\b|head\b|body\b|\?xml\b|!--)", re.IGNORECASE)


def page_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a page in its order."""
    text = text.removeprefix("\ufeff")
    read = {"HTML": html_blocks, "Markdown": _markdown, "text": text_blocks}
    return tuple(read[format_of(text)](text))


def format_of(text: str) -> str:
    """How `page_blocks` reads a page: `HTML`, `Markdown` or `text`."""
    if _HTML.match(text.removeprefix("\ufeff")):
        return "HTML"
    if any(_FENCE.match(line) for line in text.splitlines()):
        return "Markdown"
    return "HTML" if re.search(r"<pre\b", text, re.IGNORECASE) else "text"


def _markdown(text: str) -> Iterator[Block]:
    lines = text.splitlines(keepends=True)
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        fence = _FENCE.match(line.rstrip("\r\n"))
        if fence is None:
            yield from _line(line, number)
            continue
        start, body = number + 1, []
        while number < len(lines) and not _closes(lines[number], fence["mark"]):
            body.append(_unindented(lines[number], len(fence["indent"])))
            number += 1
        number += 1  # the closing fence
        yield Block(kind="code", text="".join(body), line=start, language=_label(fence["info"]))


def _label(info: str) -> str:
    """The language in the info string of a fence: `java`, `{.java}`, `{#id .language-java}`."""
    named = re.search(r"lang(?:uage)?-([\w+#.]+)", info) or re.match(r"\{?\.?([\w+#.-]+)", info)
    return named[1].lower() if named is not None and not named[1].startswith("#") else ""


def _closes(line: str, mark: str) -> bool:
    stripped = line.strip()
    return stripped.startswith(mark) and set(stripped) == {mark[0]}


def _unindented(line: str, width: int) -> str:
    """A line without the indentation of its fence, at most (CommonMark 4.5)."""
    indent = len(line) - len(line.lstrip(" \t"))
    return line[min(indent, width) :]


def _line(line: str, number: int) -> Iterator[Block]:
    stripped = line.strip()
    if not stripped:
        return
    heading = re.fullmatch(r"#{1,6}\s+(.*?)\s*#*|(?:\*\*|__)(.+?)(?:\*\*|__)", stripped)
    if heading is not None:
        yield Block(kind="heading", text=heading[1] or heading[2], line=number)
    else:
        yield Block(kind="text", text=stripped, line=number)
