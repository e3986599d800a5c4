"""Quotes values for findings: exactly, visibly, and short enough for a screen.

A short value is quoted in full. A long one is shown by its length, its SHA-256 and the first place
where it differs from its counterpart, with some bytes on both sides, which reveals a single byte
missing from a megabyte. Text and bytes are treated alike.
"""

import hashlib
import re
import unicodedata

# Longest value quoted in full, in characters or bytes: two lines of an 80-column terminal.
WHOLE = 160
# Bytes shown on each side of the first difference, enough to find the place in a JSON document.
CONTEXT = 20
# Patterns of text that differs in every run, and what is shown instead.
_VOLATILE = (
    (re.compile(r"\d{8}T\d{6}Z"), "<time>"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"), "<time>"),
    # A program may print a line end as the two characters \n.
    (re.compile(r"(?:(?<=[/\nn])|(?<=2[Ff]))\d{8}(?=/|%2F|%2f|%252F)"), "<day>"),
    # The end of a V1 URL's validity, in its string to sign and in the URL.
    (re.compile(r"(?:(?<=\n)|(?<=\\n))\d{10}(?=\n|\\n)|(?<=\bExpires=)\d{10}\b"), "<time>"),
    (re.compile(r"(aliyun_v4_request(?:\n|\\n))[0-9a-f]{64}"), r"\1<hash>"),
    (re.compile(r"(SignatureProvided\W{1,5})[\w+/=]{28,64}"), r"\1<signature>"),
    (re.compile(r"(?:\b[0-9A-F]{2} ){16,}(?:[0-9A-F]{2}\b)?"), "<bytes>"),
    (re.compile(r"(?<=Signature=)[0-9a-f]{64}"), "<signature>"),
    (re.compile(r"(?<=signature=)[0-9a-f]{64}"), "<signature>"),
    (re.compile(r"\b[0-9A-F]{24}\b"), "<request id>"),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "<address>"),
    (re.compile(r"(?<=127\.0\.0\.1:)\d+"), "<port>"),
)
# Characters at each end of a text in which they are looked for: no head, message or output that
# the suite takes is longer. A lane that sends megabytes must not take the processor of the others.
_SEARCHED = 2**20
# Folders of a path; results hold no path of the machine.
FOLDERS = re.compile(r"(?<![\w/.:])/(?:[^\s/:\"']+/)+")


def quote(value: object) -> str:
    """One value, quoted; a long text or byte string is shown by its beginning and its length.

    Text that is not in normal form C is escaped, because its normal form looks the same.
    """
    if value is None:
        return "nothing"
    if isinstance(value, str | bytes):
        if len(value) > WHOLE:
            return f"{_literal(value[:WHOLE])}... ({_size(value)})"
        return _literal(value)
    return clip(str(value))


def clip(text: str) -> str:
    """A text without quotes, truncated where a quoted one would be, and always valid UTF-8.

    A JSON document may contain half of a surrogate pair, which cannot be encoded.
    """
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= WHOLE else f"{text[:WHOLE]}... ({len(text)} characters)"


def ends(text: str) -> str:
    """A text, quoted; a long one by its beginning and its end, where errors name their cause."""
    if len(text) <= WHOLE:
        return quote(text)
    half = WHOLE // 2
    return f"{_literal(text[:half])}...{_literal(text[-half:])} ({len(text)} characters)"


def at_offset(data: bytes, at: int) -> str:
    """Bytes, quoted; long ones by what is around an offset."""
    return quote(data) if len(data) <= WHOLE else _around(data, at)


def clipped_pair(expected: str, got: str) -> tuple[str, str]:
    """Two different texts without quotes; long ones are shown as `pair` shows them."""
    if max(len(expected), len(got)) <= WHOLE:
        return clip(expected), clip(got)
    return pair(expected, got)


def pair(expected: str | bytes | None, got: str | bytes | None) -> tuple[str, str]:
    """Two values that differ, quoted so that the first difference is visible."""
    if expected is None or got is None or max(len(expected), len(got)) <= WHOLE:
        return quote(expected), quote(got)
    left, right = _bytes(expected), _bytes(got)
    at = first_difference(left, right)
    return _around(left, at), _around(right, at)


def first_difference(left: bytes, right: bytes) -> int:
    """Offset of the first byte that differs; the shorter length if one begins with the other."""
    low, high = 0, min(len(left), len(right))
    while low < high:  # equal up to `low`; the first difference, if any, is at `high` or before
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def timeless(value: str) -> str:
    """A request, a string to sign or an error text, without the parts that differ in every run.

    Equal runs then have equal findings and equal ids; the transcript has the original bytes. Of a
    text that is longer than two megabytes, what is between its two ends stays as it is.
    """
    if len(value) > 2 * _SEARCHED:
        middle = value[_SEARCHED:-_SEARCHED]
        return timeless(value[:_SEARCHED]) + middle + timeless(value[-_SEARCHED:])
    for pattern, label in _VOLATILE:
        value = pattern.sub(label, value)
    return value


def _around(data: bytes, at: int) -> str:
    digest = hashlib.sha256(data).hexdigest()
    if at >= len(data):
        end = data[max(0, at - CONTEXT) :]
        return f"{len(data)} bytes, sha256 {digest}; at offset {at}: its end, after {end!r}"
    begin = max(0, at - CONTEXT)
    return (
        f"{len(data)} bytes, sha256 {digest}; at offset {at}: "
        f"{data[begin:at]!r} then {data[at : at + CONTEXT]!r}"
    )


def _literal(value: str | bytes) -> str:
    if isinstance(value, bytes) or value.isascii() or unicodedata.is_normalized("NFC", value):
        return repr(value)
    return ascii(value)


def _size(value: str | bytes) -> str:
    unit = "bytes" if isinstance(value, bytes) else "characters"
    return f"{len(value)} {unit}, sha256 {hashlib.sha256(_bytes(value)).hexdigest()}"


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
