"""Rules of the family `naming`: which bucket and key each request names, and at which host.

Floor 3. Virtual-hosted and path style name the same object; both are read by `oss.naming`. The
host must be the endpoint that was asked for, with or without the bucket in front of it.
"""

from collections.abc import Iterator

from conformance.judge.quote import pair, quote
from conformance.judge.reading import Miss, Sight, View
from conformance.model.case import JSON
from conformance.oss.naming import hosts


def target(view: View, expected: JSON) -> Iterator[Miss]:
    """`target`: bucket and key that each request names; `as-asked`: those of the input."""
    given = view.turn.input
    as_asked = expected == "as-asked"
    bucket = given.bucket if as_asked else expected["bucket"]
    key = given.key if as_asked else expected["key"]
    allowed = hosts(given.endpoint, given.bucket)
    named = " or ".join(map(quote, allowed)) or "no request: the endpoint names no host"
    for sight in view.sights:
        got = sight.found.resource
        if as_asked and sight.host not in allowed:
            yield Miss(
                rule="transport.target-host",
                part="Host",
                expected=named,
                got=quote(sight.host),
                why="The request goes to another server than the endpoint that was asked for.",
                request=sight.number,
            )
            continue
        if got.bucket != bucket:
            yield _miss(sight, "bucket", bucket, got.bucket)
        if got.key != key:
            yield _miss(sight, "key", key, got.key)


def _miss(sight: Sight, what: str, expected: str, got: str | None) -> Miss:
    wanted, found = pair(expected, got)
    return Miss(
        rule="naming.target",
        part=f"{what} in {quote(sight.request.target.partition('?')[0])}",
        expected=wanted,
        got=found,
        why="Another name is another object: it is not there, or it is somebody else's.",
        request=sight.number,
    )


def targets(view: View) -> str:
    """Bucket and key of each request, for the profile."""
    named = (sight.found.resource for sight in view.sights)
    return ", ".join(quote(f"{r.bucket or ''}/{r.key}") for r in named) or "no request"
