"""Decodes a vector document into its cases.

The document is checked against its schema and then by the rules of `lint`, so a `Case` that exists
is valid and is never checked again. `mistakes` returns everything that is wrong with a document,
`decode` raises the first mistake. `merging` applies the defaults, `render` writes the bodies. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.corpus import lint, render
from conformance.corpus.merging import MergedCase, MergedTurn, merged_cases
from conformance.documents.mistake import Mistake, as_error
from conformance.documents.schema import schema_mistakes
from conformance.documents.strict_json import plain
from conformance.errors import InputError, VectorError
from conformance.model.case import (
    Case,
    Consume,
    Credentials,
    Expectation,
    Input,
    KnownKey,
    Level,
    ProgramEnvironment,
    Provenance,
    ProxyLogin,
    Reply,
    Script,
    Source,
    Turn,
)
from conformance.model.content_coding import encode
from conformance.operation.definition import Operation

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The schemas, the defaults and the operation with which a vector document is read."""

    schemas: Mapping[str, Json]  # by name: `vectors` is schemas/vectors.schema.json
    suite: Json  # vectors/defaults.json
    operation: Operation  # of the vector file


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One vector file."""

    name: str  # its path below vectors/, without .json
    about: str  # its description for readers
    flags: tuple[tuple[str, str], ...]  # each with its meaning
    cases: tuple[Case, ...]


def mistakes(document: Json, terms: Terms) -> tuple[Mistake, ...]:
    """All mistakes found by the schema; if there are none, those found by the linter's rules."""
    return _examined(document, terms)[1]


def _examined(document: Json, terms: Terms) -> tuple[tuple[MergedCase, ...], tuple[Mistake, ...]]:
    """The merged cases (none if the document violates the schema) and all mistakes."""
    invalid = schema_mistakes(plain(document), terms.schemas["vectors"])
    if invalid:
        return (), invalid
    cases = tuple(merged_cases(document, terms.suite, terms.operation))
    found = (*lint.file_mistakes(document), *lint.case_mistakes(cases))
    return cases, tuple(dict.fromkeys(found))  # cases can inherit the same mistake from defaults


def suite_mistakes(document: Json, schemas: Mapping[str, Json]) -> tuple[Mistake, ...]:
    """All mistakes in `defaults.json`, which must set every name of input and script."""
    vectors = schemas["vectors"]
    case_input, script = vectors["$defs"]["input"], vectors["$defs"]["script"]
    credentials = {
        **case_input["properties"]["credentials"],
        "type": "object",
        "required": ["access_key_id", "access_key_secret"],
    }
    schema = {
        "$defs": vectors["$defs"],
        "type": "object",
        "additionalProperties": False,
        "required": ["about", "input", "script"],
        "properties": {
            "about": {"type": "string"},
            "input": {
                **case_input,
                "required": list(case_input["properties"]),
                "properties": {**case_input["properties"], "credentials": credentials},
            },
            "script": {**script, "required": list(script["properties"])},
            "sets": {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/expectation_set"},
            },
        },
    }
    return schema_mistakes(plain(document), schema)


def decode(document: Json, *, file: str, terms: Terms, checked: bool = False) -> Topic:
    """The topic of a document; raises VectorError for the first mistake, with its JSON pointer.

    checked: whether this document is known to have no mistakes.
    """
    if checked:
        cases = tuple(merged_cases(document, terms.suite, terms.operation))
    else:
        cases, found = _examined(document, terms)
        for mistake in found:
            raise vector_error(file, mistake)
    return Topic(
        name=document["topic"],
        about=document["about"],
        flags=tuple(document.get("flags", {}).items()),
        cases=_cases(cases, file, terms),
    )


def valid_cases(document: Json, terms: Terms) -> tuple[Case, ...]:
    """The cases of a document that need not be checked, because this package generated it."""
    return _cases(merged_cases(document, terms.suite, terms.operation), "", terms)


