"""Merges the cases of a vector file with their defaults.

The layers are the suite's defaults (with the action of the file's operation), the `defaults` of the
file, the case and, if the case has several calls, the turn; a later layer overrides an earlier one.
Objects but `script.proxy` are merged name by name, any other value is replaced; parameters that are
then null are removed. Expectation sets (`expect.sets`) add expectations that no layer names. A
mistake that is found after merging is reported at the place in the file from which the value comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from conformance.documents.mistake import Pointer, pointer
from conformance.operation.definition import Operation
from conformance.operation.processing import write

Json = Any
Layer = tuple[Pointer, Json]  # a place in the vector file, and its value
PARTS = ("input", "script", "expect")
CLAIMED = ("required", "recommended")


def merge(under: Json, over: Json) -> Json:
    """A copy of `under` with `over` merged in: objects name by name, any other value replaced."""
    if not isinstance(under, dict) or not isinstance(over, dict):
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
    expect: Json  # with the expectations of the sets in place of `sets`
    file_expect: Json  # `expect` before the sets were expanded
    suite: Json  # vectors/defaults.json
    operation: Operation  # of the file
    layers: tuple[Layer, ...]  # the layers in the file, the latest first
    calls: tuple[Json, ...] = ()  # the inputs of calls that are made at once, in place of `input`
    call: Layer | None = None  # of one of these calls: its own part of `input`, with its place

    def each_call(self) -> Iterator["MergedTurn"]:
        """The turn as each of the calls that are made at once; the turn itself if it has one."""
        if not self.calls:
            yield self
        for number, given in enumerate(self.calls):
            at, layer = next((at, layer) for at, layer in self.layers if "calls" in layer)
            own = ((*at, "calls", number), layer["calls"][number])
            yield replace(self, input=given, calls=(), call=own)

    @property
    def string(self) -> str:
        """The processing string that is asked for."""
        return write(self.input["action"], self.input["parameters"].items(), self.input["process"])

    def place(self, *path: str | int) -> str:
        """The pointer to the value at a path, or to its nearest ancestor that is in the file."""
        from_set = (
            path[0] == "expect" and _has(self.expect, path[1:]) and not self.layers_with(*path)
        )
        if from_set and self.file_expect.get("sets"):
            path = ("expect", "sets")
        if self.call and path[0] == "input" and _has(self.call[1], path[1:]):
            return pointer((*self.call[0], *path[1:]))
        for length in range(len(path), 0, -1):
            for at, layer in self.layers:
                if _has(layer, path[:length]):
                    return pointer((*at, *path[:length]))
        return pointer(self.layers[0][0])

    def layers_with(self, *path: str | int) -> int:
        """The number of layers in the file that have a value at a path."""
        return sum(_has(layer, path) for _, layer in self.layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCase:
    """One case after merging."""

    raw: Json  # the entry as written
    at: Pointer  # its place in the document
    document: Json
    provenance: Json | None  # of the case, or else of the file; the two are not merged
    turns: tuple[MergedTurn, ...]


def merged_cases(document: Json, suite: Json, operation: Operation) -> Iterator[MergedCase]:
    """The cases of a document that conforms to its schema. suite: `vectors/defaults.json`."""
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
    """The defaults of cases of an operation other than the suite's."""
    bodies = [answer.body.decode() for answer in operation.answers[:1]]
    script = {"replies": [{"status": 200, "body": {"text": bodies[0]}}]} if bodies else {}
    return {"input": {"action": operation.action, "parameters": {}}, "script": script}


def _turn(suite: Json, operation: Operation, layers: tuple[Layer, ...]) -> MergedTurn:
    parts = {part: suite.get(part, {}) for part in PARTS}
    for _, layer in reversed(layers):
        for part in PARTS:
            parts[part] = merge(parts[part], layer.get(part, {}))
        if "proxy" in layer.get("script", {}):  # an object of one name, which names the kind
            parts["script"] = {**parts["script"], "proxy": layer["script"]["proxy"]}
    at_once = next((layer["calls"] for _, layer in layers if "calls" in layer), ())
    calls = tuple(_without_nulls(merge(parts["input"], call)) for call in at_once)
    parts["input"] = _without_nulls(parts["input"])
    file_expect = parts["expect"]
    parts["expect"] = _with_sets(file_expect, suite.get("sets", {}))
    return MergedTurn(
        **parts,
        file_expect=file_expect,
        suite=suite,
        operation=operation,
        layers=layers,
        calls=calls,
    )


def _without_nulls(given: Json) -> Json:
    """An input without the parameters that are null."""
    parameters = given.get("parameters", {})
    set_parameters = {name: value for name, value in parameters.items() if value is not None}
    return {**given, "parameters": set_parameters}


def _with_sets(expect: Json, sets: Json) -> Json:
    """Expectations with those of their sets, except for names that `expect` has at any level."""
    named = {*expect.get("observed", ()), *(n for level in CLAIMED for n in expect.get(level, ()))}
    expanded: Json = {}
    for chosen in expect.get("sets", ()):
        for level in CLAIMED:  # the linter reports an unknown set
            members = sets.get(chosen, {}).get(level, {})
            added = {name: value for name, value in members.items() if name not in named}
            if added:
                expanded = merge(expanded, {level: added})
    return merge(expanded, {name: value for name, value in expect.items() if name != "sets"})


def _has(value: Json, path: tuple[str | int, ...]) -> bool:
    for part in path:
        known: Json = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in known:
            return False
        value = value[part]  # type: ignore[index]  # an index if it is a list
    return True
