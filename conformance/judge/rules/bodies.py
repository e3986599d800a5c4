"""Rules of the family `bodies`: the program gets what the server sent.

The bytes are compared with the content of the last response of the turn, the document with the
suite's own parse of those bytes. If they are not a JSON document, a parser may reject them or be
lenient (RFC 8259 9), so its result is only recorded in the profile.
"""

from collections.abc import Iterator

from conformance.judge.document import Document, NotJsonError, difference, read, shown, tagged
from conformance.judge.quote import clipped_pair, pair, quote
from conformance.judge.view import TurnView, Violation
from conformance.model.case import JSON
from conformance.model.content_coding import decoded
from conformance.model.http import Response, asks_for
from conformance.model.message import Content

# Bytes; the profile does not quote a longer document if it equals the one that was sent.
_LONG = 4096
EMPTY = "empty content"
_WHY = "A program that trusts the SDK works with data that the service never sent."
_APPENDED_WHY = "What came of an earlier response that broke off stands before the content."


def message_body(response: Response, method: str = "GET") -> bytes:
    """The content of a response by RFC 9112 6.3: none for HEAD, 204 and 304; cut at its length."""
    if method == "HEAD" or response.status in (204, 304):
        return b""
    length = response.header("content-length")
    chunked = response.header("transfer-encoding") is not None
    if length is not None and length.isdigit() and not chunked:
        return response.body[: int(length)]
    return response.body


def sent(view: TurnView) -> bytes | None:
    """The content of the last response of the turn; None if there was no response."""
    if view.response is None:
        return None
    method = view.requests[-1].message.method if view.requests else "GET"
    return message_body(view.response, method)


def acceptable(view: TurnView) -> tuple[bytes, ...]:
    """The bytes that the program may get: the content and, if it has a coding, its decoded form.

    A client may decode a content coding that it did not ask for, or return the content unchanged
    (RFC 9110 12.5.3). The coding that it asks for must be decoded: the program did not ask.
    """
    body = sent(view)
    if body is None:
        return ()
    coding = (view.response.header("content-encoding") or "").lower() if view.response else ""
    if not coding or coding == "identity":
        return (body,)
    plain = decoded(body, coding)
    if plain is None:
        return (body,)
    return (plain,) if _asked_for(view, coding) else (plain, body)


def _asked_for(view: TurnView, coding: str) -> bool:
    """Whether the last request asks for this coding."""
    asking = view.requests[-1].message if view.requests else None
    return asking is not None and asks_for(asking, coding.removeprefix("x-"))


def content(view: TurnView, _as_sent: JSON) -> Iterator[Violation]:
    """`content`: the program gets the bytes that the server sent, as many as it reads."""
    answer = view.answer
    wanted = acceptable(view)
    if not isinstance(answer, Content):
        yield _wrong_bytes(f"content of {len(wanted[0]) if wanted else 0} bytes", answer.kind)
    elif not wanted:
        yield _wrong_bytes(_no_response(view), quote(answer.content))
    else:
        consume = view.turn.input.consume
        limit = None if consume is None else consume.limit
        if answer.content in [whole[:limit] for whole in wanted]:
            return
        if answer.content == (sent(view) or b"")[:limit]:
            yield _still_coded(answer.content)
        else:
            left, right = pair(wanted[0][:limit], answer.content)
            why = _APPENDED_WHY if _is_appended(view, answer.content, wanted[0]) else _WHY
            yield _wrong_bytes(left, right if answer.content else EMPTY, why)


def _is_appended(view: TurnView, got: bytes, wanted: bytes) -> bool:
    """Whether the program got the beginning of an earlier response and then the content."""
    before = got.removesuffix(wanted) if wanted else got
    earlier = view.record.journal.exchanges[:-1]
    return 0 < len(before) < len(got) and any(
        one.response is not None and one.response.body.startswith(before) for one in earlier
    )


def _no_response(view: TurnView) -> str:
    exchanges = view.record.journal.exchanges
    count = len(exchanges[-1].sent) if exchanges else 0
    if not count:
        return "nothing: no response was sent in this call"
    return f"nothing: only {count} bytes were sent, which are no complete head of a response"


def _wrong_bytes(expected: str, got: str, why: str = _WHY) -> Violation:
    return Violation(
        rule="bodies.bytes",
        part="content",
        expected=expected,
        got=got,
        why=why,
    )


def _still_coded(got: bytes) -> Violation:
    return Violation(
        rule="bodies.coding",
        part="content",
        expected="decoded content: the client asked for the coding in Accept-Encoding",
        got=f"the coded bytes: {quote(got)}",
        why="A program that did not ask for a coding cannot know that it has to decode one.",
    )


def show_content(view: TurnView) -> str:
    """The content that the program got, for the profile."""
    answer = view.answer
    if not isinstance(answer, Content):
        return answer.kind
    return quote(answer.content) if answer.content else EMPTY


def parsed(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`parsed`: the document that the program parses; `as-sent`, or the document itself."""
    answer = view.answer
    if not isinstance(answer, Content):
        yield _wrong_document("content", "a parsed document", answer.kind)
        return
    wanted = _wanted(view) if expected == "as-sent" else tagged(expected)
    if isinstance(wanted, NotJsonError):
        return
    if answer.parse_error is not None:
        got = f"refused: {quote(answer.parse_error)}"
        yield _wrong_document("content", "a parsed document", got)
        return
    differing = difference(wanted, answer.parsed)
    if differing is not None:
        pointer, left, right = differing
        part = f"at {pointer}" if pointer else "the whole document"
        yield _wrong_document(f"parsed content, {part}", *clipped_pair(left, right))


def _wanted(view: TurnView) -> Document | NotJsonError:
    bodies = acceptable(view)
    try:
        return read(bodies[0] if bodies else b"")
    except NotJsonError as error:
        return error


def _wrong_document(part: str, expected: str, got: str) -> Violation:
    return Violation(
        rule="bodies.parsed",
        part=part,
        expected=expected,
        got=got,
        why="The program computes with a value other than the one that the service sent.",
    )


def show_parsed(view: TurnView) -> str:
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
