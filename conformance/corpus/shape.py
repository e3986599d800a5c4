"""What a closed JSON Schema says of a document, in words a person can act on.

A validator's own sentences are about schemas; these are about the file: which name is
unknown and what was meant, which of several shapes a value has none of. Where a choice of objects
fails, the one is explained whose name stands there.
"""

import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.corpus.strict_json import Mistake, pointer

Json = Any

# Compiled schemas by their ids; a reading of the corpus uses three or four, and its own objects.
_KEPT = 16
_compiled: dict[int, tuple[Json, Any]] = {}


def schema_mistakes(document: Json, schema: Json) -> tuple[Mistake, ...]:
    """What a closed schema says of a document: each error at its place, in words.

    The fast validator answers for what is right, which is nearly everything that is read; the
    other one takes ten times as long and can explain itself.
    """
    if _fast(schema).is_valid(document):
        return ()
    errors = Draft202012Validator(schema).iter_errors(document)
    return tuple(_mistake(_deepest(error)) for error in errors)


def _fast(schema: Json) -> Any:
    """The compiled validator; a corpus is dozens of documents by one schema."""
    kept = _compiled.get(id(schema))
    if kept is None:  # the schema is held beside its validator, so its id stays its own
        if len(_compiled) >= _KEPT:
            del _compiled[next(iter(_compiled))]
        kept = _compiled[id(schema)] = (schema, jsonschema_rs.validator_for(schema))
    return kept[1]


def _deepest(error: ValidationError) -> ValidationError:
    """For a choice of objects: what is wrong with the one that was meant, told by its names."""
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


def _mistake(error: ValidationError) -> Mistake:
    write = _WORDS.get(str(error.validator), _plain)
    rule, remedy = write(error)
    return Mistake(place=pointer(error.absolute_path), rule=rule, remedy=remedy)


def _unknown_name(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    known = list(schema.get("properties", {}))
    given: Json = error.instance
    names = [name for name in given if name not in known]
    return f"unknown: {', '.join(map(repr, names))}", near(names[0], known)


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


def _plain(error: ValidationError) -> tuple[str, str]:
    schema: Json = error.schema
    return error.message, str(schema.get("description", ""))


_WORDS: dict[str, Callable[[ValidationError], tuple[str, str]]] = {
    "additionalProperties": _unknown_name,
    "oneOf": _no_choice,
    "enum": _no_member,
}


def near(word: str, known: Sequence[str]) -> str:
    """What the writer may have meant, or else all there is."""
    close = get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(known)}" if known else ""


def _quote(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
