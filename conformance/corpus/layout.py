"""The layout of vector files, fixed so that a diff shows only changes of content.

Two spaces of indentation, names in the order of the schema, invisible characters escaped, and one
line for every value that fits into 100 columns; the document and its cases always take several
lines. Numbers keep their spelling. Formatting a formatted text changes nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.documents.strict_json import Spelled

Json = Any
WIDTH = 100
_ORDER_KEPT = frozenset({"json", "parsed"})  # documents of the service, whose order matters


def format_vector(document: Json, schema: Json) -> str:
    """The text of a document. schema: of vector files; names that it does not have come last."""
    return _write(_ordered(document, schema, schema), 0, 0, path=()) + "\n"


def _ordered(value: Json, schema: Json, root: Json) -> Json:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        item = schema.get("items")
        return [_ordered(v, item if isinstance(item, dict) else {}, root) for v in value]
    if not isinstance(value, dict):
        return value
    known: dict[str, Json] = dict(schema.get("properties", {}))
    for option in schema.get("oneOf", ()):
        known |= option.get("properties", {})
    names = [name for name in known if name in value]
    names += [name for name in value if name not in known]
    return {
        name: value[name]
        if name in _ORDER_KEPT
        else _ordered(value[name], known.get(name, {}), root)
        for name in names
    }


def _write(value: Json, indent: int, used: int, *, path: tuple[str | int, ...]) -> str:
    """used: columns before the value on its line; one more is reserved for a comma."""
    if not isinstance(value, dict | list) or not value:
        return _scalar(value)
    if not _takes_several_lines(path):
        line = _line(value)
        if used + len(line) + 1 <= WIDTH:
            return line
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    inner = " " * (indent + 2)
    rows = [
        inner + name + _write(member, indent + 2, indent + 2 + len(name), path=(*path, key))
        for key, name, member in _members(value)
    ]
    return f"{opening}\n" + ",\n".join(rows) + f"\n{' ' * indent}{closing}"


def _members(value: Json) -> Iterator[tuple[str | int, str, Json]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key, f"{_scalar(key)}: ", member
    else:
        for index, item in enumerate(value):
            yield index, "", item


def _takes_several_lines(path: tuple[str | int, ...]) -> bool:
    return path == () or (path[0] == "cases" and len(path) <= 2)


def _line(value: Json) -> str:
    if isinstance(value, dict):
        members = ", ".join(f"{_scalar(name)}: {_line(member)}" for name, member in value.items())
        return "{" + members + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return _scalar(value)


def _scalar(value: Json) -> str:
    if isinstance(value, Spelled):
        return value.text
    text = json.dumps(value, ensure_ascii=False)
    # An invisible character (a joiner, a no-break space) becomes a JSON escape.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
