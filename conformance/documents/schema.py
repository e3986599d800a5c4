"""Validates documents against JSON Schema.

A validator's messages are about the schema; schema_errors.py describes what it rejects.
"""

import json
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs

from conformance.assets import SCHEMAS
from conformance.documents.mistake import Mistake

Json = Any
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


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
    # Importing jsonschema takes as long as reading a whole results file.
    from conformance.documents.schema_errors import described  # noqa: PLC0415

    return described(document, schema)


def mistakes_of_schema(document: Json) -> tuple[Mistake, ...]:
    """The first mistake in a document that has to be a JSON Schema of draft 2020-12, if any."""
    if isinstance(document, dict) and jsonschema_rs.meta.is_valid({**document, "$schema": _DRAFT}):
        return ()
    from conformance.documents.schema_errors import of_schema  # noqa: PLC0415 (as above)

    return of_schema(document)


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
