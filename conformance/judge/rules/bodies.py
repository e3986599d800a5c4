"""Rules of the family `bodies`: what the program gets is what the server sent.

Bytes are compared with the content of the last response of the turn, the document with
the suite's own reading of those bytes. Bytes that are no JSON document have no reading to be
compared with: then a parser may refuse or be lenient (RFC 8259 9), which is profile.
"""

import gzip
import zlib
from collections.abc import Iterator

from conformance.judge.document import Document, NotJsonError, difference, read, shown, tagged
from conformance.judge.quote import clip, pair, quote
from conformance.judge.view import Miss, View
from conformance.model.case import JSON
from conformance.model.http import Response
from conformance.model.message import Content

# The profile does not spell a longer document out when it is the one that was sent.
_LONG = 4096
_BYTES_WHY = "A program that trusts the SDK works with something that the service never said."
_PARSED_WHY = "The program computes with another value than the service sent."


def message_body(response: Response, method: str = "GET") -> bytes:
    """The content of a response by RFC 9112 6.3: none for HEAD, 204 and 304; cut at its length."""
    if method == "HEAD" or response.status in (204, 304):
        return b""
    length = response.header("content-length")
    chunked = response.header("transfer-encoding") is not None
    if length is not None and length.isdigit() and not chunked:
        return response.body[: int(length)]
    return response.body


def sent(view: View) -> bytes | None:
    """The content that the last response of the turn carried; None if there was no response."""
    if view.response is None:
        return None
    method = view.sights[-1].request.method if view.sights else "GET"
    return message_body(view.response, method)


def readings(view: View) -> tuple[bytes, ...]:
    """What may be handed over for what was sent: as it is and, if it was coded, decoded.

    Decoding a content coding or handing it over is the client's freedom (RFC 9110 12.5.3).
    """
    body = sent(view)
    if body is None:
        return ()
    coding = (view.response.header("content-encoding") or "").lower() if view.response else ""
    if not coding or coding == "identity":
        return (body,)
    plain = decoded(body, coding)
    return (body,) if plain is None else (plain, body)


def decoded(body: bytes, coding: str) -> bytes | None:
    """The content behind a coding (lower case); None if it is another one, or broken."""
    try:
        if coding in ("gzip", "x-gzip"):
            return gzip.decompress(body)
        if coding == "deflate":  # zlib by RFC 9110 8.4.1.2, raw as some servers send it
            try:
                return zlib.decompress(body)
            except zlib.error:
                return zlib.decompress(body, -zlib.MAX_WBITS)
    except (OSError, EOFError, zlib.error):
        return None
    return None


def content(view: View, _as_sent: JSON) -> Iterator[Miss]:
    """`content`: the bytes that the program gets are those that the server sent."""
    answer = view.answer
    wanted = readings(view)
    if not isinstance(answer, Content):
        yield _bytes_miss(f"content of {len(wanted[0]) if wanted else 0} bytes", answer.kind)
    elif not wanted:
        yield _bytes_miss("nothing: no response was sent in this turn", quote(answer.content))
    elif answer.content not in wanted:
        yield _bytes_miss(*pair(wanted[0], answer.content))


def _bytes_miss(expected: str, got: str) -> Miss:
    return Miss(rule="bodies.bytes", part="content", expected=expected, got=got, why=_BYTES_WHY)


def got_content(view: View) -> str:
    """The content that the program got, for the profile."""
    answer = view.answer
    return quote(answer.content) if isinstance(answer, Content) else answer.kind


def parsed(view: View, expected: JSON) -> Iterator[Miss]:
    """`parsed`: the document that the program parses; `as-sent`, or the document itself."""
    answer = view.answer
    if not isinstance(answer, Content):
        yield _parsed_miss("content", "a parsed document", answer.kind)
        return
    wanted = _wanted(view) if expected == "as-sent" else tagged(expected)
    if isinstance(wanted, NotJsonError):
        return
    if answer.parse_error is not None:
        yield _parsed_miss("content", "a parsed document", f"refused: {quote(answer.parse_error)}")
        return
    differing = difference(wanted, answer.parsed)
    if differing is not None:
        pointer, one, other = differing
        part = f"at {pointer}" if pointer else "the whole document"
        yield _parsed_miss(f"parsed content, {part}", clip(one), clip(other))


def _wanted(view: View) -> Document | NotJsonError:
    bodies = readings(view)
    try:
        return read(bodies[0] if bodies else b"")
    except NotJsonError as error:
        return error


def _parsed_miss(part: str, expected: str, got: str) -> Miss:
    return Miss(rule="bodies.parsed", part=part, expected=expected, got=got, why=_PARSED_WHY)


def got_parsed(view: View) -> str:
    """The document that the program parsed, for the profile."""
    answer = view.answer
    if not isinstance(answer, Content):
        return answer.kind
    if answer.parse_error is not None:
        return f"refused: {quote(answer.parse_error)}"
    wanted = _wanted(view) if len(answer.content) > _LONG else None
    if isinstance(wanted, dict | list) and difference(wanted, answer.parsed) is None:
        return f"as sent ({len(answer.content)} bytes)"
    return quote(shown(answer.parsed))
