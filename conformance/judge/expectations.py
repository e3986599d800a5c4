"""The table of expectations, and the rules that need none.

A name of `schemas/vectors.schema.json` (`expectations`) leads to a check, which yields
what does not hold, and to a show, which says what was got when the name is only observed. A rule
is added by adding a line here; `decide.py` knows none of them by name but what this table says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from conformance.judge.rules import auth, bodies, errors, leaks, naming, process, samples, transport
from conformance.judge.view import Miss, View
from conformance.model.case import JSON
from conformance.model.message import ERROR_FIELDS

Check = Callable[[View, JSON], Iterator[Miss]]
Show = Callable[[View], str]
Rule = Callable[[View], Iterator[Miss]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one expectation is judged.

    about: `turn`, `request` (of each request: with no request at all nothing is proved) or
    `answer` (of an answer of the expected kind, which is then `kind`).
    """

    check: Check
    show: Show
    about: str
    kind: str = ""


def _turn(check: Check, show: Show) -> Entry:
    return Entry(check=check, show=show, about="turn")


def _request(check: Check, show: Show) -> Entry:
    return Entry(check=check, show=show, about="request")


def _content(check: Check, show: Show) -> Entry:
    return Entry(check=check, show=show, about="answer", kind="content")


def _error(check: Check, show: Show) -> Entry:
    return Entry(check=check, show=show, about="answer", kind="error")


def _ended(check: Check, show: Show) -> Entry:
    return Entry(check=check, show=show, about="answer", kind="ended")


EXPECTATIONS = MappingProxyType(
    {
        "requests": _turn(transport.requests, transport.count),
        "method": _request(transport.method, transport.methods),
        "scheme": _request(transport.scheme, transport.schemes),
        "target": _request(naming.target, naming.targets),
        "process": _request(process.string, process.strings),
        "auth": _request(auth.scheme, auth.shown(lambda sight: sight.found.auth)),
        "verified": _request(auth.verified, auth.shown(lambda sight: sight.found.verified)),
        "access_key_id": _request(
            auth.access_key, auth.shown(lambda sight: sight.found.access_key_id)
        ),
        "token": _request(auth.token, auth.shown(lambda sight: sight.found.token)),
        "signing_region": _request(
            auth.region, auth.shown(lambda sight: sight.found.signing_region)
        ),
        "answer": _turn(errors.kind, errors.got_kind),
        "origin": _error(errors.origin, errors.shown("origin")),
        **{name: _error(errors.field(name), errors.shown(name)) for name in ERROR_FIELDS},
        "content": _content(bodies.content, bodies.got_content),
        "parsed": _content(bodies.parsed, bodies.got_parsed),
        "exit": _ended(samples.exit_code, samples.exit_shown),
        "prints": _ended(samples.prints, samples.printed),
    }
)

INVARIANTS: tuple[Rule, ...] = (
    transport.malformed,
    transport.stray,
    transport.certificate,
    transport.fault_unused,
    process.duplicate,
    process.place,
    leaks.secret,
    leaks.token,
    leaks.other_host,
    leaks.clear_text,
)
