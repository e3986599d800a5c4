"""JSON text -> document, with the place of everything that is wrong with it.

What Python's parser lets pass is refused here: a byte order mark, a name that stands
twice in one object, half of a surrogate pair. Numbers keep their spelling (`Spelled`), because a
body is made of bytes and `0.10` is not `0.1` there. What is wrong is a value (`Mistake`), so that
a checker can show all of it; only `decode` turns the first one into an exception.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong: `place` is a JSON pointer or `line N`, empty for the whole file."""

    place: str
    rule: str
    remedy: str = ""


class Spelled(float):
    """A number that remembers how it was written (`1e-7`, `0.10`, `-0`)."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> "Spelled":
        """The float of that text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


class _RefusedError(Exception):
    """What the parser would let pass: a name twice in one object, NaN, a number beyond reading."""


def pointer(parts: Iterable[str | int]) -> str:
    """RFC 6901: `("cases", 0, "a/b")` is `/cases/0/a~1b`; the whole document is ``."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def read(data: bytes) -> tuple[Json, tuple[Mistake, ...]]:
    """The document of a JSON file and what is wrong with its text; None when it is not JSON."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, (
            Mistake(place=f"line {line}", rule="is not UTF-8", remedy="save it as UTF-8"),
        )
    if text.startswith("\ufeff"):
        rule = "begins with a byte order mark"
        return None, (Mistake(place="line 1", rule=rule, remedy="RFC 8259 8.1: take it away"),)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=Spelled,
            parse_int=_whole,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        at = f"line {error.lineno} column {error.colno}"
        return None, (Mistake(place=at, rule=f"is not JSON: {error.msg}"),)
    except _RefusedError as error:
        return None, (Mistake(place="", rule=str(error)),)
    except RecursionError:
        return None, (Mistake(place="", rule="is nested too deeply to be read"),)
    # Only an escape can bring half a pair in: UTF-8 itself has none.
    return document, tuple(_surrogates(document, ())) if "\\u" in text else ()


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members:
            raise _RefusedError(f"an object has the name {name!r} twice")
        members[name] = value
    return members


def _whole(text: str) -> int | Spelled:
    if len(text) > 4000:  # Python's own limit is 4300 digits
        raise _RefusedError(f"a number of {len(text)} digits; give a body that has one as text")
    return Spelled(text) if text == "-0" else int(text)


def _no_constant(text: str) -> Json:
    raise _RefusedError(f"{text} is no JSON; give a body that has it as text")


def _surrogates(value: Json, at: Pointer) -> Iterator[Mistake]:
    """Strings that no UTF-8 can carry: a case with one could neither be sent nor be shown."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _surrogates(name, at)
            yield from _surrogates(member, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _surrogates(item, (*at, index))
    elif isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        yield Mistake(
            place=pointer(at).encode("utf-8", "replace").decode(),
            rule="half of a surrogate pair cannot be written as UTF-8",
            remedy="write both halves, or the bytes as base64",
        )


def plain(value: Json) -> Json:
    """The same value with ordinary floats, for whoever does not care how a number was spelled."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Spelled) else value
