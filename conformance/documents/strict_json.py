"""The one reader of JSON: bytes to a document, and everything that is wrong with the text.

Python's own parser accepts more than JSON allows or a file should hold. Here a byte order mark, a
name that occurs twice in an object, NaN and Infinity, endless digits and endless nesting are
mistakes, returned as values with their places. `read` is for files that people write, `read_line`
for the lines that programs write.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

from conformance.documents.mistake import Mistake, Pointer, pointer

Json = Any

DEEPEST = 128  # levels of nesting in a file; no format of the suite has more than 20
LONGEST_NUMBER = 4000  # digits; Python's int() refuses more than 4300

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class Spelled(float):
    """A number that remembers how it was written (`1e-7`, `0.10`, `-0`)."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> "Spelled":
        """The float of that text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


class _Refused:
    """What the parser puts in the place of a value that is a mistake."""

    __slots__ = ("remedy", "rule")

    def __init__(self, rule: str, remedy: str) -> None:
        self.rule = rule
        self.remedy = remedy


def read(data: bytes) -> tuple[Json, tuple[Mistake, ...]]:
    """The document of a JSON file and the mistakes in its text; None when it cannot be parsed.

    Numbers that are not whole are `Spelled`, because a vector makes bodies of them and `0.10` is
    not `0.1` there. Half of a surrogate pair is a mistake: no case could send or show it.
    """
    document, mistakes = _read(data, number=Spelled)
    if not mistakes and b"\\u" in data:  # only an escape can spell half of a pair
        mistakes = tuple(_surrogates(document, ()))
    return document, mistakes


def read_line(data: bytes) -> tuple[Json, tuple[Mistake, ...]]:
    """The document of one line of JSON and the mistakes in it; None when it cannot be parsed.

    Numbers are Python's own. Half of a surrogate pair is allowed, because it stands for a byte
    that is not UTF-8 (PEP 383); nesting is allowed as deep as Python's parser takes it, because a
    response that a runner has parsed may be deep.
    """
    return _read(data, number=float)


def plain(value: Json) -> Json:
    """The same document with ordinary floats in place of `Spelled`."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Spelled) else value


def _read(data: bytes, *, number: type[float]) -> tuple[Json, tuple[Mistake, ...]]:
    try:
        document, refused = _parse(data.decode("utf-8"), number)
    except (ValueError, RecursionError) as error:
        return None, (_unreadable(data, error),)
    if number is Spelled and _is_deep(document):
        return None, (_too_deep(data),)
    return document, tuple(_places(document, ())) if refused else ()


def _unreadable(data: bytes, error: ValueError | RecursionError) -> Mistake:
    """Why the parser gave up."""
    if isinstance(error, UnicodeDecodeError):
        line = data[: error.start].count(b"\n") + 1
        return _mistake(f"line {line}", "is not UTF-8", "save the file as UTF-8")
    if data.startswith(BOM_UTF8):
        rule = "begins with a byte order mark (RFC 8259 8.1)"
        return _mistake("line 1", rule, "save the file without it")
    if isinstance(error, json.JSONDecodeError):
        place = f"line {error.lineno} column {error.colno}"
        return _mistake(place, f"is not JSON: {error.msg}", "correct the syntax")
    if isinstance(error, RecursionError):
        return _too_deep(data)
    # Python's own limit, which `whole` reaches first in files.
    return _mistake("", "has a number that is too long to be read", "shorten the number")


def _mistake(place: str, rule: str, remedy: str) -> Mistake:
    return Mistake(place=place, rule=rule, remedy=remedy)


def _parse(text: str, number: type[float]) -> tuple[Json, bool]:
    """The document, and whether a `_Refused` is in it."""
    refused: list[_Refused] = []

    def refuse(rule: str, remedy: str) -> _Refused:
        refused.append(_Refused(rule, remedy))
        return refused[-1]

    def members(pairs: list[tuple[str, Json]]) -> Json:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        return refuse(f"the object has the name {twice!r} twice", "remove or rename one of the two")

    def whole(digits: str) -> Json:
        if len(digits) > LONGEST_NUMBER:
            rule = f"a number of {len(digits)} digits is too long"
            return refuse(rule, "to send it in a body, give the body as text")
        return Spelled(digits) if digits == "-0" else int(digits)

    def constant(name: str) -> Json:
        return refuse(f"{name} is not JSON", "to send it in a body, give the body as text")

    decoder = json.JSONDecoder(
        object_pairs_hook=members,
        parse_float=number,
        parse_int=whole if number is Spelled else None,  # Python's own is much faster
        parse_constant=constant,
    )
    return decoder.decode(text), bool(refused)


def _places(value: Json, at: Pointer) -> Iterator[Mistake]:
    """The mistakes that the parser left in the document, each with its place."""
    if isinstance(value, _Refused):
        yield _mistake(pointer(at), value.rule, value.remedy)
    for key, member in _members(value):
        yield from _places(member, (*at, key))


def _surrogates(value: Json, at: Pointer) -> Iterator[Mistake]:
    """Strings and names that cannot be encoded as UTF-8."""
    names = value if isinstance(value, dict) else ()
    for text in (*names, value):
        if isinstance(text, str) and any("\ud800" <= sign <= "\udfff" for sign in text):
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


def _is_deep(document: Json) -> bool:
    """Whether objects and arrays are nested more than DEEPEST levels deep; without recursion."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(DEEPEST):
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)
            if isinstance(member, dict | list)
        ]
    return bool(level)


def _too_deep(data: bytes) -> Mistake:
    """The mistake at the first of the innermost brackets."""
    text = data.decode("utf-8")
    depth = deepest = at = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > deepest:
            deepest, at = depth, token.start()
    line = text.count("\n", 0, at) + 1
    place = f"line {line} column {at - text.rfind(chr(10), 0, at)}"
    return _mistake(place, f"is nested {deepest} levels deep", f"at most {DEEPEST} are read")
