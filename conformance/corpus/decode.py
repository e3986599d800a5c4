"""A vector document -> its cases; pure.

First the schema, then the rules of `lint`, then values: whoever holds a `Case` need not
check it again. `mistakes` tells all that is wrong with a document, `decode` stops at the first.
Merging is in `merging`, bodies are made in `render`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.corpus import lint, render
from conformance.corpus.merging import LaidCase, LaidTurn, lay
from conformance.corpus.shape import schema_mistakes
from conformance.corpus.strict_json import Mistake, plain
from conformance.errors import VectorError
from conformance.model.case import (
    Case,
    Credentials,
    Expectation,
    Input,
    KnownKey,
    Level,
    Provenance,
    Reply,
    Script,
    Source,
    Turn,
)

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What documents are read by: the schemas by name (`vectors`), and `vectors/defaults.json`."""

    schemas: Mapping[str, Json]
    suite: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One vector file: `name` is its path without .json, `flags` pairs of flag and meaning."""

    name: str
    about: str
    flags: tuple[tuple[str, str], ...]
    cases: tuple[Case, ...]


def mistakes(document: Json, terms: Terms) -> tuple[Mistake, ...]:
    """All that is wrong with a document: by its schema, or else by the linter's rules."""
    of_schema = schema_mistakes(plain(document), terms.schemas["vectors"])
    if of_schema:
        return of_schema
    cases = tuple(lay(document, terms.suite))
    found = (*lint.file_mistakes(document), *lint.case_mistakes(cases))
    return tuple(dict.fromkeys(found))  # several cases may inherit one mistake from the defaults


def suite_mistakes(document: Json, schemas: Mapping[str, Json]) -> tuple[Mistake, ...]:
    """All that is wrong with `defaults.json`: the shape of a file's defaults, all of them there."""
    vectors = schemas["vectors"]
    given, told = vectors["$defs"]["input"], vectors["$defs"]["script"]
    schema = {
        "$defs": vectors["$defs"],
        "type": "object",
        "additionalProperties": False,
        "required": ["about", "input", "script"],
        "properties": {
            "about": {"type": "string"},
            "input": {**given, "required": list(given["properties"])},
            "script": {**told, "required": list(told["properties"])},
        },
    }
    return schema_mistakes(plain(document), schema)


def decode(document: Json, *, file: str, terms: Terms) -> Topic:
    """The topic of a document; VectorError for the first mistake, with its JSON pointer."""
    for mistake in mistakes(document, terms):
        raise vector_error(file, mistake)
    return Topic(
        name=document["topic"],
        about=document["about"],
        flags=tuple(document.get("flags", {}).items()),
        cases=valid_cases(document, suite=terms.suite, file=file),
    )


def valid_cases(document: Json, *, suite: Json, file: str = "") -> tuple[Case, ...]:
    """The cases of a document that is known to be valid, such as one that this package made."""
    return tuple(_case(laid, file) for laid in lay(document, suite))


def vector_error(file: str, mistake: Mistake) -> VectorError:
    """A mistake as the exception that ends reading."""
    return VectorError(source=file, place=mistake.place, rule=mistake.rule, remedy=mistake.remedy)


def _case(laid: LaidCase, file: str) -> Case:
    word: Json = laid.provenance
    return Case(
        id=laid.raw["id"],
        title=laid.raw["title"],
        provenance=Provenance(**{**word, "source": Source(word["source"])}),
        turns=tuple(_turn(turn) for turn in laid.turns),
        notes=tuple(laid.raw.get("notes", ())),
        flags=tuple(laid.raw.get("flags", ())),
        file=file,
    )


def _turn(laid: LaidTurn) -> Turn:
    return Turn(
        input=_input(laid.input),
        script=_script(laid.script),
        expect=_expectations(plain(laid.expect)),
    )


def _input(given: Json) -> Input:
    keys = given["credentials"]
    return Input(
        **{
            **given,
            "parameters": tuple(given["parameters"].items()),
            "credentials": None if keys is None else Credentials(**keys),
        }
    )


def _script(told: Json) -> Script:
    return Script(
        **{
            **told,
            "keys": tuple(KnownKey(**key) for key in told["keys"]),
            "bound": tuple((host, bucket) for host, bucket in told["bound"]),
            "replies": tuple(_reply(reply) for reply in told["replies"]),
        }
    )


def _reply(told: Json) -> Reply:
    content = render.body(told["body"]) if "body" in told else b""
    headers = tuple((name, value) for name, value in told.get("headers", ()))
    if "encoding" in told:
        content = render.encode(content, told["encoding"])
        headers += (("Content-Encoding", told["encoding"]),)
    return Reply(
        status=told["status"],
        headers=headers,
        body=content,
        error=tuple(told["error"].items()) if "error" in told else None,
        framing=told.get("framing", "length"),
        faults=tuple(pair for fault in plain(told.get("faults", [])) for pair in fault.items()),
    )


def _expectations(told: Json) -> tuple[Expectation, ...]:
    claimed = [
        Expectation(claim=claim, values=tuple(told[claim].items()))
        for claim in (Level.REQUIRED, Level.RECOMMENDED)
        if told.get(claim)
    ]
    if told.get("observed"):
        values = tuple((name, None) for name in told["observed"])
        claimed.append(Expectation(claim=Level.OBSERVED, values=values))
    return tuple(claimed)
