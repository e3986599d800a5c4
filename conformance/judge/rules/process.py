"""Rules of the family `process`: is the processing string that arrived the one asked for?

Three levels of identical: the raw target (profile), its canonical encoding (what V4
signs; `process.canonical`, found by auth.py when a signature does not fit) and the decoded string
(`process.string`). The decoded string is what the service acts on, so it is what is judged.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from conformance.judge.quote import pair, quote
from conformance.judge.view import PROCESS, Miss, Sight, View
from conformance.model.case import JSON, Input
from conformance.operation.processing import asked

_QUERY = f"query parameter {PROCESS}"
# Decoding this often finds a string that was encoded twice by mistake, and once more on top.
_DEPTH = 3


def string(view: View, expected: JSON) -> Iterator[Miss]:
    """`process`: the decoded processing string of each request; None: no such parameter."""
    for sight in view.sights:
        got = sight.process[0] if sight.process else None
        if got != expected:
            wanted, found = pair(expected, got)
            yield Miss(
                rule="process.string",
                part=_QUERY,
                expected=wanted,
                got=found,
                why="The service acts on this string, so it does something else than was asked.",
                request=sight.number,
            )


def strings(view: View) -> str:
    """What `process` was, for the profile."""
    got = (sight.process[0] if sight.process else None for sight in view.sights)
    return ", ".join(map(quote, got)) or "no request"


def duplicate(view: View) -> Iterator[Miss]:
    """Always: the parameter comes at most once."""
    for sight in view.sights:
        if len(sight.process) > 1:
            yield Miss(
                rule="process.duplicate",
                part=_QUERY,
                expected="once",
                got=f"{len(sight.process)} times: " + ", ".join(map(quote, sight.process)),
                why="Which of several values the service takes is not documented.",
                request=sight.number,
            )


def place(view: View) -> Iterator[Miss]:
    """Always: the processing string stands in the query under its own name and nowhere else."""
    given = view.turn.input
    for sight in view.sights:
        for part, value in _elsewhere(sight, given):
            yield Miss(
                rule="process.place",
                part=part,
                expected=f"the processing string in the {_QUERY} only",
                got=quote(value),
                why="The service reads it from the query; elsewhere it is ignored.",
                request=sight.number,
            )


def _elsewhere(sight: Sight, given: Input) -> Iterator[tuple[str, str]]:
    wanted = asked(given)

    def names(value: str) -> bool:
        return value == given.action or value.startswith(given.action + ",")

    def is_process(value: str) -> bool:
        decoded = _decoded(value) if "%" in value else value
        return names(decoded) or (decoded == wanted and "/" in wanted)

    for name, value in sight.request.headers:
        # Nothing but an encoded value or one with a slash can be a processing string.
        told = ("%" in value or "/" in value) and is_process(value)
        if told or name.lower() == PROCESS:
            yield f"header {name}", value
    for name, value in sight.found.resource.query:
        if name != PROCESS and (
            name.strip().lower() == PROCESS or is_process(value) or names(name)
        ):
            yield f"query parameter {name}", value or name
    body = sight.request.body
    if body:
        text = body[:4096].decode("latin-1")
        if PROCESS in text.lower() or is_process(text):
            yield "body", text
    path = sight.request.target.partition("?")[0]
    if PROCESS in path.lower() and PROCESS not in given.key.lower():
        yield "path", path


def _decoded(value: str) -> str:
    for _ in range(_DEPTH):
        value = unquote(value)
    return value
