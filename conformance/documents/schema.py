"""Validates documents against JSON Schema and describes mistakes in terms of the document.

A validator's messages are about the schema. These name the unknown member and the one that was
probably meant, or the mistake in the alternative that the document uses.
"""

import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.assets import SCHEMAS
from conformance.documents.mistake import Mistake, pointer

Json = Any

_QUOTED = 80  # characters of a value that a message shows
_MESSAGE = 200  # characters of a validator's own sentence, which may quote a whole document


@cache
def schema(name: str) -> Json:
    """A schema of the suite by its name, such as `vectors`; always the same object."""
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def schema_mistakes(document: Json, schema: Json) -> tuple[Mistake, ...]:
    """Everything in a document that a schema does not allow.

    Most documents are valid, which jsonschema_rs finds out in microseconds. Only the others are
    validated by jsonschema, which takes a thousand times as long but describes its errors.
    """
    if _compiled(_Identity(schema)).is_valid(document):
        return ()
    errors = Draft202012Validator(schema).iter_errors(document)
    name = str(schema.get("$id", "")).rpartition(":")[2]
    default = f"see schemas/{name}.schema.json" if name else ""
    found = tuple(dict.fromkeys(_mistake(_innermost(error), default) for error in errors))
    # A document that only jsonschema accepts is rejected.
    return found or (Mistake(place="", rule="does not match its schema", remedy=default),)


class _Identity:
    """A schema as a cache key, compared by identity."""

    __slots__ = ("schema",)

    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.schema is other.schema

    def __hash__(self) -> int:
        return id(self.schema)


@lru_cache(maxsize=16)  # the suite has about ten schemas
def _compiled(key: _Identity) -> Any:
    return jsonschema_rs.validator_for(key.schema)


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


def near(word: str, known: Sequence[str]) -> str:
    """The remedy for an unknown word: what was probably meant, or else all known words."""
    close = get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(known)}" if known else ""


def _quote(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 3]}..."
