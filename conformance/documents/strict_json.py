"""Reads JSON strictly: bytes to a document and the mistakes in the text.

Python's `json` accepts more than JSON allows or a file should contain. Here a byte order mark, a
name that occurs twice in an object, NaN and Infinity, very long numbers and very deep nesting are
mistakes, which are returned with their places. `read` is for files that people write, `read_line`
for lines that programs write.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec

from conformance.documents.mistake import Mistake, Pointer, pointer

Json = Any

DEEPEST = 128  # levels of nesting in a file; no format of the suite has more than 20
# Levels in a line. A response of the corpus has 301, and the parsed document is part of an answer;
# what compares and writes documents takes up to twice this within Python's recursion limit.
DEEPEST_LINE = 400
LONGEST_NUMBER = 4000  # digits; int() raises ValueError for more than 4300

_AS_TEXT = "to send it in a body, give the body as text"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class Spelled(float):
    """A number that keeps its text (`1e-7`, `0.10`, `-0`)."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> "Spelled":
        """The number written as `text`."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def read(data: bytes) -> tuple[Json, tuple[Mistake, ...]]:
    """The document of a JSON file and its mistakes; the document is None if it cannot be parsed.

    Numbers that are not integers are `Spelled`, because a vector's response bodies contain them and
    `0.10` must be sent as it is written. Half of a surrogate pair is a mistake, because it cannot
    be sent.
    """
    document, mistakes = _read(data, number=Spelled)
    if not mistakes and b"\\u" in data:  # only an escape can spell half of a pair
        mistakes = tuple(_surrogates(document, ()))
    return document, mistakes


def read_line(data: bytes) -> tuple[Json, tuple[Mistake, ...]]:
    """The document of a line of JSON and its mistakes; the document is None if it cannot be parsed.

    Numbers are int and float. Half of a surrogate pair is allowed, because it stands for a byte
    that is not UTF-8 (PEP 383).
    """
    document = _canonical(data)
    return _read(data, number=float) if document is None else (document, ())


def plain(value: Json) -> Json:
    """The same document with ordinary floats in place of `Spelled`."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Spelled) else value


def _canonical(data: bytes) -> Json:
    """The document of a line that is the shortest spelling of it and shallow, else None.

    Most lines of a program are, and they are read three times as fast. A name that occurs twice, a
    number or a character in another spelling: nothing of the kind comes back when it is encoded.
    """
    try:
        document = _shallow().decode(data)
        return document if msgspec.json.encode(document) == data else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


@cache
def _shallow() -> "msgspec.json.Decoder[Json]":
    """A decoder of documents that are nested no deeper than the lines of a run usually are.

    Each level doubles the time that it takes to make it, which is 30 ms.
    """
    scalar: Any = None | bool | int | float | str
    kind: Any = scalar
    for _ in range(11):
        kind = scalar | list[kind] | dict[str, kind]
    return msgspec.json.Decoder(kind)


def _read(data: bytes, *, number: type[float]) -> tuple[Json, tuple[Mistake, ...]]:
    try:
        document, rejected = _parse(data.decode("utf-8"), number)
    except (ValueError, RecursionError) as error:
        return None, (_unreadable(data, error),)
    limit = DEEPEST if number is Spelled else DEEPEST_LINE
    if data.count(b"[") + data.count(b"{") > limit and _is_deep(document, limit):
        return None, (_too_deep(data, limit),)
    return document, tuple(_places(document, ())) if rejected else ()


def _unreadable(data: bytes, error: ValueError | RecursionError) -> Mistake:
    """The mistake that made the parser raise this error."""
    if isinstance(error, UnicodeDecodeError):
        line = data[: error.start].count(b"\n") + 1
        return _mistake(f"line {line}", "is not UTF-8", "save the file as UTF-8")
    if data.startswith(BOM_UTF8):
        rule = "begins with a byte order mark (RFC 8259 8.1)"
        return _mistake("line 1", rule, "save the file without a byte order mark")
    if isinstance(error, json.JSONDecodeError):
        place = f"line {error.lineno} column {error.colno}"
        return _mistake(place, f"is not JSON: {error.msg}", "correct the syntax")
    if isinstance(error, RecursionError):
        return _too_deep(data, DEEPEST)
    # The limit of int(). In files, `integer` finds the mistake first.
    return _mistake(
        "", "has a number that is too long: more than 4300 digits", "shorten the number"
    )


def _mistake(place: str, rule: str, remedy: str) -> Mistake:
    return Mistake(place=place, rule=rule, remedy=remedy)


def _parse(text: str, number: type[float]) -> tuple[Json, bool]:
    """The document, with a `Mistake` in place of each invalid value, and whether there is one."""
    rejected: list[Mistake] = []

    def reject(rule: str, remedy: str) -> Mistake:
        rejected.append(_mistake("", rule, remedy))
        return rejected[-1]

    def unique_names(pairs: list[tuple[str, Json]]) -> Json:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        return reject(f"has the name {duplicate!r} twice", "remove or rename one of the two")

    def integer(digits: str) -> Json:
        if len(digits) > LONGEST_NUMBER:
            rule = f"has {len(digits)} digits, more than {LONGEST_NUMBER}"
            return reject(rule, _AS_TEXT)
        return Spelled(digits) if digits == "-0" else int(digits)

    decoder = json.JSONDecoder(
        object_pairs_hook=unique_names,
        parse_float=number,
        parse_int=integer if number is Spelled else None,  # None is much faster
        parse_constant=lambda name: reject(f"is {name}, which is not JSON", _AS_TEXT),
    )
    return decoder.decode(text), bool(rejected)


def _places(value: Json, at: Pointer) -> Iterator[Mistake]:
    """The mistakes that `_parse` left in the document, each with its place."""
    if isinstance(value, Mistake):
        yield replace(value, place=pointer(at))
    for key, member in _members(value):
        yield from _places(member, (*at, key))


def _surrogates(value: Json, at: Pointer) -> Iterator[Mistake]:
    """A mistake for each string or name that cannot be encoded as UTF-8."""
    names = value if isinstance(value, dict) else ()
    for text in (*names, value):
        if isinstance(text, str) and any("\ud800" <= char <= "\udfff" for char in text):
            yield _mistake(
                pointer(at).encode("utf-8", "replace").decode(),
                "half of a surrogate pair cannot be encoded as UTF-8",
                "write both halves, or give the bytes as base64",
            )
    for key, member in _members(value):
        yield from _surrogates(member, (*at, key))


def _members(value: Json) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _is_deep(document: Json, limit: int) -> bool:
    """Whether objects and arrays are nested more than `limit` levels deep."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(limit):
        level = [
            member
            for value in level
            for member in (value.values() if type(value) is dict else value)
            if type(member) is dict or type(member) is list  # quicker than isinstance
        ]
    return bool(level)


def _too_deep(data: bytes, limit: int) -> Mistake:
    """The mistake, at the first of the most deeply nested brackets."""
    text = data.decode("utf-8")
    depth = deepest = at = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > deepest:
            deepest, at = depth, token.start()
    line = text.count("\n", 0, at) + 1
    place = f"line {line} column {at - text.rfind(chr(10), 0, at)}"
    return _mistake(place, f"is nested {deepest} levels deep", f"nest at most {limit} levels")
