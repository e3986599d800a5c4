"""Rules about what the service itself answers; they apply to live runs only.

They compare the service with its documents, so a violation says that one of the two is wrong, or
that the endpoint is not the service. The SDK is judged by the other rules.
"""

import json
from collections.abc import Iterator

from conformance.documents.schema import schema_mistakes
from conformance.judge.quote import quote
from conformance.judge.rules.bodies import acceptable
from conformance.judge.view import TurnView, Violation
from conformance.operation.reading import shipped
from conformance.oss import service_error

# Elements of an error body: https://www.alibabacloud.com/help/en/document_detail/32005.html
_ELEMENTS = ("Code", "Message", "RequestId", "HostId")
_SHOWN = 3  # mistakes of one body
_WHY = "Programs are written by the documents; an endpoint that answers otherwise breaks them."


def body(view: TurnView) -> Iterator[Violation]:
    """The body of a success is what the operation's response schema says."""
    response, contents = view.response, acceptable(view)
    action = view.turn.input.action
    operation = next((known for known in shipped() if known.action == action), None)
    if not _is_live(view) or response is None or response.status != 200 or operation is None:
        return
    try:
        document = json.loads(contents[0])
    except ValueError:
        yield _violation("bodies.schema", "a JSON document", quote(contents[0]))
        return
    for mistake in schema_mistakes(document, operation.response_schema)[:_SHOWN]:
        place = mistake.place or "the whole document"
        yield _violation("bodies.schema", "what the schema says", f"at {place}: {mistake.rule}")


def error(view: TurnView) -> Iterator[Violation]:
    """The body of an error is XML with the documented elements."""
    response, contents = view.response, acceptable(view)
    method = view.requests[-1].message.method if view.requests else ""
    if not _is_live(view) or response is None or response.status < 400 or method == "HEAD":
        return
    found = service_error.read(contents[0])
    missing = [name for name in _ELEMENTS if not (found or {}).get(name)]
    if missing:
        expected = f"XML with {', '.join(_ELEMENTS)}"
        got = f"no {', no '.join(missing)}" if found else quote(contents[0])
        yield _violation("errors.shape", expected, got)


def _is_live(view: TurnView) -> bool:
    return view.turn.script.live


def _violation(rule: str, expected: str, got: str) -> Violation:
    part = "the service's answer"
    return Violation(rule=rule, part=part, expected=expected, got=got, why=_WHY)
