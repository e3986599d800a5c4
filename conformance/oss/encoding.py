"""Percent-encoding as Signature V4 defines it, and lossless decoding.

Decoded text is bytes decoded as UTF-8, with a lone surrogate for each invalid byte (PEP 383), so
that encoding it restores any bytes. The unreserved characters are A-Z a-z 0-9 - _ . ~ (V4
CanonicalURI; RFC 3986 2.3). `+` is a plus sign; in a query it
may also stand for a space, since how the service reads it is not published (see `spaced`).
"""

from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

# Names and values repeat within a run, so all but long encoded texts are cached.
_CACHED = 1024
_LONG = 256  # characters


def encode(text: str, *, keep: str = "") -> str:
    """The text with each byte as %XX in upper case, except unreserved characters and `keep`.

    keep: ASCII characters. A surrogate that represents no byte is encoded as by `raw`.
    """
    if len(text) > _LONG:
        return _encode(text, keep)
    return _encode_cached(text, keep)


def _encode(text: str, keep: str) -> str:
    return quote(raw(text), safe=keep + "~")


_encode_cached = lru_cache(maxsize=_CACHED)(_encode)


def decode(text: str) -> str:
    """The text with each valid %XX decoded; bytes that are not UTF-8 become lone surrogates.

    text: from the wire, so a non-ASCII character is a byte decoded as Latin-1 (see `model.http`).
    A `%` without two hexadecimal digits is left as it is.
    """
    if "%" not in text and text.isascii():
        return text
    return unquote_to_bytes(wire(text)).decode("utf-8", "surrogateescape")


def unwire(text: str) -> str:
    """A header value or other text from the wire as decoded text, without percent-decoding."""
    return text if text.isascii() else wire(text).decode("utf-8", "surrogateescape")


def raw(text: str) -> bytes:
    """The bytes of decoded text; a surrogate that represents no byte is encoded as UTF-8 would."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def wire(text: str) -> bytes:
    """The bytes of text from the wire: Latin-1, or UTF-8 for characters beyond it."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return raw(text)


def spaced(raw_query: str) -> str:
    """The query as a form reads it: each bare `+` stands for a space."""
    return raw_query.replace("+", "%20")


def query_pairs(raw_query: str) -> tuple[tuple[str, str], ...]:
    """Decoded names and values in order, with duplicates; a name without `=` has the value ""."""
    pairs = (part.partition("=") for part in raw_query.split("&") if part)
    return tuple((decode(name), decode(value)) for name, _, value in pairs)
