"""What does not fit in the exchanges that a page prints, as findings about the page.

A reader takes a printed exchange for what the service does. So Content-Length must be that of some
spelling of the content, the content that of the operation, header fields must be possible, and a
response must be able to answer the request before it. What only SHOULD be there is `recommended`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from conformance.documents.schema import schema_mistakes
from conformance.judge.quote import quote
from conformance.model.case import Level
from conformance.model.http import by_name, every
from conformance.model.verdict import Finding
from conformance.operation.definition import Operation
from conformance.pages.printed_exchange import PrintedExchange, PrintedMessage

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_MEMBERS_OF_LISTS = frozenset({"vary", "via", "warning", "set-cookie", "allow", "accept"})
_SKEW = timedelta(minutes=15)  # that the service allows
_DATES = ("Date", "Last-Modified", "Expires")
_NUMBERS = ("Content-Length", "x-oss-server-time", "x-oss-hash-crc64ecma")
# Field, level and why; a request is one that the service accepts, a response one with content.
_IN_REQUESTS = (
    ("Host", Level.REQUIRED, "A request without Host is answered with 400 (RFC 9112 3.2)."),
    ("Authorization", Level.REQUIRED, "The operation does not allow anonymous access."),
)
_IN_RESPONSES = (
    ("Date", Level.RECOMMENDED, "A server with a clock sends Date (RFC 9110 6.6.1)."),
    ("Content-Type", Level.RECOMMENDED, "Content has a type (RFC 9110 8.3)."),
    ("x-oss-request-id", Level.RECOMMENDED, "The service gives every response an id."),
)
_FITTING = "Who compares a response with the page looks for a defect that is the page's."


def exchange_findings(
    exchanges: Sequence[PrintedExchange], operations: Sequence[Operation]
) -> tuple[Finding, ...]:
    """Everything that does not fit, in the order of the page. operations: with known schemas."""
    found: list[Finding] = []
    for exchange in exchanges:
        found += _of_request(exchange) if exchange.request is not None else ()
        if exchange.response is not None:
            found += _of_response(exchange.response)
            found += _of_content(exchange, operations)
            found += _of_pair(exchange)
    return (*found, *_ids(exchanges))


def _at(message: PrintedMessage, part: str) -> str:
    return f"line {message.line}, {part}"


def _finding(rule: str, where: str, expected: str, got: str, why: str) -> Finding:
    return Finding(
        rule=f"page.{rule}", where=where, expected=expected, got=got, why=why,
        claim=Level.REQUIRED, source=None,
    )  # fmt: skip


def _advice(rule: str, where: str, expected: str, got: str, why: str) -> Finding:
    return replace(_finding(rule, where, expected, got, why), claim=Level.RECOMMENDED)


def _of_request(exchange: PrintedExchange) -> Iterator[Finding]:
    message = exchange.request
    assert message is not None
    if exchange.response is None:  # the form of a request, not one that was sent
        return
    yield from _fields(message, "the request")
    for name, claim, why in _IN_REQUESTS:
        signed_in_url = name == "Authorization" and re.search(r"(?i)signature=", message.target)
        if message.header(name) is None and not signed_in_url:
            make = _finding if claim is Level.REQUIRED else _advice
            yield make("headers", _at(message, "the request"), f"the field {name}", "none", why)
    if message.header("Date") is None and message.header("x-oss-date") is None:
        why = "A signature in a header needs the time of the request."
        yield _advice("headers", _at(message, "the request"), "Date or x-oss-date", "none", why)


def _of_response(message: PrintedMessage) -> Iterator[Finding]:
    yield from _fields(message, "the response")
    for name, _, why in _IN_RESPONSES:
        if message.header(name) is None and (message.body or name != "Content-Type"):
            yield _advice("headers", _at(message, "the response"), f"the field {name}", "none", why)
    if message.header("Content-Length") and message.header("Transfer-Encoding"):
        why = "A sender must not send both (RFC 9112 6.2)."
        expected = "Content-Length or Transfer-Encoding"
        yield _finding("headers", _at(message, "the response"), expected, "both", why)


def _fields(message: PrintedMessage, part: str) -> Iterator[Finding]:
    """What is wrong with single header fields of a message."""
    for name, value in message.headers:
        if not _TOKEN.fullmatch(name):
            why = "No message can have this field (RFC 9110 5.6.2)."
            yield _finding("headers", _at(message, part), "a field name", quote(name), why)
        elif not value:
            why = "A field without a value says nothing."
            yield _advice("headers", _at(message, part), f"a value of {name}", "none", why)
    for name in by_name(message.headers):
        values = every(message.headers, name)
        if len(values) > 1 and name not in _MEMBERS_OF_LISTS:
            why = "The field has one value (RFC 9110 5.3)."
            got = ", ".join(map(quote, values))
            yield _finding("headers", _at(message, part), f"{name} once", got, why)
    for name in _DATES:
        date = message.header(name)
        if date is not None and (problem := _date_problem(date)):
            why = "A date has the form of RFC 9110 5.6.7, with the right day of the week."
            yield _finding("headers", _at(message, f"{part}, {name}"), problem, quote(date), why)
    for name in _NUMBERS:
        number = message.header(name) or "0"
        if not re.fullmatch(r"[0-9]+", number):
            why, got = "The value is a number.", quote(number)
            yield _finding("headers", _at(message, f"{part}, {name}"), "decimal digits", got, why)
    tag = message.header("ETag")
    if tag is not None and not re.fullmatch(r'(?:W/)?"[^"]*"', tag):
        why = "An entity tag is in quotation marks (RFC 9110 8.8.3)."
        yield _finding("headers", _at(message, f"{part}, ETag"), 'a tag in ""', quote(tag), why)


def _date_problem(value: str) -> str:
    """The expected value if a date is not one; "" if it is. Text in brackets is a placeholder."""
    date = _date(value)
    if date is None:
        return "a date such as Fri, 21 Jul 2023 08:49:07 GMT"
    written = format_datetime(date.astimezone(UTC), usegmt=True)
    return "" if value.endswith("GMT") and written == value else quote(written)


def _date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _of_content(exchange: PrintedExchange, operations: Sequence[Operation]) -> Iterator[Finding]:
    message = exchange.response
    assert message is not None
    document: object = None
    kind = message.header("Content-Type") or ""
    if message.body and ("json" in kind.lower() or message.body[0] in "{["):
        try:
            document = json.loads(message.body)
        except ValueError as error:
            why = "Content-Type or the first character says that it is JSON."
            where = "content of the response"
            yield _finding("content", _at(message, where), "a JSON document", str(error), why)
            return
    yield from _length(message, document)
    operation = _operation(exchange, operations)
    if operation is None or message.status != 200 or not message.body:
        return
    for mistake in schema_mistakes(document, operation.response_schema):
        yield _finding(
            "content",
            _at(message, f"content of the response{', ' + mistake.place if mistake.place else ''}"),
            f"a response of {operation.action}",
            mistake.rule,
            "A program that is written by this example cannot read what the service sends.",
        )


def _operation(exchange: PrintedExchange, operations: Sequence[Operation]) -> Operation | None:
    process = exchange.request.process if exchange.request is not None else None
    action = (process or "").partition(",")[0]
    return next((one for one in operations if one.action == action), None)


def _length(message: PrintedMessage, document: object) -> Iterator[Finding]:
    value = message.header("Content-Length")
    if value is None or not value.isdigit() or not message.body:
        return
    sizes = {len(text.encode()): name for name, text in _spellings(message.body, document)}
    if int(value) not in sizes:
        known = ", ".join(f"{size} ({name})" for size, name in sorted(sizes.items()))
        yield _finding("content-length", _at(message, "Content-Length"), known, value, _FITTING)


def _spellings(body: str, document: object) -> Iterator[tuple[str, str]]:
    """Spellings of the content in which a server may have sent it."""
    yield "as printed, with CRLF", body.replace("\n", "\r\n")
    yield "as printed, with a line end", body + "\n"
    yield "as printed", body
    if document is not None:
        yield "with spaces behind separators", json.dumps(document, ensure_ascii=False)
        yield "compact", json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _of_pair(exchange: PrintedExchange) -> Iterator[Finding]:
    response = exchange.response
    assert response is not None
    if exchange.request is None:
        why = "Nobody can tell what it answers."
        yield _advice("pair", _at(response, "the response"), "a request before it", "none", why)
        return
    asked, answered = _date(exchange.request.header("Date")), _date(response.header("Date"))
    if asked is None or answered is None:
        return
    if not timedelta(0) <= answered - asked <= _SKEW:
        why = "A response is sent after its request, and the service refuses one with an old date."
        expected = f"0 to {_SKEW.seconds} s after the Date of the request"
        got = f"{(answered - asked).total_seconds():.0f} s after it"
        yield _finding("pair", _at(response, "Date of the response"), expected, got, why)


def _ids(exchanges: Sequence[PrintedExchange]) -> Iterator[Finding]:
    """Responses with the id of another."""
    seen: dict[tuple[str, str], int] = {}
    for message in (one.response for one in exchanges if one.response is not None):
        ids = [("x-oss-request-id", message.header("x-oss-request-id"))]
        in_body = re.search(r"[\"<]RequestId[\">]\s*:?\s*\"?([\w-]+)", message.body)
        ids.append(("RequestId in the content", in_body[1] if in_body is not None else None))
        for part, value in ids:
            if value is None or not re.fullmatch(r"[\w-]+", value):
                continue  # a page may hide a part of it
            line = seen.setdefault((part, value), message.line)
            if line != message.line:
                why = "Every request has an id of its own, so one of the responses is a copy."
                expected = f"another than in line {line}"
                yield _finding("pair", _at(message, part), expected, quote(value), why)
