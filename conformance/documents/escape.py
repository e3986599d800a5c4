"""Makes the text of others visible: what a terminal or a viewer would act on is escaped.

Pure. Control characters can move the cursor and set the title of a terminal, bidirectional controls
(Unicode Standard Annex 9) can reorder a line so that it reads as another one, and half of a
surrogate pair cannot be encoded. Line ends and tabs stay.
"""

import re

# C0 and C1 controls but tab and line feed; the explicit bidirectional controls, line and paragraph
# separators, and surrogates.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# The colours of `text_layout` (ECMA-48 Select Graphic Rendition) and its clearing of a line.
_OWN = re.compile("(\x1b\\[[0-9;]{0,6}m|\r\x1b\\[K)")


def visible(text: str, *, colors: bool = False) -> str:
    """The text with escapes (`\\x1b`, `\\u202e`) in place of characters that act.

    colors: keep the sequences that colour text and clear a line, for a terminal.
    """
    if _ACTING.search(text) is None:
        return text
    if colors:
        return "".join(
            part if index % 2 else _escaped(part) for index, part in enumerate(_OWN.split(text))
        )
    return _escaped(text)


def _escaped(text: str) -> str:
    return _ACTING.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
