"""The head of a response: the header fields that OSS sends, and a reply's changes to them.

Pure. The defaults come from the documented exchange of `image/bodies` (page "Human body detection",
exchange of 2023-07-21). A head is rendered once for each reply into a template, whose placeholders
stand for the values that differ between requests.
"""

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from conformance.oss.encoding import wire

Pair = tuple[str, str]

# They describe the source object, not the JSON: both documented examples have the same values.
OBJECT = (
    ("ETag", '"2CE2EA370531B7CC1D23BE6015CF5DA5"'),
    ("Last-Modified", "Mon, 10 Jul 2023 13:07:30 GMT"),
    ("x-oss-object-type", "Normal"),
    ("x-oss-hash-crc64ecma", "13420962247653419692"),
    ("x-oss-storage-class", "Standard"),
)
JSON_TYPE = "application/json;charset=utf-8"

# Filled in for each request; a vector cannot contain these control characters.
_PLACEHOLDERS = {
    "\x01": b"%(date)b",
    "\x02": b"%(length)b",
    "\x03": b"%(connection)b",
    "\x04": b"%(id)b",
}


def service_fields(content_type: str, *extra: Pair) -> tuple[Pair, ...]:
    """The fields that OSS sends, in the documented order; extra: for this kind of response."""
    return (
        ("Server", "AliyunOSS"),
        ("Date", "\x01"),
        ("Content-Type", content_type),
        ("Content-Length", "\x02"),
        ("Connection", "\x03"),
        ("x-oss-request-id", "\x04"),
        *extra,
        ("x-oss-server-time", "329"),
    )


def overlay(
    fields: tuple[Pair, ...], changes: tuple[tuple[str, str | None], ...]
) -> tuple[Pair, ...]:
    """Apply changes to header fields, comparing names case-insensitively.

    A field that exists is replaced in place, or removed if the value is None; others are appended.
    A name that is given twice is sent twice.
    """
    names = {name.lower() for name, _ in changes}
    present = {name.lower() for name, _ in fields}
    result: list[Pair] = []
    for field in fields:
        name = field[0].lower()
        if name in names:
            result += [(n, v) for n, v in changes if n.lower() == name and v is not None]
        else:
            result.append(field)
    result += [(n, v) for n, v in changes if n.lower() not in present and v is not None]
    return tuple(result)


def template(status: int, fields: tuple[Pair, ...]) -> bytes:
    """The head with the empty line that ends it, as a template for `fill`."""
    lines = [status_line(status), *(f"{name}: {value}" for name, value in fields)]
    text = wire("\r\n".join(lines) + "\r\n\r\n").replace(b"%", b"%%")
    for mark, placeholder in _PLACEHOLDERS.items():
        text = text.replace(mark.encode(), placeholder)
    return text


def fill(head: bytes, *, request_id: str, clock: int, length: int, keep: bool) -> bytes:
    """Complete a template for one request; clock: the Date in Unix seconds."""
    return head % {
        b"date": _date(clock),
        b"length": b"%d" % length,
        b"connection": b"keep-alive" if keep else b"close",
        b"id": request_id.encode(),
    }


@lru_cache(maxsize=16)
def _date(clock: int) -> bytes:
    return formatdate(clock, usegmt=True).encode()


def status_line(status: int) -> str:
    """The status line; the reason phrase is empty if none is registered (RFC 9112 4)."""
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} "
