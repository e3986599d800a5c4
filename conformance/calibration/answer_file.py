"""Reads files of known answers, for V4 and for V1.

`answer_mistakes` checks the schema and two rules that a schema cannot express. `oss-bodies check`
and `oss-bodies calibrate` both use it, so they agree about every file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.calibration.known_answer import KnownAnswer, KnownAnswerV1, KnownAnswerV4
from conformance.documents.files import read_file
from conformance.documents.mistake import Mistake, as_error, pointer
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import plain
from conformance.oss.authorization import moment_of

Json = Any


def read(path: Path) -> tuple[KnownAnswer, ...]:
    """The known answers of a file; raises InputError with file, place, rule and remedy."""
    document = plain(read_file(path))
    for mistake in answer_mistakes(document):
        raise as_error(mistake, source=str(path))
    parse = _v1 if _is_v1(document) else _v4
    return tuple(parse(entry) for entry in document["vectors"])


def answer_mistakes(document: Json) -> tuple[Mistake, ...]:
    """All mistakes of a document of known answers."""
    name = "known-answers-v1" if _is_v1(document) else "known-answers"
    mistakes = schema_mistakes(plain(document), schema(name))
    return mistakes or (*_same_ids(document), *_missing_dates(document))


def _is_v1(document: Json) -> bool:
    return isinstance(document, dict) and "signature" in document


def _same_ids(document: Json) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for index, entry in enumerate(document["vectors"]):
        place = pointer(("vectors", index, "id"))
        first = seen.setdefault(entry["id"], place)
        if first != place:
            rule = f"{entry['id']!r} is also the id at {first}"
            yield Mistake(place=place, rule=rule, remedy="give each entry a unique id")


def _missing_dates(document: Json) -> Iterator[Mistake]:
    """V1 in the header signs the time of a date header, so there must be one."""
    entries = document["vectors"] if _is_v1(document) else []
    for index, entry in enumerate(entries):
        if entry["mode"] == "header" and moment_of(_v1(entry).date) is None:
            yield Mistake(
                place=pointer(("vectors", index, "headers")),
                rule="no x-oss-date or Date with a valid time",
                remedy="add one, such as Date: Fri, 21 Jul 2023 08:49:07 GMT",
            )


def _v4(entry: Json) -> KnownAnswer:
    return KnownAnswerV4(**_fields(entry) | {"additional": tuple(entry.get("additional", ()))})


def _v1(entry: Json) -> KnownAnswerV1:
    return KnownAnswerV1(**_fields(entry))


def _fields(entry: Json) -> dict[str, Any]:
    """An entry as arguments: tuples for lists, int for 600.0 (JSON Schema: an integer)."""
    integers = {name: int(value) for name, value in entry.items() if isinstance(value, float)}
    query = tuple((name, value) for name, value in entry["query"])
    headers = tuple(entry["headers"].items())
    return {**entry, **integers, "query": query, "headers": headers}
