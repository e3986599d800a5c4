"""JSON documents with typed numbers, and the first difference between two of them.

A runner tags each number (`{"$int": "115"}`, `{"$real": "0.733"}`) with its kind and with the text
that its language's parser keeps; the suite tags its own parse of the sent bytes in the same way.
Integers are compared as integers, reals as binary64 (RFC 8259 6), zero with its sign. A language
whose parser does not distinguish the two uses `$number`, which equals either kind of equal value.
"""

import json
import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import zip_longest
from typing import Any

Document = Any  # the result of json.loads, with tagged numbers
Tagging = Callable[[str], Document]  # tags the text of one number

# Every lane gets the same document, so its parse is cached until the last lane has been judged:
# many documents of the usual size, few of those that take megabytes. Equal numbers share a value.
_LONG = 1 << 14  # bytes
_CACHED, _CACHED_LONG, _CACHED_NUMBERS = 256, 8, 4096
_ABSENT = "nothing"
_KINDS = {"$int": "integer", "$real": "real", "$number": "number"}


class NotJsonError(ValueError):
    """The bytes are not a JSON document in UTF-8; the text is the reason."""


def read(content: bytes) -> Document:
    """The document in these bytes, numbers tagged; raises NotJsonError.

    The document is shared between callers and must not be changed.
    """
    return _read_short(content) if len(content) < _LONG else _read_long(content)


def _read(content: bytes, integer: Tagging, real: Tagging) -> Document:
    try:
        return json.loads(
            content.decode("utf-8"),
            parse_int=integer,
            parse_float=real,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error) or type(error).__name__) from error


def _read_tagged(content: bytes) -> Document:
    return _read(content, _integer, _real)


_read_short = lru_cache(maxsize=_CACHED)(_read_tagged)
_read_long = lru_cache(maxsize=_CACHED_LONG)(_read_tagged)


def tagged(value: Any) -> Document:
    """A document from a vector file with its numbers tagged."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return _integer(str(value))
    if isinstance(value, float):
        return _real(repr(value))
    if isinstance(value, list):
        return [tagged(item) for item in value]
    return {key: tagged(item) for key, item in value.items()}


def find(text: str) -> list[Document]:
    """The outermost JSON objects and arrays in a text, with tagged numbers."""
    decoder = json.JSONDecoder(parse_int=_integer, parse_float=_real, parse_constant=_constant)
    found: list[Document] = []
    at = 0
    while at < len(text):
        if text[at] not in "{[":
            at += 1
            continue
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        found.append(document)
    return found


def difference(expected: Document, got: Document) -> tuple[str, str, str] | None:
    """JSON pointer, expected and got at the first difference in document order; None if equal."""
    if expected == got or _alike(expected, got):
        return None
    pairs = [("", expected, got)]
    while pairs:
        pointer, left, right = pairs.pop()
        if left == right and type(left) is type(right):
            continue
        if _number(left) or _number(right):
            if _same_number(left, right):
                continue
        else:
            below = _members(left, right)
            if below is not None:
                pairs += [(f"{pointer}/{name}", one, other) for name, one, other in below]
                continue
        return pointer, _shown(left), _shown(right)
    return None


def _members(left: Document, right: Document) -> list[tuple[str, Document, Document]] | None:
    """The members of two objects or two arrays, last first, with their steps in a JSON pointer.

    None unless both are objects or both are arrays.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        names = [*left, *(name for name in right if name not in left)]
        return [
            (
                name.replace("~", "~0").replace("/", "~1"),
                left.get(name, _Absent),
                right.get(name, _Absent),
            )
            for name in reversed(names)
        ]
    if isinstance(left, list) and isinstance(right, list):
        items = enumerate(zip_longest(left, right, fillvalue=_Absent))
        return [(str(index), one, other) for index, (one, other) in items][::-1]
    return None


