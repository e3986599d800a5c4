"""The blocks of an HTML page.

Code is what `pre` elements contain, as a browser copies it: character references are decoded, tags
inside are removed, `br` is a line end. A line end is LF and the one behind `<pre>` does not count
(HTML Living Standard 13.2.3.5, 13.2.6.4.7). A class or data attribute of the element, of one inside
or of one of the nearest around it names the language.
"""

import re
from html.parser import HTMLParser

from conformance.pages.block import Block

_HIDDEN = frozenset({"script", "style", "template", "noscript"})
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
    ]
)
_DEPTH = 200  # elements inside that an end tag may close; a page leaves many `p` and `li` open
_AROUND = 3  # elements around `pre` whose attributes may name the language
_LANGUAGE_CLASS = re.compile(
    r"(?:^|[\s\"])(?:highlight-source|language|lang|brush|highlight|source)"
    r"(?:-|:\s*)(?!default\b)([\w+#.]+)"
)
_ATTRIBUTES = ("data-lang", "data-language", "outputclass", "lang", "class")


def html_blocks(text: str) -> list[Block]:
    """The blocks of a page."""
    reader = _Blocks()
    reader.feed(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    reader.flush()
    return reader.blocks


class _Blocks(HTMLParser):
    """Collects blocks; `_open` has the open elements, each with the language that it names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[tuple[str, str]] = []
        self._hidden = 0  # open elements whose text is not shown
        self._text: list[str] = []
        self._line = 1
        self._kind = "text"
        self._language = ""

    def flush(self) -> None:
        """End the block in progress."""
        text = "".join(self._text)
        self._text.clear()
        text = text.removeprefix("\n") if self._kind == "code" else " ".join(text.split())
        if text.strip():
            self.blocks.append(
                Block(kind=self._kind, text=text, line=self._line, language=self._language)
            )
        self._kind, self._language = "text", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        language = _language(dict(attrs))
        if self._kind == "code":
            if tag == "br":
                self._text.append("\n")
            self._language = self._language or language
        elif tag not in _INLINE:
            self.flush()
        if tag in _VOID:
            return
        self._open.append((tag, language))
        self._hidden += tag in _HIDDEN
        if tag == "pre":
            around = [named for _, named in reversed(self._open[-1 - _AROUND :]) if named]
            self._begin("code", around[0] if around else "")
        elif self._kind != "code" and re.fullmatch(r"h[1-6]", tag):
            self._begin("heading")

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser; an end tag closes the elements inside that were left open."""
        for index in range(len(self._open) - 1, max(-1, len(self._open) - 1 - _DEPTH), -1):
            if self._open[index][0] == tag:
                self._hidden -= sum(name in _HIDDEN for name, _ in self._open[index:])
                del self._open[index:]
                break
        if tag == "pre" or (self._kind != "code" and tag not in _INLINE):
            self.flush()

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        if self._hidden:
            return
        if not self._text:
            self._line = self.getpos()[0] + (len(data) - len(data.lstrip("\n")))
        self._text.append(data)

    def _begin(self, kind: str, language: str = "") -> None:
        self.flush()
        self._kind, self._language = kind, language


def _language(attributes: dict[str, str | None]) -> str:
    for name in _ATTRIBUTES:
        value = (attributes.get(name) or "").strip().lower()
        found = _LANGUAGE_CLASS.search(value)
        if found is not None:
            return found[1]
        if value and name.startswith("data-"):
            return value
    return ""
