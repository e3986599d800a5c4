"""Texts of the page: each is stored once, shortened, and without characters that act.

Bytes that were sent and received are shown as ASCII, with `\\xNN` for every other byte, so that
differences can be marked to the byte.
"""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from conformance.documents.escape import visible

Json = Any

LONGEST = 2_000  # characters of one text; of a longer one the beginning is stored
_SHORT = 300  # characters of a text that is looked up before it is escaped
_PLACEHOLDER = "%d"
_BLANKS = {"\n": "\\n", "\t": "\\t"}
_NOT_ASCII = re.compile(r"[^\t\n\x20-\x5b\x5d-\x7e]")  # and the backslash, which begins an escape


class SharedStrings:
    """The distinct strings of the page, in the order in which they were added."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._seen: dict[str, int] = {}  # short texts as they were given

    def add(self, text: str) -> int:
        """The number of the text, as the page shows it."""
        if len(text) > _SHORT:
            return self._number(shown_text(text))
        number = self._seen.get(text)
        if number is None:
            number = self._seen[text] = self._number(shown_text(text))
        return number

    def filled(self, form: str, texts: Iterable[str]) -> str:
        """JSON with the number of each text, which is as the page shows it; as `parted` returns."""
        numbers = self._numbers
        return form % tuple([numbers.setdefault(text, len(numbers)) for text in texts])

    def _number(self, shown: str) -> int:
        return self._numbers.setdefault(shown, len(self._numbers))

    @property
    def values(self) -> list[str]:
        """All strings; the index of each is its number."""
        return list(self._numbers)


def parted(value: Json) -> tuple[str, tuple[str, ...]]:
    """JSON in which a placeholder stands for each text, and the texts, equal ones as one object.

    So it takes little to send it to another process, which knows the numbers of the texts. No name
    of a member has a percent sign.
    """
    texts: list[str] = []
    form = json.dumps(_parted(value, texts), separators=(",", ":"))
    return form.replace(f'"{_PLACEHOLDER}"', _PLACEHOLDER), tuple(texts)


def _parted(value: Json, texts: list[str]) -> Json:
    if isinstance(value, str):
        texts.append(_same(value))
        return _PLACEHOLDER
    if isinstance(value, list):
        return [_parted(item, texts) for item in value]
    if isinstance(value, dict):
        return {name: _parted(member, texts) for name, member in value.items()}
    return value


# Most texts of a trial are in those of other lanes and of similar cases as well.
@lru_cache(maxsize=4096)
def _same(text: str) -> str:
    return text


def shown_text(text: str, longest: int = LONGEST) -> str:
    """The text shortened, with escapes for characters that act and for blanks at its ends."""
    if len(text) > longest:
        text = f"{text[:longest]}... ({len(text):,} characters)"
    return visible_ends(visible(text))


# Most lines of a head occur in many messages.
@lru_cache(maxsize=512)
def shown_line(data: bytes, longest: int = LONGEST) -> str:
    """As `shown_bytes`, for a line of a head."""
    return shown_bytes(data, longest)


def shown_bytes(data: bytes, longest: int = LONGEST) -> str:
    """The bytes as ASCII, shortened."""
    text = data[:longest].decode("latin-1")
    more = f"... ({len(data):,} bytes)" if len(data) > longest else ""
    return visible_ends(_NOT_ASCII.sub(_escaped, text) + more)


def shown_content(data: bytes, longest: int = LONGEST) -> str:
    """The content of a message: as text if it is UTF-8, else as `shown_bytes`; shortened."""
    try:
        text = data[:longest].decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) <= longest or error.start < longest - 3:
            return shown_bytes(data, longest)
        text = data[: error.start].decode("utf-8")  # the end of the part is within a character
    more = f"... ({len(data):,} bytes)" if len(data) > longest else ""
    return visible_ends(visible(text) + more)


def visible_ends(text: str) -> str:
    """The text with escapes (`\\x20`, `\\n`) in place of blanks and line ends at its ends."""
    middle = text.strip()
    if len(middle) == len(text):
        return text
    start, _, end = text.partition(middle) if middle else (text, "", "")
    return "".join(map(_blank, start)) + middle + "".join(map(_blank, end))


def _blank(character: str) -> str:
    code = ord(character)
    return _BLANKS.get(character, f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _escaped(found: re.Match[str]) -> str:
    return "\\\\" if found[0] == "\\" else f"\\x{ord(found[0]):02x}"
