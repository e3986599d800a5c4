"""An operation of the service: its processing strings, and what its documentation says.

`definition` makes an `Operation` from a valid operation document
(`schemas/operation.schema.json`); `inconsistencies` finds the mistakes that the schema cannot
express. Pure: `reading` reads the documents.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.operation.processing import write

Json = Any
Arguments = tuple[tuple[str, int], ...]  # parameters of one call in order: name and value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A documented integer parameter; both ends of its range are valid."""

    name: str  # as it is written in the processing string
    type: str  # `integer`
    minimum: int
    maximum: int
    default: int | None  # None: not documented
    meaning: str  # a sentence
    source: str  # page, link or clause

    @property
    def range(self) -> range:
        """The documented values."""
        return range(self.minimum, self.maximum + 1)

    def value_of(self, text: str) -> int | None:
        """The documented value that a text spells; None for any other text, such as `050`."""
        digits = text.removeprefix("-")
        longest = max(len(str(self.minimum)), len(str(self.maximum)))
        if not (digits.isascii() and digits.isdigit()) or len(text) > longest:
            return None
        value = int(text)
        return value if str(value) == text and value in self.range else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedAnswer:
    """A response that the documentation shows."""

    parameters: Arguments
    body: bytes  # the response as compact JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Undocumented:
    """A point that no public document covers, so that no case may expect anything of it."""

    condition: str  # key of `when` in the schema, the calls it is about: `anonymous`
    among: tuple[str, ...]  # processing strings or error codes, for a condition that lists some
    expectations: tuple[str, ...]  # names of expectations that are not allowed
    unless_as_sent: bool  # whether `as-sent` is allowed nevertheless
    reason: str  # a clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An action on an object, with everything that the suite needs to know about it."""

    name: str  # in vector files: `bodies`
    action: str  # `image/bodies`
    parameters: tuple[Parameter, ...]
    answers: tuple[DocumentedAnswer, ...]
    undocumented: tuple[Undocumented, ...]
    response_list: str  # name of the list of results in a response: `Bodies`
    response_schema: Json = field(compare=False, repr=False)  # of the response, as JSON Schema

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def string(self, arguments: Arguments) -> str:
        """The processing string: `ACTION[,name_value]...`."""
        return write(self.action, arguments)

    def arguments(self, string: str) -> Arguments | None:
        """The arguments in a processing string; None if the string is not documented.

        A documented string is the action with any of its parameters, each once, in any order.
        """
        action, *items = string.split(",")
        if action != self.action:
            return None
        found: dict[str, int] = {}
        for item in items:
            name, _, text = item.partition("_")
            parameter = self.parameter(name)
            value = None if parameter is None else parameter.value_of(text)
            if value is None or name in found:
                return None
            found[name] = value
        return tuple(found.items())

    def documented(self, string: str) -> bool:
        """Whether the documentation gives a processing string a meaning."""
        return self.arguments(string) is not None

    def strings(self) -> Iterator[str]:
        """The string without a parameter, then those of every value of each parameter alone."""
        yield self.action
        for parameter in self.parameters:
            for value in parameter.range:
                yield self.string(((parameter.name, value),))


def definition(document: Json, response_schema: Json) -> Operation:
    """The operation of a valid document. response_schema: the one that it names."""
    return Operation(
        name=document["name"],
        action=document["action"],
        parameters=tuple(
            Parameter(**{**one, "source": one["source"]["reference"]})
            for one in document["parameters"]
        ),
        answers=tuple(
            DocumentedAnswer(
                parameters=tuple(one["parameters"].items()),
                body=json.dumps(one["body"], ensure_ascii=False, separators=(",", ":")).encode(),
            )
            for one in document["answers"]
        ),
        undocumented=tuple(_row(row, document["action"]) for row in document["undocumented"]),
        response_list=document["response"]["list"],
        response_schema=response_schema,
    )


def _row(row: Json, action: str) -> Undocumented:
    ((condition, among),) = row["when"].items()
    if condition == "parameters":
        among = [write(action, one.items()) for one in among]
    return Undocumented(
        condition=condition,
        among=() if among is True else tuple(among),
        expectations=tuple(row["expectations"]),
        unless_as_sent=row["unless_as_sent"],
        reason=row["reason"],
    )


def inconsistencies(document: Json) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Contradictions in a document that its schema accepts, as place, rule and remedy."""
    names: set[str] = set()
    for index, one in enumerate(document["parameters"]):
        at = ("parameters", index)
        if one["name"] in names:
            yield (*at, "name"), f"{one['name']!r} is already defined", "keep one of the two"
        names.add(one["name"])
        if one["minimum"] > one["maximum"]:
            yield (*at, "minimum"), "is greater than the maximum", "swap the two"
        elif one["default"] is not None and not one["minimum"] <= one["default"] <= one["maximum"]:
            yield (*at, "default"), "is outside the range", "correct it or the range"
    operation = definition(document, None)
    for index, answer in enumerate(operation.answers):
        string = operation.string(answer.parameters)
        if not operation.documented(string):
            place = ("answers", index, "parameters")
            yield place, f"{string!r} is not a documented string", "correct it or the parameters"
