"""Rules of the family `naming`: which object each request names, and at which host.

Virtual-hosted and path style name the same object; both are read by `oss.naming`. The
host must be the endpoint that was asked for, with or without the bucket in front of it.
"""

from collections.abc import Iterator

from conformance.judge.quote import pair, quote
from conformance.judge.view import Miss, Sight, View
from conformance.model.case import JSON
from conformance.oss.naming import hosts

VERSION = "versionId"


def target(view: View, expected: JSON) -> Iterator[Miss]:
    """`target`: bucket and key that each request names; `as-asked`: those of the input.

    The version of the object is that of the input in either case; most ask for none.
    """
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
        versions = [value for name, value in got.query if name == VERSION]
        if versions != ([] if given.version_id is None else [given.version_id]):
            yield Miss(
                rule="naming.version",
                part=f"{VERSION} in the query",
                expected=quote(given.version_id) if given.version_id is not None else "none",
                got=", ".join(map(quote, versions)) or "none",
                why="Another version is another image; without one it is whatever is there now.",
                request=sight.number,
            )


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
    """Bucket and key of each request, and the version if it names one, for the profile."""
    return ", ".join(map(_told, view.sights)) or "no request"


def _told(sight: Sight) -> str:
    named = sight.found.resource
    versions = "".join(f" version {quote(value)}" for name, value in named.query if name == VERSION)
    return quote(f"{named.bucket or ''}/{named.key}") + versions
