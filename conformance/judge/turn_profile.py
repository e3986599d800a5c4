"""Records the behaviour of an SDK in each turn that the documentation leaves open, unjudged.

Each turn has the number of requests, the raw query of the first one (level 1), its canonical query
(level 2) and header fields, and for several requests their intervals and connections. Values that a
case only observes are added, and the error fields that the SDK does not expose. Names are stable
and in kebab-case; those of later turns begin with `turn-2-` and so on. Of calls that were made at
once, the first one stands for all, because the order of their requests differs from run to run.
"""

from collections.abc import Iterable, Iterator, Sequence

from conformance.judge.attempts import attempts, connections, delays, intervals, re_signed
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.live_values import live_values
from conformance.judge.quote import WHOLE
from conformance.judge.view import RequestView, TurnView
from conformance.model.case import Level
from conformance.model.message import ERROR_FIELDS, Several
from conformance.oss import v4

# Query parameters that depend on the time or the key; agreement leaves them out.
SIGNING = (
    "x-oss-signature",
    "x-oss-signature-version",
    "x-oss-credential",
    "x-oss-date",
    "x-oss-expires",
    "x-oss-additional-headers",
    "x-oss-security-token",
    "security-token",
    "OSSAccessKeyId",
    "Expires",
    "Signature",
)
NONE = "none"


def canonical_query(
    query: Iterable[tuple[str, str]], without: Sequence[str] = (v4.URL_SIGNATURE,)
) -> str:
    """A decoded query in canonical encoding and order, as V4 signs it."""
    return v4.canonical_query([pair for pair in query if pair[0] not in without])


def profile(views: Sequence[TurnView]) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value for all turns that have a view."""
    pairs: list[tuple[str, str]] = []
    for view in views:
        if view.call > 1 or isinstance(view.answer, Several):
            continue
        prefix = "" if view.number == 1 else f"turn-{view.number}-"
        pairs += [(prefix + name, value) for name, value in _turn(view)]
    return tuple(pairs)


def _turn(view: TurnView) -> list[tuple[str, str]]:
    pairs = [("requests", str(view.request_count))]
    if view.requests:
        pairs += _first_request(view.requests[0])
    if view.request_count > 1:
        pairs += _sequence(view)
    if delays(view.turn):
        limit = view.turn.input.read_timeout
        timeout = "not set" if limit is None else f"{limit / 1000:.1f} s"
        pairs.append(("elapsed", f"{view.record.elapsed:.1f} s, read timeout {timeout}"))
    if view.turn.script.live:
        pairs += live_values(view)
    error_expected = False
    for expectation in view.turn.expect:
        if expectation.claim is Level.OBSERVED:
            for name, _ in expectation.values:
                value = EXPECTATIONS[name].show(view)
                pairs.append((f"observed-{name.replace('_', '-')}", value))
        else:
            error_expected = error_expected or any(n in ERROR_FIELDS for n, _ in expectation.values)
    if error_expected:
        hidden = [name for name in ERROR_FIELDS if name not in view.exposes]
        if hidden:
            pairs.append(("not-exposed", ", ".join(hidden)))
    return pairs


def _sequence(view: TurnView) -> Iterator[tuple[str, str]]:
    exchanges = view.record.journal.exchanges
    yield "request-intervals", ", ".join(f"{time:.1f}" for time in intervals(exchanges)) + " s"
    yield "connections", ", ".join(map(str, connections(exchanges)))
    origins = [f"{request.exchange.scheme}://{request.host}" for request in view.requests]
    if len(set(origins)) > 1:
        yield "origins", ", ".join(origins)
    if len(view.requests) == len(exchanges):
        first, *others = attempts(view.turn, view.record)
        values = (re_signed(first, later) or "unknown" for later in others)
        yield "re-signed", ", ".join(dict.fromkeys(values))


def _first_request(request: RequestView) -> list[tuple[str, str]]:
    message, resource = request.message, request.verification.resource
    timestamps = [name for name in ("x-oss-date", "date") if message.header(name) is not None]
    if any(name == "x-oss-date" for name, _ in resource.query):
        timestamps.append("query x-oss-date")
    return [
        ("raw-query", _bounded(resource.raw_query)),
        ("canonical-query", _bounded(_canonical(request))),
        ("user-agent", message.header("user-agent") or NONE),
        ("headers", ", ".join([name for name, _ in message.headers])),
        ("accept-encoding", message.header("accept-encoding") or NONE),
        ("connection", message.header("connection") or NONE),
        ("alpn", request.exchange.alpn or NONE),
        ("addressing", resource.addressing),
        ("timestamp-header", ", ".join(timestamps) or NONE),
    ]


def _canonical(request: RequestView) -> str:
    """The third line of the canonical request if the verification computed one (V4)."""
    if request.verification.canonical:
        return request.verification.canonical.split("\n", 3)[2]
    return canonical_query(request.verification.resource.query)


def _bounded(text: str) -> str:
    limit = 4 * WHOLE
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
