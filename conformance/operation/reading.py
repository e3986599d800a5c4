"""Reads operation documents: those that the suite ships (`schemas/operations/`) and any other."""

from functools import cache
from pathlib import Path
from typing import Any

from conformance.assets import SCHEMAS
from conformance.documents.files import read_file
from conformance.documents.mistake import Mistake, as_error, near, pointer
from conformance.documents.schema import mistakes_of_schema, schema, schema_mistakes
from conformance.documents.strict_json import plain
from conformance.errors import InputError, OperationError
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
    return next(operation for operation in shipped() if operation.action == BODIES)


def operation_mistakes(document: Json) -> tuple[Mistake, ...]:
    """Every mistake in an operation document, without those in the files it refers to."""
    found = schema_mistakes(plain(document), schema("operation"))
    if found:
        return found
    return tuple(
        Mistake(place=pointer(at), rule=rule, remedy=remedy)
        for at, rule, remedy in inconsistencies(document)
    )


def load_operation(path: Path) -> Operation:
    """The operation of a document; raises OperationError with file, place, rule and remedy."""
    document = read_file(path, OperationError)
    for mistake in operation_mistakes(document):
        raise _error(path, mistake)
    named = path.parent / document["response"]["schema"]
    response = _response_schema(named)
    for index, answer in enumerate(document["answers"]):
        for mistake in schema_mistakes(plain(answer["body"]), response):
            place = pointer(("answers", index, "body")) + mistake.place
            remedy = mistake.remedy or f"correct it, or {named.name}"
            raise _error(path, Mistake(place=place, rule=mistake.rule, remedy=remedy))
    return definition(plain(document), response)


def chosen(name: str, beside: Path) -> Operation:
    """The operation that a vector file names: a shipped one, or a path relative to the file.

    beside: the vector file. Raises OperationError if the name is neither.
    """
    known = {operation.name: operation for operation in shipped()}
    if name in known:
        return known[name]
    if name.endswith(".json"):
        return load_operation(beside.parent / name)
    hint = near(name, list(known))
    hint += "" if hint.endswith("?") else "."
    remedy = f"{hint} A path of an operation document (.json) is possible as well."
    rule = f"there is no operation {name!r}"
    raise _error(beside, Mistake(place="/operation", rule=rule, remedy=remedy))


def _response_schema(path: Path) -> Json:
    document = plain(read_file(path, OperationError))
    for mistake in mistakes_of_schema(document):
        raise _error(path, mistake)
    if not isinstance(document, dict):
        rule, remedy = "allows everything or nothing", "describe the response as an object"
        raise _error(path, Mistake(place="", rule=rule, remedy=remedy))
    return document


def _error(path: Path, mistake: Mistake) -> InputError:
    return as_error(mistake, source=str(path), kind=OperationError)
