"""Rules of the family `errors`: a failure is reported as one, with the details from the server.

`as-sent` values come from the bytes of the last response: from the XML body, or from the header
fields if the body lacks the request id or the EC. A field that the SDK does not expose, according
to the runner's manifest, is not judged; one that it exposes and leaves empty is a finding.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from conformance.judge.attempts import DELAYS, delayed_beyond_timeout
from conformance.judge.quote import ends, pair, quote, timeless
from conformance.judge.rules.bodies import EMPTY, acceptable
from conformance.judge.view import TurnView, Violation
from conformance.model.case import JSON
from conformance.model.http import Exchange
from conformance.model.message import ERROR_FIELDS, Content, Failure, Several, Unsupported
from conformance.oss.service_error import read

AS_SENT = "as-sent"
# Field of a Failure -> element of the XML body, header field used without it, rule.
_FIELDS = {
    "status": ("", "", "errors.status"),
    "code": ("Code", "", "errors.code"),
    "message": ("Message", "", "errors.message"),
    "request_id": ("RequestId", "x-oss-request-id", "errors.request-id"),
    "host_id": ("HostId", "", "errors.host-id"),
    "ec": ("EC", "x-oss-ec", "errors.ec"),
}
# First allowed kind and actual kind -> why it matters.
_KIND_WHY = {
    ("error", "content"): "The program mistakes an error for a result.",
    ("content", "error"): "The program gets an error although the call succeeded.",
}
_REFUSED_WHY = "The proxy refused, so no request reached the server and the program gets no result."
_UNSENT_WHY = "No request reached the server, so the program gets an error in place of the result."
_UNSUCCESSFUL_WHY = (
    "None of the SDK's requests got a successful response, so the program gets no result."
)
_LATE_WHY = "The SDK waited longer than the read timeout that the program has set."
# Faults after which a response has come as a whole, if late.
_WHOLE = frozenset({"delay", "stall", "drip", "interim", "close"})
_UNNOTICED_WHY = "The program takes for a result what the SDK has to refuse."
_OTHER_WHY = "The program cannot react to the answer as it should."


def kind(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`answer`: the kind of the answer, or a list of kinds that are allowed."""
    allowed = [expected] if isinstance(expected, str) else expected
    if view.answer.kind not in allowed:
        yield Violation(
            rule="errors.kind",
            part="answer",
            expected=" or ".join(allowed),
            got=show_answer(view),
            why=_kind_why(view, allowed[0]),
        )


def _kind_why(view: TurnView, allowed: str) -> str:
    """Why this kind of answer matters; `although the call succeeded` only if a response says so."""
    journal = view.record.journal
    if (allowed, view.answer.kind) == ("error", "content"):
        if _is_late(view):
            return _LATE_WHY
        if view.response is not None and view.response.status < 300:  # RFC 9110 15.3
            return _UNNOTICED_WHY
    if (allowed, view.answer.kind) != ("content", "error") or _succeeded(journal.exchanges):
        return _KIND_WHY.get((allowed, view.answer.kind), _OTHER_WHY)
    if journal.exchanges:
        return _UNSUCCESSFUL_WHY
    return _REFUSED_WHY if journal.proxy else _UNSENT_WHY


def _succeeded(exchanges: Iterable[Exchange]) -> bool:
    """Whether a whole response with a status of success (RFC 9110 15.3) was given."""
    return any(
        _WHOLE.issuperset(one.faults)
        and one.response is not None
        and 200 <= one.response.status < 300
        for one in exchanges
    )


def _is_late(view: TurnView) -> bool:
    """Whether the last response was delayed beyond the read timeout."""
    exchanges = view.record.journal.exchanges
    delayed = bool(exchanges) and any(kind in DELAYS for kind in exchanges[-1].faults)
    return delayed and delayed_beyond_timeout(view.turn, len(exchanges) - 1)


def show_answer(view: TurnView) -> str:
    """The answer in one line, for findings and the profile."""
    answer = view.answer
    if isinstance(answer, Content):
        return f"content: {quote(answer.content)}" if answer.content else EMPTY
    if isinstance(answer, Failure):
        return f"error, {answer.origin}: {quote(answer.error_class)} {ends(timeless(answer.text))}"
    if isinstance(answer, Unsupported):
        return f"unsupported: {quote(answer.reason)}"
    if isinstance(answer, Several):
        return f"{len(answer.answers)} answers"
    return f"the program ended with exit code {answer.exit}"


def origin(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`origin` of the error, or a list of origins that are allowed."""
    allowed = [expected] if isinstance(expected, str) else expected
    answer = view.answer
    got = answer.origin if isinstance(answer, Failure) else None
    if got not in allowed:
        yield Violation(
            rule="errors.origin",
            part="error",
            expected=" or ".join(allowed),
            got=show_answer(view),
            why="The origin of an error decides whether a retry can help.",
        )


def field(name: str) -> Callable[[TurnView, JSON], Iterator[Violation]]:
    """The check of one field of the error: the value itself or `as-sent`."""

    def check(view: TurnView, expected: JSON) -> Iterator[Violation]:
        if name not in view.exposes:
            return
        answer = view.answer
        wanted = sent(view, name) if expected == AS_SENT else expected
        got = getattr(answer, name) if isinstance(answer, Failure) else None
        if got == wanted or (wanted is None and got == ""):
            return
        left, right = pair(wanted, got) if _texts(wanted, got) else (quote(wanted), quote(got))
        yield Violation(
            rule=_FIELDS[name][2],
            part=f"field {name} of the error",
            expected=left,
            got=right if isinstance(answer, Failure) else show_answer(view),
            why="Programs decide what to do by this field, and support staff ask for it.",
        )

    return check


def show_field(name: str) -> Callable[[TurnView], str]:
    """The function that shows one field of the error in the profile."""

    def show(view: TurnView) -> str:
        answer = view.answer
        if not isinstance(answer, Failure):
            return answer.kind
        hidden = name in ERROR_FIELDS and name not in view.exposes
        return "not exposed" if hidden else quote(getattr(answer, name))

    return show


def sent(view: TurnView, name: str) -> Any:
    """The value of this field in the last response of the turn; None if it has none."""
    response = view.response
    if response is None:
        return None
    if name == "status":
        return response.status
    element, header, _ = _FIELDS[name]
    bodies = acceptable(view)
    document = _document(bodies[0]) if bodies and bodies[0] else None
    value = document.get(element) if document else None
    return value or (response.header(header) if header else None)


@lru_cache(maxsize=8)
def _document(body: bytes) -> dict[str, str] | None:
    """The elements of an error body, parsed once for all fields."""
    return read(body)


def _texts(left: object, right: object) -> bool:
    return all(value is None or isinstance(value, str) for value in (left, right))


def caught(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`caught`: whether a program that catches the SDK's documented error types catches it."""
    answer = view.answer
    got = answer.caught if isinstance(answer, Failure) else None
    if got is not None and got is not expected:
        yield Violation(
            rule="errors.caught",
            part="error",
            expected="of a documented type" if expected else "of no documented type",
            got=quote(answer.error_class) if isinstance(answer, Failure) else "",
            why="A program that catches what the SDK documents ends on any other error.",
        )
