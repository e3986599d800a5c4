"""Rules of the family `process`: whether the requested processing string reached the server.

Two requests can be identical on three levels: the raw target (only in the profile), its canonical
encoding (which V4 signs; auth.py reports `process.canonical` if a signature does not match) and the
decoded string (`process.string`). The service acts on the decoded string, so it is the one judged.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from conformance.judge.quote import pair, quote
from conformance.judge.view import PROCESS, RequestView, TurnView, Violation
from conformance.model.case import JSON, Input
from conformance.operation.processing import asked
from conformance.oss.encoding import query_pairs, spaced

AS_ASKED = "as-asked"
_QUERY = f"query parameter {PROCESS}"
# Times that a value is decoded: finds a string that was encoded up to twice too often.
_DEPTH = 3


def string(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`process`: the decoded processing string of each request; None: no such parameter.

    `as-asked`: that of the input; for calls at once, each of which asks for its own.
    """
    if expected == AS_ASKED:
        expected = asked(view.turn.input)
    for request in view.requests:
        got = sent_string(request)
        if got != expected and expected not in _as_form(request):
            left, right = pair(expected, got)
            yield Violation(
                rule="process.string",
                part=_QUERY,
                expected=left,
                got=right,
                why="The service acts on this string and so does not do what was requested.",
                request=request.number,
            )


def sent_string(request: RequestView) -> str | None:
    """The processing string of a request; None if there is none."""
    return request.process[0] if request.process else None


def _as_form(request: RequestView) -> tuple[str, ...]:
    """The strings if a bare `+` stands for a space, unless the signature proves one reading.

    How the service reads it is not published.
    """
    raw_query = request.verification.resource.raw_query
    if "+" not in raw_query or request.verification.error is None:
        return ()
    return tuple(value for name, value in query_pairs(spaced(raw_query)) if name == PROCESS)


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
    """Invariant: the processing string is only in the query parameter for it."""
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
