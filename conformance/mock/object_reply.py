"""The replies of the stand-alone service that carry an object, or what was detected in it.

Pure. Sources: the pages of GetObject and HeadObject, of `x-oss-range-behavior`
(https://help.aliyun.com/en/oss/developer-reference/scope-download-using-oss-sdk-for-php-v2), and of
status 416 (https://www.alibabacloud.com/help/en/oss/user-guide/http-status-code-416).
"""

import gzip
import re
from functools import lru_cache

from conformance.mock import head
from conformance.mock.answer import answer, prepare
from conformance.mock.steps import Arrival, Close, Playback, Write
from conformance.mock.stored_object import StoredObject
from conformance.model.case import Reply
from conformance.model.http import Request, asks_for
from conformance.oss.naming import Resource
from conformance.oss.service_error import ServiceError

# Page of status 416; no EC is known.
INVALID_RANGE = ServiceError(
    status=416, code="InvalidRange", message="The requested range cannot be satisfied"
)
# In the documented exchange between x-oss-storage-class and x-oss-server-time: 104 is the marker of
# another region than that of its Host, and the marker is optional.
_FORCED_DOWNLOAD = (
    ("x-oss-ec", "0048-00000104"),
    ("Content-Disposition", "attachment"),
    ("x-oss-force-download", "true"),
)
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_TEXT = re.compile(r"text/|application/(json|xml|javascript|x-javascript|rss\+xml)|image/svg")
_OVERRIDE = "response-"  # a parameter that sets a field of the answer: response-content-type
_LEAST = 6  # the fastest that still gains something


def object_reply(request: Request, resource: Resource, found: StoredObject) -> Reply | ServiceError:
    """The answer to GetObject or HeadObject without a processing string."""
    headers: list[tuple[str, str | None]] = [
        ("Content-Type", found.content_type),
        *found.fields,
        ("Accept-Ranges", "bytes"),
    ]
    for name, value in resource.query:
        if name.startswith(_OVERRIDE) and value.isprintable():
            field = name.removeprefix(_OVERRIDE).title()
            headers = [pair for pair in headers if pair[0] != field] + [(field, value)]
    content, status = found.content, 200
    within = _range(request, len(content))
    if isinstance(within, ServiceError):
        return within.plus(("ActualObjectSize", str(len(content))))
    if within is not None:
        headers.append(("Content-Range", f"bytes {within.start}-{within.stop - 1}/{len(content)}"))
        return Reply(status=206, headers=tuple(headers), body=content[within.start : within.stop])
    if _TEXT.match(found.content_type) and asks_for(request, "gzip"):
        return _compressed(status, tuple(headers), content)
    return Reply(status=status, headers=tuple(headers), body=content)


def detection_playback(
    arrival: Arrival, found: StoredObject, body: bytes, *, exchange: bool, request_id: str
) -> Playback:
    """The answer with the bodies in an image; exchange: as in the documented exchanges.

    It is written here, and not by `prepare` and `answer`, because it is most of what is asked for.
    """
    request = arrival.request
    assert request is not None
    # [X] Whether the service compresses this document is not published.
    if request.header("accept-encoding") and asks_for(request, "gzip"):
        return answer(prepare(_compressed(200, found.fields, body)), arrival, request_id)
    data = head.fill(
        _template(found.fields, exchange),
        request_id=request_id,
        clock=arrival.clock,
        length=len(body),
        keep=arrival.keep,
    )
    written = Write(data=data if request.method == "HEAD" else data + body)
    return Playback(steps=(written,) if arrival.keep else (written, Close()))


@lru_cache(maxsize=256)
def _template(fields: tuple[head.Pair, ...], exchange: bool) -> bytes:
    marker = _FORCED_DOWNLOAD if exchange else ()
    return head.template(200, head.service_fields(head.JSON_TYPE, *fields, *marker))


def _compressed(status: int, headers: tuple[tuple[str, str | None], ...], body: bytes) -> Reply:
    """facts: without Content-Length; the checksum stays that of the object."""
    return Reply(
        status=status,
        headers=(*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")),
        body=gzip.compress(body, _LEAST, mtime=0),
        framing="chunked",
    )


def _range(request: Request, size: int) -> range | ServiceError | None:
    """The positions that a Range field asks for; None: the whole object.

    A range that is not within the object is ignored, unless the request asks for the behaviour of
    the standard (RFC 9110 14).
    """
    text = request.header("range")
    if text is None:
        return None
    if "," in text:
        return INVALID_RANGE
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = int(last) if first and last else size - 1
    if first and last and begin > end:  # RFC 9110 14.1.1: not a valid range
        return None
    satisfiable = begin < size and (first != "" or int(last) > 0)
    if request.header("x-oss-range-behavior") == "standard":
        return range(begin, min(end, size - 1) + 1) if satisfiable else INVALID_RANGE
    return range(begin, end + 1) if satisfiable and end < size else None
