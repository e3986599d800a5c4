"""Percent-encoding as Signature V4 wants it, and back without losing a byte.

Text stands for the bytes on the wire: UTF-8, and a byte that is not UTF-8 travels as a
lone surrogate (PEP 383), so that decode and encode are inverse for any bytes. Unreserved are
A-Z a-z 0-9 - _ . ~ (facts: V4 CanonicalURI; RFC 3986 2.3). `+` is a plus sign, never a space.
"""

from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

# Names and values of one run repeat; this many encoded ones are kept. Long texts are not.
_KEPT = 1024
_LONG = 256


def encode(text: str, *, keep: str = "") -> str:
    """The text with every byte but the unreserved ones and those in `keep` as %XX, upper case.

    keep: ASCII characters. A surrogate that stands for no byte is written as UTF-8 would write it.
    """
    if len(text) > _LONG:
        return _encode(text, keep)
    return _encode_kept(text, keep)


def _encode(text: str, keep: str) -> str:
    return quote(raw(text), safe=keep + "~")


_encode_kept = lru_cache(maxsize=_KEPT)(_encode)


def decode(text: str) -> str:
    """The text with each valid %XX decoded; bytes that are not UTF-8 become lone surrogates.

    A `%` without two hexadecimal digits stays as it is. Raw non-ASCII characters are taken as
    the Latin-1 reading of the bytes on the wire, as `model.http` gives them.
    """
    if "%" not in text and text.isascii():
        return text
    return unquote_to_bytes(wire(text)).decode("utf-8", "surrogateescape")


def unwire(text: str) -> str:
    """A header value or another raw piece as decoded text, nothing percent-decoded."""
    return text if text.isascii() else wire(text).decode("utf-8", "surrogateescape")


def raw(text: str) -> bytes:
    """The bytes that decoded text stands for; total."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def wire(text: str) -> bytes:
    """The bytes on the wire of a piece of a request: Latin-1, or UTF-8 where that cannot be."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return raw(text)


def query_pairs(raw_query: str) -> tuple[tuple[str, str], ...]:
    """Decoded names and values in order, duplicates kept; a name without `=` has the value ""."""
    pairs = (part.partition("=") for part in raw_query.split("&") if part)
    return tuple((decode(name), decode(value)) for name, _, value in pairs)
