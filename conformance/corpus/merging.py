"""The cases of a vector file, merged with the defaults that they start from.

Three layers, the later over the earlier: the suite's defaults (with the action of the file's
operation), the file's `defaults`, the case; for a case of several calls, each turn over that.
Objects are merged name by name, anything else is replaced; a parameter of the action that is null
is then left out. Expectation sets (`expect.sets`) give the expectations that the merged layers do
not name themselves. A mistake found after merging is reported at the place in the file that the
value comes from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.documents.mistake import Pointer, pointer
from conformance.operation.definition import Operation
from conformance.operation.processing import write

Json = Any
Layer = tuple[Pointer, Json]  # a place in the vector file, and what it holds
PARTS = ("input", "script", "expect")
CLAIMED = ("required", "recommended")


def merge(under: Json, over: Json) -> Json:
    """`over` merged into `under`: objects name by name, anything else replaced; neither changes."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    merged = dict(under)
    for name, value in over.items():
        merged[name] = merge(merged[name], value) if name in merged else value
    return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTurn:
    """One call after merging, as JSON values."""

    input: Json
    script: Json
    expect: Json  # with the names of the chosen sets, and without `sets`
    own: Json  # `expect` as the layers of the file give it: `sets`, and no name of a set
    suite: Json  # vectors/defaults.json
    operation: Operation  # of the file
    layers: tuple[Layer, ...]  # the places that it was merged from, the latest first
    calls: tuple[Json, ...] = ()  # the inputs of calls that are made at once, in place of `input`

    @property
    def string(self) -> str:
        """The processing string that is asked for."""
        given = self.input
        return write(given["action"], given["parameters"].items(), given["process"])

    def place(self, *path: str | int) -> str:
        """The pointer to the value at a path, or to the nearest part of it that the file holds."""
        if self.of_set(path):
            path = ("expect", "sets")
        for upto in range(len(path), 0, -1):
            for at, layer in self.layers:
                if _reaches(layer, path[:upto]):
                    return pointer((*at, *path[:upto]))
        return pointer(self.layers[0][0])

    def of_set(self, path: tuple[str | int, ...]) -> bool:
        """Whether a path is that of an expectation which a set gives."""
        return (
            path[0] == "expect" and _reaches(self.expect, path[1:]) and bool(self.own.get("sets"))
        ) and not any(_reaches(layer, path) for _, layer in self.layers)

    def given_by(self, *path: str | int) -> int:
        """How many layers of the file hold a value at a path."""
        return sum(_reaches(layer, path) for _, layer in self.layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCase:
    """One case after merging."""

    raw: Json  # the entry as written
    at: Pointer  # its place in the document
    document: Json
    provenance: Json | None  # the case's own, else that of the file; the two are not merged
    turns: tuple[MergedTurn, ...]


def merged_cases(document: Json, suite: Json, operation: Operation) -> Iterator[MergedCase]:
    """The cases of a document that its schema has accepted. suite: `vectors/defaults.json`."""
    defaults = document.get("defaults", {})
    if operation.action != suite["input"]["action"]:
        suite = merge(suite, _defaults_of(operation))
    for index, raw in enumerate(document["cases"]):
        at: Pointer = ("cases", index)
        layers: tuple[Layer, ...] = ((at, raw), (("defaults",), defaults))
        turns = [
            _turn(suite, operation, (((*at, "turns", number), turn), *layers))
            for number, turn in enumerate(raw.get("turns", ()))
        ]
        yield MergedCase(
            raw=raw,
            at=at,
            document=document,
            provenance=raw.get("provenance", defaults.get("provenance")),
            turns=tuple(turns) or (_turn(suite, operation, layers),),
        )


def _defaults_of(operation: Operation) -> Json:
    """What cases of another operation than the suite's start from."""
    replies = [{"status": 200, "body": {"text": one.body.decode()}} for one in operation.answers]
    script = {"replies": replies[:1]} if replies else {}
    return {"input": {"action": operation.action, "parameters": {}}, "script": script}


def _turn(suite: Json, operation: Operation, layers: tuple[Layer, ...]) -> MergedTurn:
    parts = {part: suite.get(part, {}) for part in PARTS}
    for _, layer in reversed(layers):
        for part in PARTS:
            parts[part] = merge(parts[part], layer.get(part, {}))
    at_once = next((layer["calls"] for _, layer in layers if "calls" in layer), ())
    calls = tuple(_without_nulls(merge(parts["input"], call)) for call in at_once)
    parts["input"] = _without_nulls(parts["input"])
    own = parts["expect"]
    parts["expect"] = _with_sets(own, suite.get("sets", {}))
    return MergedTurn(
        **parts, own=own, suite=suite, operation=operation, layers=layers, calls=calls
    )


def _without_nulls(given: Json) -> Json:
    """An input without the parameters that are null."""
    parameters = given.get("parameters", {})
    kept = {name: value for name, value in parameters.items() if value is not None}
    return {**given, "parameters": kept}


def _with_sets(own: Json, known: Json) -> Json:
    """Expectations with those of their sets. A name that `own` has at any level is its own."""
    named = {name for level in CLAIMED for name in own.get(level, ())} | {*own.get("observed", ())}
    expanded: Json = {}
    for chosen in own.get("sets", ()):
        for level in CLAIMED:  # an unknown set is a mistake that the linter reports
            given = known.get(chosen, {}).get(level, {})
            taken = {name: value for name, value in given.items() if name not in named}
            if taken:
                expanded = merge(expanded, {level: taken})
    return merge(expanded, {name: value for name, value in own.items() if name != "sets"})


def _reaches(value: Json, path: tuple[str | int, ...]) -> bool:
    for part in path:
        known: Json = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in known:
            return False
        value = value[part]  # type: ignore[index]  # a list knows whole numbers only
    return True
