"""Rules of the family `process`: is the processing string that arrived the one asked for?

There are three levels of "identical": the raw target (profile), its canonical encoding (what V4
signs; `process.canonical`, found by auth.py when a signature does not match) and the decoded string
(`process.string`). The service acts on the decoded string, so that is what is judged.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from conformance.judge.quote import pair, quote
from conformance.judge.view import PROCESS, RequestView, TurnView, Violation
from conformance.model.case import JSON, Input
from conformance.operation.processing import asked

_QUERY = f"query parameter {PROCESS}"
# Finds a string that was encoded twice by mistake, and once more.
_DEPTH = 3


def string(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`process`: the decoded processing string of each request; None: no such parameter."""
    for request in view.requests:
        got = request.process[0] if request.process else None
        if got != expected:
            left, right = pair(expected, got)
            yield Violation(
                rule="process.string",
                part=_QUERY,
                expected=left,
                got=right,
                why="The service acts on this string, so it does something that was not asked for.",
                request=request.number,
            )


def show_string(view: TurnView) -> str:
    """The processing string of each request, for the profile."""
    got = (request.process[0] if request.process else None for request in view.requests)
    return ", ".join(map(quote, got)) or "no request"


def duplicate(view: TurnView) -> Iterator[Violation]:
    """Invariant: the parameter occurs at most once."""
    for request in view.requests:
        values = request.process
        if len(values) > 1:
            yield Violation(
                rule="process.duplicate",
                part=_QUERY,
                expected="once",
                got=f"{len(values)} times: " + ", ".join(map(quote, values)),
                why="The documentation does not say which of several values the service takes.",
                request=request.number,
            )


def place(view: TurnView) -> Iterator[Violation]:
    """Invariant: the processing string is in the query under its own name and nowhere else."""
    for request in view.requests:
        for part, value in _misplaced(request, view.turn.input):
            yield Violation(
                rule="process.place",
                part=part,
                expected=f"the processing string in the {_QUERY} only",
                got=quote(value),
                why="The service reads it from the query and ignores it elsewhere.",
                request=request.number,
            )


def _misplaced(request: RequestView, given: Input) -> Iterator[tuple[str, str]]:
    wanted, action = asked(given), given.action
    for name, value in request.message.headers:
        # Only an encoded value or one with a slash can be a processing string.
        similar = ("%" in value or "/" in value) and _is_process(value, wanted, action)
        if similar or name.lower() == PROCESS:
            yield f"header {name}", value
    for name, value in request.verification.resource.query:
        if name != PROCESS and (
            name.strip().lower() == PROCESS
            or _is_process(value, wanted, action)
            or _names(name, action)
        ):
            yield f"query parameter {name}", value or name
    body = request.message.body
    if body:
        text = body[:4096].decode("latin-1")
        if PROCESS in text.lower() or _is_process(text, wanted, action):
            yield "body", text
    path = request.message.target.partition("?")[0]
    if PROCESS in path.lower() and PROCESS not in given.key.lower():
        yield "path", path


def _is_process(value: str, wanted: str, action: str) -> bool:
    if "%" in value:
        value = _decoded(value)
    return _names(value, action) or (value == wanted and "/" in wanted)


def _names(value: str, action: str) -> bool:
    return value == action or value.startswith(action + ",")


def _decoded(value: str) -> str:
    for _ in range(_DEPTH):
        value = unquote(value)
    return value
