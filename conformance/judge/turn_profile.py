"""What a lane does where the documentation leaves freedom: recorded, never judged.

Always there: the first request as it stood on the wire (level 1), its canonical query
(level 2), the number of requests, the habits of the client, and of several
requests the way from one to the next. What a case only observes, and
the error fields that the SDK does not expose, come on top. Names are stable kebab-case words; from
the second turn on they begin with `turn-2-`.
"""

from collections.abc import Iterable, Iterator, Sequence

from conformance.judge.attempts import WAITING, attempts, connections, signed_again, waits
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.quote import WHOLE
from conformance.judge.view import Sight, View
from conformance.model.case import Level
from conformance.model.message import ERROR_FIELDS
from conformance.oss import v4

# Parameters that differ from call to call or from key to key; agreement leaves them out.
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
NOTHING = "none"


def canonical_query(
    query: Iterable[tuple[str, str]], without: Sequence[str] = (v4.URL_SIGNATURE,)
) -> str:
    """A decoded query in its one encoding and order, as V4 signs it."""
    return v4.canonical_query([pair for pair in query if pair[0] not in without])


def profile(views: Sequence[View]) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value for all turns that have a view."""
    pairs: list[tuple[str, str]] = []
    for view in views:
        prefix = "" if view.number == 1 else f"turn-{view.number}-"
        pairs += [(prefix + name, value) for name, value in _turn(view)]
    return tuple(pairs)


def _turn(view: View) -> list[tuple[str, str]]:
    pairs = [("requests", str(view.requests))]
    if view.sights:
        pairs += _habits(view.sights[0])
    if view.requests > 1:
        pairs += _way(view)
    if any(kind in WAITING for reply in view.turn.script.replies for kind, _ in reply.faults):
        limit = view.turn.input.read_timeout
        told = "not set" if limit is None else f"{limit / 1000:.1f} s"
        pairs.append(("elapsed", f"{view.record.elapsed:.1f} s, read timeout {told}"))
    expected = False
    for expectation in view.turn.expect:
        if expectation.claim is Level.OBSERVED:
            for name, _ in expectation.values:
                seen = EXPECTATIONS[name].show(view)
                pairs.append((f"observed-{name.replace('_', '-')}", seen))
        else:
            expected = expected or any(name in ERROR_FIELDS for name, _ in expectation.values)
    if expected:
        hidden = [name for name in ERROR_FIELDS if name not in view.exposes]
        if hidden:
            pairs.append(("not-exposed", ", ".join(hidden)))
    return pairs


def _way(view: View) -> Iterator[tuple[str, str]]:
    exchanges = view.record.journal.exchanges
    yield "waits", ", ".join(f"{wait:.1f}" for wait in waits(exchanges)) + " s"
    yield "connections", ", ".join(map(str, connections(exchanges)))
    sights = view.sights
    if len({(sight.exchange.scheme, sight.host) for sight in sights}) > 1:
        yield "hosts", ", ".join(f"{sight.exchange.scheme}://{sight.host}" for sight in sights)
    if len(sights) == len(exchanges):
        met = attempts(view.turn, view.record)
        anew = (signed_again(met[0], later) or "cannot be told" for later in met[1:])
        yield "signed-anew", ", ".join(dict.fromkeys(anew))


def _habits(sight: Sight) -> list[tuple[str, str]]:
    request, resource = sight.request, sight.found.resource
    dates = [name for name in ("x-oss-date", "date") if request.header(name) is not None]
    if any(name == "x-oss-date" for name, _ in resource.query):
        dates.append("query x-oss-date")
    return [
        ("raw-query", _bounded(resource.raw_query)),
        ("canonical-query", _bounded(_canonical(sight))),
        ("user-agent", request.header("user-agent") or NOTHING),
        ("headers", ", ".join([name for name, _ in request.headers])),
        ("accept-encoding", request.header("accept-encoding") or NOTHING),
        ("connection", request.header("connection") or NOTHING),
        ("alpn", sight.exchange.alpn or NOTHING),
        ("addressing", resource.addressing),
        ("date-header", ", ".join(dates) or NOTHING),
    ]


def _canonical(sight: Sight) -> str:
    """The third line of the canonical request, if verifying has made one (V4)."""
    if sight.found.canonical:
        return sight.found.canonical.split("\n", 3)[2]
    return canonical_query(sight.found.resource.query)


def _bounded(text: str) -> str:
    limit = 4 * WHOLE
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
