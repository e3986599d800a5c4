"""One case of a vector file, with what it inherits laid under it.

Three layers, the later over the earlier: the suite's defaults, the file's `defaults`,
the case; and, for a case of several calls, each turn over that. Objects are merged name by name,
anything else is replaced; a parameter of the action that is null is then left out. A value that is
found wrong after merging is reported at its place in the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.corpus.strict_json import Pointer, pointer

Json = Any
PARTS = ("input", "script", "expect")


def merge(under: Json, over: Json) -> Json:
    """`over` laid over `under`: objects name by name, anything else replaced; neither changes."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    merged = dict(under)
    for name, value in over.items():
        merged[name] = merge(merged[name], value) if name in merged else value
    return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidTurn:
    """One call as it stands after merging.

    suite: the defaults of the suite under it; layers: the places of the file it was merged from.
    """

    input: Json
    script: Json
    expect: Json
    suite: Json
    layers: tuple[tuple[Pointer, Json], ...]

    def place(self, *path: str | int) -> str:
        """The pointer to where that value stands in the file, as near as it can be told."""
        for upto in range(len(path), 0, -1):
            for at, layer in self.layers:
                if _reaches(layer, path[:upto]):
                    return pointer((*at, *path[:upto]))
        return pointer(self.layers[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidCase:
    """One case after merging; `raw` is the entry as written, `at` its place in `document`."""

    raw: Json
    at: Pointer
    document: Json
    provenance: Json | None
    turns: tuple[LaidTurn, ...]


def lay(document: Json, suite: Json) -> Iterator[LaidCase]:
    """The cases of a document that its schema has accepted. suite: `vectors/defaults.json`."""
    defaults = document.get("defaults", {})
    for index, raw in enumerate(document["cases"]):
        at: Pointer = ("cases", index)
        layers: tuple[tuple[Pointer, Json], ...] = ((at, raw), (("defaults",), defaults))
        turns = [
            _turn(suite, (((*at, "turns", number), turn), *layers))
            for number, turn in enumerate(raw.get("turns", ()))
        ]
        yield LaidCase(
            raw=raw,
            at=at,
            document=document,
            provenance=raw.get("provenance", defaults.get("provenance")),
            turns=tuple(turns) or (_turn(suite, layers),),
        )


def _turn(suite: Json, layers: tuple[tuple[Pointer, Json], ...]) -> LaidTurn:
    parts = {part: suite.get(part, {}) for part in PARTS}
    for _, layer in reversed(layers):
        for part in PARTS:
            parts[part] = merge(parts[part], layer.get(part, {}))
    given = parts["input"].get("parameters", {})
    kept = {name: value for name, value in given.items() if value is not None}
    parts["input"] = {**parts["input"], "parameters": kept}
    return LaidTurn(**parts, suite=suite, layers=layers)


def _reaches(value: Json, path: tuple[str | int, ...]) -> bool:
    for part in path:
        known: Json = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in known:
            return False
        value = value[part]  # type: ignore[index]  # a list knows whole numbers only
    return True
