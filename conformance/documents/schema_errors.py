"""Describes what a JSON Schema rejects in terms of the document.

A validator's messages are about the schema. These name the unknown member and the one that was
probably meant, or the mistake in the alternative that the document uses.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match

from conformance.documents.mistake import Mistake, near, pointer

Json = Any

_QUOTED = 80  # characters of a value that a message shows
_MESSAGE = 200  # characters of a validator's own sentence, which may quote a whole document


def described(document: Json, schema: Json) -> tuple[Mistake, ...]:
    """The mistakes, at least one, in a document that does not conform to a schema."""
    errors = Draft202012Validator(schema).iter_errors(document)
    name = str(schema.get("$id", "")).rpartition(":")[2]
    default = f"see schemas/{name}.schema.json" if name else ""
    found = tuple(dict.fromkeys(_mistake(_innermost(error), default) for error in errors))
    # A document that only jsonschema accepts is rejected.
    return found or (Mistake(place="", rule="does not match its schema", remedy=default),)


def of_schema(document: Json) -> tuple[Mistake, ...]:
    """The first mistake in a document that has to be a JSON Schema of draft 2020-12, if any."""
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        rule = f"is not a JSON Schema of draft 2020-12: {error.message}"
        return (Mistake(place=pointer(error.absolute_path), rule=rule, remedy="correct it"),)
    return ()


def _innermost(error: ValidationError) -> ValidationError:
    """For `oneOf` between objects: the error in the alternative that the document uses."""
    while error.validator == "oneOf" and isinstance(error.instance, dict) and error.context:
        alternatives: Json = error.validator_value
        used = [
            index
            for index, alternative in enumerate(alternatives)
            if set(alternative.get("required", ())) & set(error.instance)
        ]
        inner = [each for each in error.context if [each.relative_schema_path[0]] == used]
        if not inner:
            return error
        error = best_match(inner) or inner[0]
    return error


def _mistake(error: ValidationError, default: str) -> Mistake:
    """default: the remedy if the error suggests none."""
    rule, remedy = _EXPLANATIONS.get(str(error.validator), _other)(error)
    return Mistake(place=pointer(error.absolute_path), rule=rule, remedy=remedy or default)


def _unknown_name(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    known = list(schema.get("properties", {}))
    given: Json = error.instance
    return _unknown([name for name in given if name not in known], known)


def _unknown(names: Sequence[str], known: Sequence[str]) -> tuple[str, str]:
    return f"unknown: {', '.join(map(repr, names))}", near(names[0], known)


def _missing_name(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    given: Json = error.instance
    # There is an error for each missing name; its message begins with the name.
    name = next(
        n for n in schema["required"] if n not in given and error.message.startswith(repr(n))
    )
    member = schema.get("properties", {}).get(name, {})
    text = member.get("description", "") if isinstance(member, dict) else ""
    return f"{name!r} is missing", f"add it: {text}" if text else "add it"


def _no_alternative(error: ValidationError) -> tuple[str, str]:
    alternatives: Json = error.validator_value
    allowed = [each["required"][0] if "required" in each else _kind(each) for each in alternatives]
    if isinstance(error.instance, dict):
        unknown = [name for name in error.instance if name not in allowed]
        if unknown:
            return _unknown(unknown, allowed)
    return f"{_quote(error.instance)} is none of: {', '.join(allowed)}", ""


def _needs_one(error: ValidationError) -> tuple[str, str]:
    alternatives: Json = error.validator_value
    if not all(alternative.get("required") for alternative in alternatives):
        return _other(error)
    names = " nor ".join(repr(alternative["required"][0]) for alternative in alternatives)
    return f"has neither {names}", "add one of them"


def _kind(alternative: Json) -> str:
    if "const" in alternative:
        return repr(alternative["const"])
    if "enum" in alternative:
        return ", ".join(map(repr, alternative["enum"]))
    return str(alternative.get("type", "any"))


def _unknown_value(error: ValidationError) -> tuple[str, str]:
    values: Json = error.validator_value
    known = [str(item) for item in values]
    return f"{_quote(error.instance)} is not allowed here", near(str(error.instance), known)


def _forbidden(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    return "is not allowed here", str(schema.get("description", "remove it"))


def _other(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    text = error.message
    rule = text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}..."
    return rule, str(schema.get("description", "")) if isinstance(schema, dict) else ""


_EXPLANATIONS: dict[str, Callable[[ValidationError], tuple[str, str]]] = {
    "additionalProperties": _unknown_name,
    "required": _missing_name,
    "oneOf": _no_alternative,
    "anyOf": _needs_one,
    "enum": _unknown_value,
    "not": _forbidden,
}


def _quote(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 3]}..."
