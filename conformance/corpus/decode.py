"""From a vector document to its cases.

First the schema, then the rules of `lint`, then values: a `Case` that exists is valid and need not
be checked again. `mistakes` returns all that is wrong with a document, `decode` raises the first.
`merging` applies the defaults, `render` makes the bodies. Pure.
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
from conformance.operation.definition import Operation

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What vector documents are read with."""

    schemas: Mapping[str, Json]  # by name: `vectors` is schemas/vectors.schema.json
    suite: Json  # vectors/defaults.json
    operation: Operation  # that the vector file is of


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One vector file."""

    name: str  # its path below vectors/, without .json
    about: str  # what a reader learns from it
    flags: tuple[tuple[str, str], ...]  # each with its meaning
    cases: tuple[Case, ...]


def mistakes(document: Json, terms: Terms) -> tuple[Mistake, ...]:
    """All that is wrong with a document by its schema; if nothing is, by the linter's rules."""
    return _examined(document, terms)[1]


def _examined(document: Json, terms: Terms) -> tuple[tuple[MergedCase, ...], tuple[Mistake, ...]]:
    """The merged cases, none if the schema refuses the document, and all mistakes."""
    of_schema = schema_mistakes(plain(document), terms.schemas["vectors"])
    if of_schema:
        return (), of_schema
    cases = tuple(merged_cases(document, terms.suite, terms.operation))
    found = (*lint.file_mistakes(document), *lint.case_mistakes(cases))
    return cases, tuple(dict.fromkeys(found))  # cases may inherit one mistake from the defaults


def suite_mistakes(document: Json, schemas: Mapping[str, Json]) -> tuple[Mistake, ...]:
    """All that is wrong with `defaults.json`, which has to set every name of input and script."""
    vectors = schemas["vectors"]
    given, script = vectors["$defs"]["input"], vectors["$defs"]["script"]
    keys = {
        **given["properties"]["credentials"],
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
                **given,
                "required": list(given["properties"]),
                "properties": {**given["properties"], "credentials": keys},
            },
            "script": {**script, "required": list(script["properties"])},
            "sets": {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/expectation_set"},
            },
        },
    }
    return schema_mistakes(plain(document), schema)


def decode(document: Json, *, file: str, terms: Terms) -> Topic:
    """The topic of a document; VectorError for the first mistake, with its JSON pointer."""
    cases, found = _examined(document, terms)
    for mistake in found:
        raise vector_error(file, mistake)
    return Topic(
        name=document["topic"],
        about=document["about"],
        flags=tuple(document.get("flags", {}).items()),
        cases=_cases(cases, file, terms),
    )


def valid_cases(document: Json, *, file: str = "", terms: Terms) -> tuple[Case, ...]:
    """The cases of a document that is known to be valid, such as one that this package made."""
    return _cases(merged_cases(document, terms.suite, terms.operation), file, terms)


def _cases(merged: Iterable[MergedCase], file: str, terms: Terms) -> tuple[Case, ...]:
    names = tuple(terms.schemas["vectors"]["$defs"]["expectations"]["properties"])
    return tuple(_case(one, file, names) for one in merged)


def vector_error(file: str, mistake: Mistake) -> InputError:
    """The exception for a mistake."""
    return as_error(mistake, source=file, kind=VectorError)


def _case(merged: MergedCase, file: str, names: tuple[str, ...]) -> Case:
    given: Json = merged.provenance
    return Case(
        id=merged.raw["id"],
        title=merged.raw["title"],
        provenance=Provenance(**{**given, "source": Source(given["source"])}),
        turns=tuple(_turn(turn, names) for turn in merged.turns),
        notes=tuple(merged.raw.get("notes", ())),
        flags=tuple(merged.raw.get("flags", ())),
        file=file,
    )


def _turn(merged: MergedTurn, names: tuple[str, ...]) -> Turn:
    return Turn(
        input=_input(merged.input),
        script=_script(merged.script),
        expect=_expectations(plain(merged.expect), names),
        calls=tuple(_input(call) for call in merged.calls),
    )


def _input(given: Json) -> Input:
    keys, consume, proxy = given["credentials"], given["consume"], given["proxy"]
    return Input(
        **{
            **given,
            "parameters": tuple(given["parameters"].items()),
            "credentials": None if keys is None else Credentials(**keys),
            "consume": None if consume is None else Consume(**consume),
            "proxy": None if proxy is None else ProxyLogin(**proxy),
            "environment": _environment(given["environment"]),
        }
    )


def _environment(given: Json) -> ProgramEnvironment | None:
    if given is None:
        return None
    pairs = {name: tuple(given.get(name, {}).items()) for name in ("variables", "home")}
    return ProgramEnvironment(**{**given, **pairs})


def _script(given: Json) -> Script:
    return Script(
        **{
            **given,
            "keys": tuple(KnownKey(**key) for key in given["keys"]),
            "bound": tuple((host, bucket) for host, bucket in given["bound"]),
            "replies": tuple(_reply(reply) for reply in given["replies"]),
            "proxy": None if given["proxy"] is None else _pair(given["proxy"]),
        }
    )


def _pair(given: Json) -> tuple[str, Any]:
    """The name and the value of an object of one name."""
    ((name, value),) = given.items()
    return name, value


def _reply(given: Json) -> Reply:
    content = render.body(given["body"]) if "body" in given else b""
    headers = tuple((name, value) for name, value in given.get("headers", ()))
    if "encoding" in given:
        content = render.encode(content, given["encoding"])
        headers += (("Content-Encoding", given["encoding"]),)
    return Reply(
        status=given["status"],
        headers=headers,
        body=content,
        error=tuple(given["error"].items()) if "error" in given else None,
        framing=given.get("framing", "length"),
        when=_pair(given["when"]) if "when" in given else None,
        faults=tuple(_pair(fault) for fault in plain(given.get("faults", []))),
    )


def _expectations(given: Json, names: tuple[str, ...]) -> tuple[Expectation, ...]:
    """By level, the names in the order of the schema: however they were merged, a case is equal."""
    levels = [
        Expectation(
            claim=level,
            values=tuple((name, given[level][name]) for name in names if name in given[level]),
        )
        for level in (Level.REQUIRED, Level.RECOMMENDED)
        if given.get(level)
    ]
    if given.get("observed"):
        values = tuple((name, None) for name in given["observed"])
        levels.append(Expectation(claim=Level.OBSERVED, values=values))
    return tuple(levels)
