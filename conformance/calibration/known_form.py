"""The form of a file of known answers: strict reading, for V4 and for V1.

The form is that of vectors/signature-v4-known-answers.json; a file whose `signature` is
`v1` holds answers of V1. A key that nobody knows or a value of another type is refused with its
JSON pointer, because a calibration that skips half of an entry proves nothing.
"""

import re
from collections.abc import Callable
from typing import Any

from conformance.calibration.known_answer import KnownAnswer
from conformance.calibration.known_answer_v1 import KnownAnswerV1
from conformance.errors import InputError
from conformance.oss.authorization import LONGEST, moment_of

Answer = KnownAnswer | KnownAnswerV1
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z: four digits of year


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _some_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _time(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LAST_SECOND


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(map(_text, pair)) and pair[0]
        for pair in value
    )


def _fields(value: Any) -> bool:
    return isinstance(value, dict) and all(name and _text(text) for name, text in value.items())


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_some_text, value))


def _expires(value: Any) -> bool:
    return type(value) is int and 1 <= value <= LONGEST


def _mode(value: Any) -> bool:
    return value in ("header", "query")


def _hexadecimal(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _base64(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[A-Za-z0-9+/]{27}=", value) is not None


Check = Callable[[Any], bool]
# Name, whether it must be there, the check, the rule in words.
Members = tuple[tuple[str, bool, Check, str], ...]
_SOME = "must be a text that is not empty"
_MOMENT = f"must be a whole number of Unix seconds, 0 to {_LAST_SECOND}"
_BOTH: Members = (
    ("id", True, _some_text, _SOME),
    ("published_in", True, _some_text, "must be a text that says where it was published"),
    ("ak", True, _some_text, _SOME),
    ("sk", True, _some_text, _SOME),
    ("method", True, _some_text, _SOME),
    ("bucket", True, _some_text, _SOME),
    ("key", True, _text, "must be a text"),
    ("query", True, _pairs, "must be a list of pairs of name and value, both texts"),
    ("mode", True, _mode, "must be `header` or `query`"),
    ("headers", True, _fields, "must be an object whose values are texts"),
    ("token", False, _some_text, _SOME),
)
_V4: Members = (
    *_BOTH,
    ("region", True, _some_text, _SOME),
    ("product", True, _some_text, _SOME),
    ("signtime", True, _time, _MOMENT),
    ("expect", True, _hexadecimal, "must be 64 lower-case hexadecimal digits"),
    ("additional", False, _names, "must be a list of header names"),
    ("expires", False, _expires, f"must be a whole number of seconds, 1 to {LONGEST}"),
)
_V1: Members = (
    *_BOTH,
    ("expect", True, _base64, "must be 28 signs of Base64"),
    ("expires", False, _time, _MOMENT),
)


def decode(document: Any, source: str) -> tuple[Answer, ...]:
    """The known answers of a parsed file; raises InputError with the JSON pointer. source: name."""
    if not isinstance(document, dict):
        raise _wrong(source, "", "must be an object with `vectors`", "see vectors/")
    for name in document:
        if name not in ("about", "signature", "vectors"):
            raise _wrong(source, f"/{name}", "is not a known member", "take it out")
    if not _text(document.get("about", "")):
        raise _wrong(source, "/about", "must be a text", "say what the file holds")
    version = document.get("signature")
    if version not in (None, "v1"):
        raise _wrong(source, "/signature", "can only be `v1`", "a file of V4 goes without it")
    vectors = document.get("vectors")
    if not isinstance(vectors, list) or not vectors:
        rule = "must be a list with at least one known answer"
        raise _wrong(source, "/vectors", rule, "nothing can be calibrated with none")
    read = _v1 if version == "v1" else _v4
    answers = tuple(read(item, source, f"/vectors/{at}") for at, item in enumerate(vectors))
    seen: dict[str, int] = {}
    for at, answer in enumerate(answers):
        if answer.id in seen:
            rule = f"{answer.id!r} is also the id of /vectors/{seen[answer.id]}"
            raise _wrong(source, f"/vectors/{at}/id", rule, "give each entry an id of its own")
        seen[answer.id] = at
    return answers


def _v4(item: Any, source: str, place: str) -> KnownAnswer:
    members = _checked(item, _V4, source, place)
    return KnownAnswer(**members | {"additional": tuple(item.get("additional", ()))})


def _v1(item: Any, source: str, place: str) -> KnownAnswerV1:
    answer = KnownAnswerV1(**_checked(item, _V1, source, place))
    if answer.mode == "header" and moment_of(answer.date) is None:
        rule = "must hold x-oss-date or Date, as `Fri, 21 Jul 2023 08:49:07 GMT`"
        raise _wrong(source, f"{place}/headers", rule, "V1 in the header signs the time")
    return answer


def _checked(item: Any, known: Members, source: str, place: str) -> dict[str, Any]:
    """The members of an entry, lists as tuples; raises InputError for what breaks the form."""
    if not isinstance(item, dict):
        raise _wrong(source, place, "must be an object", "see the other entries")
    names = [name for name, *_ in known]
    for name in item:
        if name not in names:
            remedy = f"known are: {', '.join(names)}"
            raise _wrong(source, f"{place}/{name}", "is not a known member", remedy)
    for name, needed, check, rule in known:
        if name not in item:
            if needed:
                raise _wrong(source, f"{place}/{name}", "is missing", f"it {rule}")
        elif not check(item[name]):
            raise _wrong(source, f"{place}/{name}", f"{rule}, not {item[name]!r:.60}", "mend it")
    if (item["mode"] == "query") != ("expires" in item):
        rule = "stands in mode `query` and in no other"
        raise _wrong(source, f"{place}/expires", rule, "add it, take it out, or change the mode")
    query = tuple((name, value) for name, value in item["query"])
    return item | {"query": query, "headers": tuple(item["headers"].items())}


def _wrong(source: str, place: str, rule: str, remedy: str) -> InputError:
    return InputError(source=source, place=place, rule=rule, remedy=remedy)
