"""Reads the HTTP exchanges that a page prints.

A printed message is read leniently: a page has no CR, may leave out the empty line before the
content, and may break the line between two messages anywhere. `exchange_checks` judges what was
read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from conformance.model.http import Header, first
from conformance.pages.block import Block

_REQUEST = r"(?:GET|HEAD|PUT|POST|DELETE|OPTIONS)\s+\S+\s+HTTP/\d(?:\.\d)?"
_RESPONSE = r"HTTP/\d(?:\.\d)?\s+\d{3}\b[^\n]*"
STARTS = re.compile(rf"[ \t]*(?:{_REQUEST}|{_RESPONSE})\s*$", re.MULTILINE)
_FIELD = re.compile(r"([^\s:{}\[\]<>\"]+)\s*:(.*)")
_PROCESS = "x-oss-process"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedMessage:
    """A request or response as a page prints it."""

    start: str  # the start line
    headers: tuple[Header, ...]
    body: str  # as printed, without the empty lines around it
    line: int  # of the page

    @property
    def status(self) -> int | None:
        """The status code; None for a request."""
        return int(self.start.split()[1]) if self.start.startswith("HTTP/") else None

    @property
    def target(self) -> str:
        """The request target; "" for a response."""
        return "" if self.status is not None else self.start.split()[1]

    @property
    def process(self) -> str | None:
        """The decoded processing string of a request; None if it has none."""
        for pair in urlsplit(self.target).query.split("&"):
            name, _, value = pair.partition("=")
            if unquote(name).lower() == _PROCESS:
                return unquote(value)
        return None

    def header(self, name: str) -> str | None:
        """The first value of a header field; None if absent."""
        return first(self.headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedExchange:
    """A request with the response that is printed behind it; None: the page prints no such one."""

    request: PrintedMessage | None
    response: PrintedMessage | None

    @property
    def line(self) -> int:
        """Where it begins on the page."""
        message = self.request or self.response
        return message.line if message is not None else 0


def is_exchange(text: str) -> bool:
    """Whether code is HTTP messages."""
    return STARTS.match(text.lstrip("\n")) is not None


def exchanges(blocks: Iterable[Block]) -> tuple[PrintedExchange, ...]:
    """The exchanges in blocks of HTTP messages, in the order of the page."""
    found: list[PrintedExchange] = []
    for message in (message for block in blocks for message in _messages(block)):
        last = found[-1] if found else None
        if message.status is None:
            found.append(PrintedExchange(request=message, response=None))
        elif last is not None and last.response is None:
            found[-1] = PrintedExchange(request=last.request, response=message)
        else:
            found.append(PrintedExchange(request=None, response=message))
    return tuple(found)


def _messages(block: Block) -> Iterator[PrintedMessage]:
    starts = [found.start() for found in STARTS.finditer(block.text)]
    for begin, end in zip(starts, [*starts[1:], len(block.text)], strict=True):
        line = block.line + block.text.count("\n", 0, begin)
        yield _message(block.text[begin:end].strip("\r\n"), line)


def _message(text: str, line: int) -> PrintedMessage:
    start, *lines = text.splitlines()
    headers: list[Header] = []
    number = 0
    for number, one in enumerate(lines, start=1):
        field = _FIELD.fullmatch(one.strip())
        if field is None:
            number -= 1  # noqa: PLW2901 (the line belongs to the body)
            break
        headers.append((field[1], field[2].strip()))
    body = "\n".join(lines[number:]).strip()
    return PrintedMessage(
        start=" ".join(start.split()), headers=tuple(headers), body=body, line=line
    )
