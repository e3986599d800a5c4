"""The head of a response: the header fields the service always sends, and what is laid over.

Pure. The defaults are those of the documented exchange of `image/bodies` (page "Human
body detection", exchange of 2023-07-21). A head is rendered once for each reply into a template
with holes for what differs from request to request, so that an answer costs one formatting.
"""

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from conformance.oss.encoding import wire

Pair = tuple[str, str]

# Of the source object, not of the JSON: the documentation prints the same for both examples.
OBJECT = (
    ("ETag", '"2CE2EA370531B7CC1D23BE6015CF5DA5"'),
    ("Last-Modified", "Mon, 10 Jul 2023 13:07:30 GMT"),
    ("x-oss-object-type", "Normal"),
    ("x-oss-hash-crc64ecma", "13420962247653419692"),
    ("x-oss-storage-class", "Standard"),
)
_JSON_TYPE = "application/json;charset=utf-8"
_SERVER_TIME = ("x-oss-server-time", "329")

# Stand-ins for what is filled in for each request; control characters cannot come from a vector.
_HOLES = {"\x01": b"%(date)b", "\x02": b"%(length)b", "\x03": b"%(connection)b", "\x04": b"%(id)b"}


def content_fields() -> tuple[Pair, ...]:
    """The fields of an answer that carries the operation's content, in the documented order."""
    return (*_before(_JSON_TYPE), *OBJECT, _SERVER_TIME)


def plain_fields() -> tuple[Pair, ...]:
    """The fields of an answer that is neither content nor an error document: a redirect, a 503."""
    return (*_before(_JSON_TYPE), _SERVER_TIME)


def error_fields(ec: str) -> tuple[Pair, ...]:
    """The fields of an answer that carries an XML error; ec "": none is known."""
    known = (("x-oss-ec", ec),) if ec else ()
    return (*_before("application/xml"), *known, _SERVER_TIME)


def _before(content_type: str) -> tuple[Pair, ...]:
    return (
        ("Server", "AliyunOSS"),
        ("Date", "\x01"),
        ("Content-Type", content_type),
        ("Content-Length", "\x02"),
        ("Connection", "\x03"),
        ("x-oss-request-id", "\x04"),
    )


def lay(fields: tuple[Pair, ...], over: tuple[tuple[str, str | None], ...]) -> tuple[Pair, ...]:
    """Fields with others laid over: same name replaces in place, None removes, new ones follow.

    A name that is laid over twice stands there twice.
    """
    names = {name.lower() for name, _ in over}
    present = {name.lower() for name, _ in fields}
    laid: list[Pair] = []
    for field in fields:
        name = field[0].lower()
        if name in names:
            laid += [(n, v) for n, v in over if n.lower() == name and v is not None]
        else:
            laid.append(field)
    laid += [(n, v) for n, v in over if n.lower() not in present and v is not None]
    return tuple(laid)


def template(status: int, fields: tuple[Pair, ...]) -> bytes:
    """The head with its empty line, with holes for `fill`."""
    lines = [status_line(status), *(f"{name}: {value}" for name, value in fields)]
    text = wire("\r\n".join(lines) + "\r\n\r\n").replace(b"%", b"%%")
    for mark, hole in _HOLES.items():
        text = text.replace(mark.encode(), hole)
    return text


def fill(head: bytes, *, request_id: str, clock: int, length: int, keep: bool) -> bytes:
    """A template's holes filled: Date from the mock's clock, Connection as it will be."""
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
    """With the registered reason phrase; an empty one where there is none (RFC 9112 4)."""
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} "
