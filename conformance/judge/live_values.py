"""What the live service answered where its documents say nothing: recorded, never judged. Pure."""

import json
from collections.abc import Iterator

from conformance.judge.rules.bodies import acceptable
from conformance.judge.view import TurnView
from conformance.oss import service_error

NONE = "none"


def live_values(view: TurnView) -> Iterator[tuple[str, str]]:
    """Pairs of name and value about the last response of a live turn."""
    response = view.response
    if response is None:
        return
    yield "live-status", str(response.status)
    yield "live-fields", ", ".join(sorted({name.lower() for name, _ in response.headers}))
    yield "live-type", response.header("content-type") or NONE
    yield "live-ec-field", response.header("x-oss-ec") or NONE
    (content, *_) = acceptable(view) or (b"",)
    if response.status >= 400:
        found = service_error.read(content)
        yield "live-error", "no XML" if found is None else found.get("Code", NONE)
        yield "live-elements", NONE if found is None else ", ".join(found)
        return
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    members = document if isinstance(document, dict) else {}
    results = next((value for value in members.values() if isinstance(value, list)), None)
    yield "live-members", ", ".join(members) or NONE
    yield "live-results", "no list" if results is None else str(len(results))
