"""Rules of the family `naming`: which object each request addresses, and on which host.

Virtual-hosted and path style address the same object; `oss.naming` parses both. The host must be
that of the endpoint in the input, with or without the bucket in front. An invariant is about path
style at the service's own hosts, which refuse it.
"""

from collections.abc import Iterator

from conformance.judge.quote import pair, quote
from conformance.judge.view import RequestView, TurnView, Violation
from conformance.model.case import JSON, Input
from conformance.model.message import Several
from conformance.oss.naming import hosts, is_public
from conformance.oss.service_error import PATH_STYLE

VERSION = "versionId"


def target(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`target`: the bucket and key of each request; `as-asked`: those of the input.

    The version of the object must always be that of the input; most inputs have none.
    """
    given = view.turn.input
    as_asked = expected == "as-asked"
    bucket = given.bucket if as_asked else expected["bucket"]
    key = given.key if as_asked else expected["key"]
    allowed = _hosts(given)
    for request in view.requests:
        got = request.verification.resource
        if as_asked and request.host not in allowed:
            yield Violation(
                rule="transport.target-host",
                part="Host",
                expected=" or ".join(map(quote, allowed)) or "no request: the endpoint has no host",
                got=quote(request.host),
                why="The request goes to a server other than that of the endpoint.",
                request=request.number,
            )
            continue
        if got.bucket != bucket:
            yield _wrong_name(request, "bucket", bucket, got.bucket)
        if got.key != key:
            yield _wrong_name(request, "key", key, got.key)
        versions = [value for name, value in got.query if name == VERSION]
        if versions != ([] if given.version_id is None else [given.version_id]):
            yield Violation(
                rule="naming.version",
                part=f"{VERSION} in the query",
                expected=quote(given.version_id) if given.version_id is not None else "none",
                got=", ".join(map(quote, versions)) or "none",
                why="Each version is another image; without one, the current version is used.",
                request=request.number,
            )


def _hosts(given: Input) -> tuple[str, ...]:
    """The hosts that may be addressed. Only an endpoint of the service is below every bucket."""
    names = hosts(given.endpoint, given.bucket)
    as_written = given.addressing in ("path", "cname") and not any(map(is_public, names))
    return names[-1:] if as_written else names


def path_style(view: TurnView) -> Iterator[Violation]:
    """Invariant: the bucket is in the host at an endpoint of the service.

    A program that sets path style there asks for the refusal.
    """
    given = view.turn.input
    if given.addressing == "path":
        return
    for request in view.requests:
        if (
            request.verification.error == PATH_STYLE
            and request.verification.resource.bucket == given.bucket
        ):
            yield Violation(
                rule="naming.path-style",
                part="request target",
                expected=f"the bucket {quote(given.bucket)} in the host",
                got=f"the host {quote(request.host)} and the bucket in the path",
                why=f"The service answers {PATH_STYLE.status} {PATH_STYLE.code}.",
                request=request.number,
            )


def of_no_call(view: TurnView) -> Iterator[Violation]:
    """Invariant: each request names the object of one of the calls that were made at once."""
    if not isinstance(view.answer, Several):
        return
    for request in view.requests:
        yield Violation(
            rule="naming.unasked",
            part=f"key in {quote(request.message.target.partition('?')[0])}",
            expected="a key of one of the calls made at once",
            got=quote(request.verification.resource.key),
            why="The name is that of another object, which may not exist or may be someone else's.",
            request=request.number,
        )


def _wrong_name(request: RequestView, what: str, expected: str, got: str | None) -> Violation:
    left, right = pair(expected, got)
    return Violation(
        rule="naming.target",
        part=f"{what} in {quote(request.message.target.partition('?')[0])}",
        expected=left,
        got=right,
        why="The name is that of another object, which may not exist or may be someone else's.",
        request=request.number,
    )


def show_target(request: RequestView) -> str:
    """Bucket and key of a request, and the version if there is one, for the profile."""
    got = request.verification.resource
    versions = "".join(f" version {quote(value)}" for name, value in got.query if name == VERSION)
    return quote(f"{got.bucket or ''}/{got.key}") + versions
