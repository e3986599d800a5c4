"""The table of expectations: how each name that a case can use in `expect` is judged and shown.

The names are those of `expectations` in `schemas/vectors.schema.json`. To add a rule, add a line
here; `decide` has no knowledge of single names.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from conformance.judge.quote import quote
from conformance.judge.rules import auth, bodies, errors, naming, process, samples, transport
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.model.case import JSON
from conformance.model.message import ERROR_FIELDS

Check = Callable[[TurnView, JSON], Iterator[Violation]]
Show = Callable[[TurnView], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationRule:
    """How one expectation is judged."""

    check: Check  # yields the violations, given the expected value
    show: Show  # returns the actual value, for the profile of a case that only observes it
    # `turn`, whatever the number of its calls; `call`; `request`: each request, so that it proves
    # nothing without a request; `answer`: an answer of the given kind.
    about: str
    kind: str = ""  # of the answer: `content`, `error` or `ended`


def _turn(check: Check, show: Show) -> ExpectationRule:
    return ExpectationRule(check=check, show=show, about="turn")


def _call(check: Check, show: Show) -> ExpectationRule:
    return ExpectationRule(check=check, show=show, about="call")


def _request(check: Check, show: Show) -> ExpectationRule:
    return ExpectationRule(check=check, show=show, about="request")


def _answer(kind: str, check: Check, show: Show) -> ExpectationRule:
    return ExpectationRule(check=check, show=show, about="answer", kind=kind)


def _each(read: Callable[[RequestView], str]) -> Show:
    """Show a value of each request."""
    return lambda view: ", ".join(map(read, view.requests)) or "no request"


def _quoted(read: Callable[[RequestView], str | None]) -> Show:
    return _each(lambda request: quote(read(request)))


EXPECTATIONS = MappingProxyType(
    {
        "requests": _call(transport.requests, transport.show_requests),
        "method": _request(transport.method, _each(lambda r: r.message.method)),
        "scheme": _request(transport.scheme, transport.show_scheme),
        "target": _request(naming.target, _each(naming.show_target)),
        "process": _request(process.string, _quoted(process.sent_string)),
        "auth": _request(auth.scheme, _quoted(lambda r: r.verification.auth)),
        "verified": _request(auth.verified, _quoted(lambda r: r.verification.verified)),
        "access_key_id": _request(auth.access_key, _quoted(lambda r: r.verification.access_key_id)),
        "token": _request(auth.token, _quoted(lambda r: r.verification.token)),
        "signing_region": _request(auth.region, _quoted(lambda r: r.verification.signing_region)),
        "signing_time": _request(auth.signing_time, auth.show_signing_time),
        "answer": _call(errors.kind, errors.show_answer),
        "origin": _answer("error", errors.origin, errors.show_field("origin")),
        **{
            name: _answer("error", errors.field(name), errors.show_field(name))
            for name in ERROR_FIELDS
        },
        "caught": _answer("error", errors.caught, errors.show_field("caught")),
        "open_connections": _turn(transport.open_connections, transport.show_open_connections),
        "content": _answer("content", bodies.content, bodies.show_content),
        "parsed": _answer("content", bodies.parsed, bodies.show_parsed),
        "exit": _answer("ended", samples.exit_code, samples.show_exit),
        "prints": _answer("ended", samples.prints, samples.show_output),
        "compiles": _answer("ended", samples.compiles, samples.show_compiled),
        "handled": _answer("ended", samples.handled, samples.show_handled),
    }
)
