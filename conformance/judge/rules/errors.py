"""Rules of the family `errors`: a failure is reported as one, with what the server said of it.

`as-sent` values come from the bytes of the last response: the XML body, and for the
request id and EC the headers where the body has none. A field that the lane's manifest does not
say its SDK exposes is not judged; one that it says is exposed and that stays empty is a finding.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from conformance.judge.quote import pair, quote, timeless
from conformance.judge.rules.bodies import readings
from conformance.judge.view import Miss, View
from conformance.model.case import JSON
from conformance.model.message import Content, Failure, Unsupported
from conformance.oss.service_error import read

AS_SENT = "as-sent"
# Field of a Failure -> element of the XML body, header that stands in for it, rule.
_FIELDS = {
    "status": ("", "", "errors.status"),
    "code": ("Code", "", "errors.code"),
    "message": ("Message", "", "errors.message"),
    "request_id": ("RequestId", "x-oss-request-id", "errors.request-id"),
    "host_id": ("HostId", "", "errors.host-id"),
    "ec": ("EC", "x-oss-ec", "errors.ec"),
}
_FIELD_WHY = "A program decides by it what to do, and support asks for it."


def kind(view: View, expected: JSON) -> Iterator[Miss]:
    """`answer`: kind of the answer; a list: any of these."""
    allowed = [expected] if isinstance(expected, str) else expected
    if view.answer.kind not in allowed:
        yield Miss(
            rule="errors.kind",
            part="answer",
            expected=" or ".join(allowed),
            got=got_kind(view),
            why=_KIND_WHY.get((allowed[0], view.answer.kind), _OTHER_WHY),
        )


_OTHER_WHY = "The program takes another way than the one that the answer calls for."
_KIND_WHY = {
    ("error", "content"): "The program takes an error for a result.",
    ("content", "error"): "The program is told of an error where there is none.",
}


def got_kind(view: View) -> str:
    """The answer in one line, for findings and the profile."""
    answer = view.answer
    if isinstance(answer, Content):
        return f"content: {quote(answer.content)}"
    if isinstance(answer, Failure):
        return f"error, {answer.origin}: {quote(answer.error_class)} {quote(timeless(answer.text))}"
    if isinstance(answer, Unsupported):
        return f"unsupported: {quote(answer.reason)}"
    return f"the program ended with exit code {answer.exit}"


def origin(view: View, expected: JSON) -> Iterator[Miss]:
    """`origin` of the error; a list: any of them."""
    allowed = [expected] if isinstance(expected, str) else expected
    answer = view.answer
    got = answer.origin if isinstance(answer, Failure) else None
    if got not in allowed:
        yield Miss(
            rule="errors.origin",
            part="error",
            expected=" or ".join(allowed),
            got=got_kind(view),
            why="Where an error comes from decides whether trying again can help.",
        )


def field(name: str) -> Callable[[View, JSON], Iterator[Miss]]:
    """The check of one field of the error: the value itself or `as-sent`."""

    def check(view: View, expected: JSON) -> Iterator[Miss]:
        if name not in view.exposes:
            return
        answer = view.answer
        wanted = sent(view, name) if expected == AS_SENT else expected
        got = getattr(answer, name) if isinstance(answer, Failure) else None
        if got == wanted or (wanted is None and got == ""):
            return
        left, right = pair(wanted, got) if _texts(wanted, got) else (quote(wanted), quote(got))
        if not isinstance(answer, Failure):
            right = got_kind(view)
        yield Miss(
            rule=_FIELDS[name][2],
            part=f"field {name} of the error",
            expected=left,
            got=right,
            why=_FIELD_WHY,
        )

    return check


def shown(name: str) -> Callable[[View], str]:
    """What the profile says of one field."""

    def show(view: View) -> str:
        answer = view.answer
        if not isinstance(answer, Failure):
            return answer.kind
        return quote(getattr(answer, name))

    return show


def sent(view: View, name: str) -> Any:
    """What the last response of the turn said of this field; None if it said nothing."""
    response = view.response
    if response is None:
        return None
    if name == "status":
        return response.status
    element, header, _ = _FIELDS[name]
    bodies = readings(view)
    document = _document(bodies[0]) if bodies and bodies[0] else None
    value = document.get(element) if document else None
    return value or (response.header(header) if header else None)


@lru_cache(maxsize=8)
def _document(body: bytes) -> dict[str, str] | None:
    """Six fields are read from one body."""
    return read(body)


def _texts(left: object, right: object) -> bool:
    return all(value is None or isinstance(value, str) for value in (left, right))
