"""The one judge of documents by JSON Schema, in words that a person can act on.

A validator's own sentences speak of schemas; these speak of the document: which name is unknown
and which was probably meant, or what is wrong with the alternative that the writer has chosen.
"""

import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.assets import SCHEMAS
from conformance.documents.mistake import Mistake, pointer

Json = Any

_QUOTED = 80  # characters of a value that a message shows
_MESSAGE = 200  # characters of a validator's own sentence, which may quote a whole document

# Compiled schemas by their ids. The suite has about ten; tests and generated documents bring more.
_MOST_COMPILED = 16
_compiled: dict[int, tuple[Json, Any]] = {}


@cache
def schema(name: str) -> Json:
    """The suite's schema of that name (`vectors`, `manifest`), always the same object."""
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def schema_mistakes(document: Json, schema: Json) -> tuple[Mistake, ...]:
    """Everything in a document that a schema does not allow, each mistake at its place.

    Nearly every document is right, and the fast validator says so in microseconds; the one that
    can explain itself takes a thousand times as long and is asked about the others only.
    """
    if _fast(schema).is_valid(document):
        return ()
    errors = Draft202012Validator(schema).iter_errors(document)
    name = str(schema.get("$id", "")).rpartition(":")[2]
    default = f"see schemas/{name}.schema.json" if name else ""
    found = tuple(dict.fromkeys(_mistake(_innermost(error), default) for error in errors))
    # Two validators that disagree are a defect of ours; the document is not accepted.
    return found or (Mistake(place="", rule="is not valid, and nothing says why"),)


def _fast(schema: Json) -> Any:
    """The compiled validator of a schema."""
    compiled = _compiled.get(id(schema))
    if compiled is None:  # the schema stays beside its validator, so its id is not used again
        if len(_compiled) >= _MOST_COMPILED:
            _compiled.pop(next(iter(_compiled)), None)
        compiled = _compiled[id(schema)] = (schema, jsonschema_rs.validator_for(schema))
    return compiled[1]


def _innermost(error: ValidationError) -> ValidationError:
    """Where one of several objects is due: what is wrong with the one whose name was used."""
    while error.validator == "oneOf" and isinstance(error.instance, dict) and error.context:
        branches: dict[int, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
        options: Json = error.validator_value
        meant: list[int] = [
            index
            for index, option in enumerate(options)
            if set(option.get("required", ())) & set(error.instance)
        ]
        if len(meant) != 1 or meant[0] not in branches:
            return error
        error = best_match(branches[meant[0]]) or branches[meant[0]][0]
    return error


def _mistake(error: ValidationError, default: str) -> Mistake:
    """default: the remedy where nothing better is known."""
    rule, remedy = _WORDS.get(str(error.validator), _other)(error)
    return Mistake(place=pointer(error.absolute_path), rule=rule, remedy=remedy or default)


def _unknown_name(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    known = list(schema.get("properties", {}))
    given: Json = error.instance
    names = [name for name in given if name not in known]
    return f"unknown: {', '.join(map(repr, names))}", near(names[0], known)


def _missing_name(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    given: Json = error.instance
    # One error a name: the message begins with the one that is missing.
    name = next(
        n for n in schema["required"] if n not in given and error.message.startswith(repr(n))
    )
    described = schema.get("properties", {}).get(name, {})
    text = described.get("description", "") if isinstance(described, dict) else ""
    return f"{name!r} is missing", f"add it: {text}" if text else "add it"


def _no_choice(error: ValidationError) -> tuple[str, str]:
    options: Json = error.validator_value
    shapes = [
        option["required"][0] if "required" in option else _kind(option) for option in options
    ]
    if isinstance(error.instance, dict):
        unknown = [name for name in error.instance if name not in shapes]
        if unknown:
            return f"unknown: {', '.join(map(repr, unknown))}", near(unknown[0], shapes)
    return f"{_quote(error.instance)} is none of: {', '.join(shapes)}", ""


def _no_alternative(error: ValidationError) -> tuple[str, str]:
    options: Json = error.validator_value
    if not all(option.get("required") for option in options):
        return _other(error)
    names = " or ".join(repr(option["required"][0]) for option in options)
    return f"has neither {names}".replace(" or ", " nor ", 1), "add one of them"


def _kind(option: Json) -> str:
    if "const" in option:
        return repr(option["const"])
    if "enum" in option:
        return ", ".join(map(repr, option["enum"]))
    return str(option.get("type", "any"))


def _no_member(error: ValidationError) -> tuple[str, str]:
    values: Json = error.validator_value
    known = [str(item) for item in values]
    return f"{_quote(error.instance)} is not known here", near(str(error.instance), known)


def _not_here(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    return "is not allowed here", str(schema.get("description", "remove it"))


def _other(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    text = error.message
    rule = text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}..."
    return rule, str(schema.get("description", "")) if isinstance(schema, dict) else ""


_WORDS: dict[str, Callable[[ValidationError], tuple[str, str]]] = {
    "additionalProperties": _unknown_name,
    "required": _missing_name,
    "oneOf": _no_choice,
    "anyOf": _no_alternative,
    "enum": _no_member,
    "not": _not_here,
}


def near(word: str, known: Sequence[str]) -> str:
    """A remedy for an unknown word: what was probably meant, or else everything that is known."""
    close = get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(known)}" if known else ""


def _quote(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 3]}..."