def _cases(merged: Iterable[MergedCase], file: str, terms: Terms) -> tuple[Case, ...]:
    names = tuple(terms.schemas["vectors"]["$defs"]["expectations"]["properties"])
    return tuple(_case(case, file, names) for case in merged)


def vector_error(file: str, mistake: Mistake) -> InputError:
    """The exception for a mistake in a vector file."""
    return as_error(mistake, source=file, kind=VectorError)


def _case(merged: MergedCase, file: str, names: tuple[str, ...]) -> Case:
    provenance: Json = merged.provenance
    return Case(
        id=merged.raw["id"],
        title=merged.raw["title"],
        provenance=Provenance(**{**provenance, "source": Source(provenance["source"])}),
        turns=tuple(_turn(turn, names) for turn in merged.turns),
        notes=tuple(merged.raw.get("notes", ())),
        flags=tuple(merged.raw.get("flags", ())),
        live=merged.raw.get("live", False),
        why_safe=merged.raw.get("why_safe"),
        explore=merged.raw.get("explore", False),
        file=file,
    )


def _turn(merged: MergedTurn, names: tuple[str, ...]) -> Turn:
    return Turn(
        input=input_value(merged.input),
        script=_script(merged.script),
        expect=_expectations(plain(merged.expect), names),
        calls=tuple(input_value(call) for call in merged.calls),
    )


def input_value(merged: Json) -> Input:
    """The `Input` of a merged `input` object."""
    credentials, consume, proxy = merged["credentials"], merged["consume"], merged["proxy"]
    return Input(
        **{
            **merged,
            "parameters": tuple(merged["parameters"].items()),
            "credentials": None if credentials is None else Credentials(**credentials),
            "consume": None if consume is None else Consume(**consume),
            "proxy": None if proxy is None else ProxyLogin(**proxy),
            "environment": _environment(merged["environment"]),
        }
    )


def _environment(merged: Json) -> ProgramEnvironment | None:
    if merged is None:
        return None
    pairs = {name: tuple(merged.get(name, {}).items()) for name in ("variables", "home")}
    return ProgramEnvironment(**{**merged, **pairs})


def _script(merged: Json) -> Script:
    return Script(
        **{
            **merged,
            "keys": tuple(KnownKey(**key) for key in merged["keys"]),
            "bound": tuple((host, bucket) for host, bucket in merged["bound"]),
            "replies": tuple(_reply(reply) for reply in merged["replies"]),
            "proxy": None if merged["proxy"] is None else _pair(merged["proxy"]),
        }
    )


def _pair(merged: Json) -> tuple[str, Any]:
    """The name and the value of an object with one name."""
    ((name, value),) = merged.items()
    return name, value


def _reply(reply: Json) -> Reply:
    content = render.body(reply["body"]) if "body" in reply else b""
    headers = tuple((name, value) for name, value in reply.get("headers", ()))
    if "encoding" in reply:
        content = encode(content, reply["encoding"])
        headers += (("Content-Encoding", reply["encoding"]),)
    return Reply(
        status=reply["status"],
        headers=headers,
        body=content,
        error=tuple(reply["error"].items()) if "error" in reply else None,
        framing=reply.get("framing", "length"),
        when=tuple(reply.get("when", {}).items()),
        faults=tuple(_pair(fault) for fault in plain(reply.get("faults", []))),
    )


def _expectations(expect: Json, names: tuple[str, ...]) -> tuple[Expectation, ...]:
    """By level, with names in the order of the schema, so that the merge order has no effect."""
    levels = [
        Expectation(
            claim=level,
            values=tuple((name, expect[level][name]) for name in names if name in expect[level]),
        )
        for level in (Level.REQUIRED, Level.RECOMMENDED)
        if expect.get(level)
    ]
    if expect.get("observed"):
        values = tuple((name, None) for name in expect["observed"])
        levels.append(Expectation(claim=Level.OBSERVED, values=values))
    return tuple(levels)