def shown(document: Document) -> str:
    """A tagged document as compact JSON with sorted names, numbers as they were tagged."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def normal(document: Document) -> Document:
    """The document with each number in canonical spelling, so that equal values compare equal."""
    if isinstance(document, list):
        return [normal(item) for item in document]
    if not isinstance(document, dict):
        return document
    if not _number(document):
        return {name: normal(value) for name, value in document.items()}
    kind, text = next(iter(document.items()))
    if kind == "$number":
        kind = "$real" if set(str(text)) & set(".eE") else "$int"
    try:
        return {kind: str(int(text)) if kind == "$int" else repr(float(text))}
    except (TypeError, ValueError):
        return document


def of_known_kinds(document: Document, sent: Document) -> Document:
    """The document with each `$number` replaced by the number of `sent` that it is equal to."""
    if _number(document):
        return sent if "$number" in document and _same_number(sent, document) else document
    if isinstance(document, dict):
        members = sent if isinstance(sent, dict) else {}
        return {name: of_known_kinds(item, members.get(name)) for name, item in document.items()}
    if isinstance(document, list):
        items = sent if isinstance(sent, list) else []
        return [
            of_known_kinds(item, items[index] if index < len(items) else None)
            for index, item in enumerate(document)
        ]
    return document


def spelt(content: bytes) -> str:
    """`shown` of the `normal` document in these bytes, in one pass; raises NotJsonError."""
    return shown(_read(content, _normal_integer, _normal_real))


class _Absent:
    """Stands for a member or element that is missing."""


@lru_cache(maxsize=_CACHED_NUMBERS)
def _integer(text: str) -> Document:
    return {"$int": text}


@lru_cache(maxsize=_CACHED_NUMBERS)
def _real(text: str) -> Document:
    return {"$real": text}


@lru_cache(maxsize=_CACHED_NUMBERS)
def _normal_integer(text: str) -> Document:
    return normal({"$int": text})


@lru_cache(maxsize=_CACHED_NUMBERS)
def _normal_real(text: str) -> Document:
    return normal({"$real": text})


def _constant(text: str) -> Document:
    raise ValueError(f"{text} is not JSON (RFC 8259 6)")


def _number(value: Document) -> bool:
    return isinstance(value, dict) and len(value) == 1 and not _KINDS.keys().isdisjoint(value)


def _alike(expected: Document, got: Document) -> bool:
    """Whether `difference` would find nothing; faster, because it builds no pointers.

    Runners spell most reals differently from the server, so equal documents are rarely `==`.
    """
    pairs = [(expected, got)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right):
            return False
        if left == right:
            continue
        if isinstance(left, list):
            if len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif not isinstance(left, dict):
            return False
        elif _number(left):
            if not _same_real(left, right) and not _same_number(left, right):
                return False
        elif left.keys() != right.keys():
            return False
        else:
            pairs.extend([(value, right[name]) for name, value in left.items()])
    return True


def _same_real(left: Document, right: Document) -> bool:
    """Whether both are certainly the same real; False means unknown, and zeros are not decided."""
    try:
        value = float(left["$real"])
        return len(left) == 1 and value != 0 and value == float(right["$real"])
    except (KeyError, TypeError, ValueError):
        return False


def _same_number(left: Document, right: Document) -> bool:
    if not (_number(left) and _number(right)):
        return False
    kinds = {*left, *right}
    if len(kinds - {"$number"}) > 1:
        return False
    return _equal(kinds, *left.values(), *right.values())


def _equal(kinds: set[str], one: str, other: str) -> bool:
    """Whether two numbers are equal: as reals or integers by `kinds`, else as exact decimals."""
    try:
        if kinds == {"$int"}:
            return int(one) == int(other)
        if "$real" not in kinds:
            return Decimal(one) == Decimal(other)
        left, right = float(one), float(other)
    except (TypeError, ValueError, InvalidOperation):
        return False
    return left == right and math.copysign(1.0, left) == math.copysign(1.0, right)


def _shown(value: Document) -> str:
    if value is _Absent:
        return _ABSENT
    if _number(value):
        ((kind, text),) = value.items()
        return f"{_KINDS[kind]} {text}"
    return json.dumps(value, ensure_ascii=False)
