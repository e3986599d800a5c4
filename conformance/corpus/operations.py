"""Reads operation documents: those of the suite (`schemas/operations/`) and any other."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from conformance.assets import SCHEMAS
from conformance.corpus.shape import near, schema_mistakes
from conformance.corpus.strict_json import Mistake, plain, pointer, read
from conformance.errors import OperationError
from conformance.operation.definition import Operation, definition, inconsistencies
from conformance.operation.processing import BODIES

Json = Any

FOLDER = SCHEMAS / "operations"


@cache
def shipped() -> tuple[Operation, ...]:
    """The operations that the suite ships, each read once."""
    return tuple(load_operation(path) for path in sorted(FOLDER.glob("*.json")))


def bodies() -> Operation:
    """The operation that the suite is about."""
    return next(one for one in shipped() if one.action == BODIES)


def operation_mistakes(document: Json) -> tuple[Mistake, ...]:
    """All that is wrong with an operation document, without the files that it names."""
    schema = json.loads((SCHEMAS / "operation.schema.json").read_text(encoding="utf-8"))
    found = schema_mistakes(plain(document), schema)
    if found:
        return found
    return tuple(
        Mistake(place=pointer(at), rule=rule, remedy=remedy)
        for at, rule, remedy in inconsistencies(document)
    )


def load_operation(path: Path) -> Operation:
    """The operation of a document; OperationError with file, place, rule and remedy."""
    document = _document(path, remedy="name an operation document, relative to the file")
    for mistake in operation_mistakes(document):
        raise _error(path, mistake)
    beside = path.parent / document["response"]["schema"]
    schema = _response_schema(beside, path)
    for index, answer in enumerate(document["answers"]):
        for mistake in schema_mistakes(plain(answer["body"]), schema):
            place = pointer(("answers", index, "body")) + mistake.place
            remedy = mistake.remedy or f"correct it, or {beside.name}"
            raise _error(path, Mistake(place=place, rule=mistake.rule, remedy=remedy))
    return definition(plain(document), schema)


def chosen(name: str, beside: Path) -> Operation:
    """The operation that a vector file names: a shipped one, or a path relative to `beside`.

    OperationError if it is neither.
    """
    known = {one.name: one for one in shipped()}
    if name in known:
        return known[name]
    if not name.endswith(".json"):
        remedy = near(name, list(known)) + ", or the path of an operation document (.json)"
        rule = f"there is no operation {name!r}"
        raise _error(beside, Mistake(place="/operation", rule=rule, remedy=remedy))
    return load_operation(beside.parent / name)


def _response_schema(path: Path, named_in: Path) -> Json:
    schema = plain(_document(path, remedy=f"{named_in} names it as the schema of its response"))
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        rule = f"is not a JSON Schema of draft 2020-12: {error.message}"
        mistake = Mistake(place=pointer(error.absolute_path), rule=rule, remedy="correct it")
        raise _error(path, mistake) from error
    if not isinstance(schema, dict):
        rule, remedy = "allows everything or nothing", "describe the response as an object"
        raise _error(path, Mistake(place="", rule=rule, remedy=remedy))
    return schema


def _document(path: Path, *, remedy: str) -> Json:
    try:
        data = path.read_bytes()
    except OSError as error:
        rule = f"cannot be read: {error.strerror}"
        raise _error(path, Mistake(place="", rule=rule, remedy=remedy)) from error
    document, mistakes = read(data)
    for mistake in mistakes:
        raise _error(path, mistake)
    return document


def _error(path: Path, mistake: Mistake) -> OperationError:
    return OperationError(
        source=str(path), place=mistake.place, rule=mistake.rule, remedy=mistake.remedy
    )
