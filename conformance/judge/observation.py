"""Observes, in one trial, behaviour that the documentation leaves open.

`observe` names retries, redirects, header fields, content codings, the reuse of connections, and
errors that a program which catches the SDK's documented types does not catch.
Nothing is judged here; the rules report dangerous behaviour as findings, with a source. A behaviour
is named only if the trial could show it, so a lane's profile omits what was not run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance.judge.attempts import (
    TIMEOUTS,
    Attempt,
    RedirectTarget,
    attempts,
    intervals,
    re_signed,
)
from conformance.judge.rules.bodies import message_body
from conformance.model.case import Case, Input, Turn
from conformance.model.content_coding import decoded, has_more_members
from conformance.model.http import Response
from conformance.model.message import ERROR_FIELDS, Answer, Content, Failure
from conformance.model.verdict import Transcript, TurnRecord
from conformance.oss.naming import bare_host

YES, NO, NONE = "yes", "no", "none"
OUTSIDE, FIELDS = "errors-outside-the-sdk-types", "error-fields"
RETRY_DELAYS, READ_TIMEOUT = "retry-delays", "read-timeout"
# Header fields whose name is that of the observation.
_HEADERS = ("accept-encoding", "connection")
# Header fields that signed requests have; all others are the client's choice.
SIGNING_FIELDS = frozenset(
    {"host", "authorization", "date", "x-oss-date", "x-oss-content-sha256", "x-oss-security-token"}
)
# Name in an observation -> header field.
_CREDENTIALS = {"authorization": "authorization", "token": "x-oss-security-token"}
# Part of the Retry-After delay that counts as having waited, because clocks are not exact.
_WAITED = 0.9
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.+_-]*")
Named = tuple[str, str]  # name and value of an observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One behaviour that a trial has shown."""

    name: str  # stable, in kebab-case: `retries-on-503`
    value: str  # with `{}` where the times are inserted
    case: str  # id of the case that shows it
    times: tuple[float, ...] = ()  # seconds; empty if the behaviour is not measured


def observe(case: Case, transcript: Transcript) -> tuple[Observation, ...]:
    """The observations of one trial; none if it could not be judged or ran a sample program."""
    if transcript.problem is not None or transcript.skipped is not None:
        return ()
    seen: dict[Named, tuple[float, ...]] = {}
    previous: tuple[Attempt, ...] = ()
    for turn, record in zip(case.turns, transcript.turns, strict=False):
        by_sdk = turn.input.program is None and turn.input.sign == "header" and not turn.calls
        if not by_sdk or record.answer is None:
            continue
        for name, value in _error(transcript, record.answer):
            seen.setdefault((name, value), ())
        tries = attempts(turn, record)
        for name, value in _named(case, turn, record, tries, previous):
            seen.setdefault((name, value), ())
        for name, value, times in _measured(turn, record, tries):
            seen.setdefault((name, value), times)
        previous = tries
    return tuple(
        Observation(name=name, value=value, case=case.id, times=times)
        for (name, value), times in seen.items()
    )


def unversioned(user_agent: str) -> str:
    """A User-Agent without version numbers, which change with every release and machine."""
    return _VERSION.sub("*", user_agent)


def _named(
    case: Case,
    turn: Turn,
    record: TurnRecord,
    tries: tuple[Attempt, ...],
    previous: tuple[Attempt, ...],
) -> Iterator[Named]:
    given = turn.input
    handshakes, certificate = len(record.journal.handshakes), turn.script.certificate
    if handshakes and certificate != "trusted":
        yield f"handshakes-with-{certificate}-certificate", str(handshakes)
    if not record.journal.exchanges:
        if isinstance(record.answer, Failure) and record.answer.origin == "client":
            yield "rejected-before-sending", "/".join(case.id.split("/")[:2])
        return
    if not tries:
        return
    if given.signature == "v4" and given.credentials is not None:
        yield from _request(given, tries[0])
    if tries[0].failure:
        yield from _retries(given, tries)
    yield from _redirects(tries)
    yield from _coding(record, tries[-1])
    if previous and given.client == "kept" and _reusable(previous[-1]):
        yield "reuses-connections", _yes(_same_connection(previous[-1], tries[0]))


def _error(transcript: Transcript, answer: Answer) -> Iterator[Named]:
    """What a program gets of an error, and whether it gets one that the SDK does not document."""
    if not isinstance(answer, Failure):
        return
    if answer.caught is False:
        yield OUTSIDE, answer.error_class
    if answer.origin == "service":
        yield FIELDS, ", ".join(name for name in ERROR_FIELDS if name in transcript.exposes) or NONE


def _yes(condition: bool) -> str:
    return YES if condition else NO


def _same_connection(one: Attempt, other: Attempt) -> bool:
    return one.exchange.connection == other.exchange.connection


def _request(given: Input, attempt: Attempt) -> Iterator[Named]:
    request = attempt.request
    yield "user-agent", unversioned(request.header("user-agent") or NONE)
    for name in _HEADERS:
        yield name, request.header(name) or NONE
    extra = sorted(
        name.lower() + ("" if value else " (empty)")
        for name, value in request.headers
        if name.lower() not in SIGNING_FIELDS
    )
    yield "extra-headers", ", ".join(extra) or NONE
    timestamps = [name for name in ("date", "x-oss-date") if request.header(name) is not None]
    yield "timestamp-header", ", ".join(timestamps) or NONE
    if attempt.exchange.scheme == "https":
        yield "alpn", attempt.exchange.alpn or NONE
    port = _port(given.endpoint)
    if port is not None:
        yield "port-in-host-header", _yes(f":{port}" in (request.header("host") or ""))


def _port(endpoint: str) -> int | None:
    try:
        return urlsplit(endpoint).port if "://" in endpoint else None
    except ValueError:
        return None


def _retries(given: Input, tries: tuple[Attempt, ...]) -> Iterator[Named]:
    first = tries[0]
    status = first.failure.isdecimal()
    reused = "-with-reused-client" if not status and given.client == "kept" else ""
    kind = _kind_of_error(first.response) if status else ""
    yield f"retries-on-{first.failure}{kind}{reused}", _yes(len(tries) > 1)
    after = first.response.header("retry-after") if first.response is not None else None
    if after is not None and after.isdecimal():
        waited = intervals([attempt.exchange for attempt in tries[:2]])
        honoured = [_yes(seconds >= _WAITED * int(after)) for seconds in waited]
        yield "honours-retry-after", honoured[0] if honoured else "no retry"
    if len(tries) == 1:
        return
    signed = {re_signed(first, later) for later in tries[1:] if later.failure or later is tries[-1]}
    for value in sorted(value for value in signed if value is not None):
        yield "re-signs-retries", value
    if status:
        yield "retries-on-same-connection", _yes(_same_connection(first, tries[1]))
        if all(attempt.failure == first.failure for attempt in tries):
            yield f"attempts-on-persistent-{first.failure}", str(len(tries))


def _kind_of_error(response: Response | None) -> str:
    """What the content of an error is, as part of a name; "" for an error document."""
    if response is None or not response.body:
        return "-without-content"
    media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    return {"text/html": "-with-html", "application/json": "-with-json"}.get(media_type, "")


def _redirects(tries: tuple[Attempt, ...]) -> Iterator[Named]:
    for attempt, following in zip(tries, (*tries[1:], None), strict=True):
        target, first = attempt.redirect, attempt is tries[0]
        if target is None or (following is not None and not _follows(target, following)):
            continue
        if first:
            yield f"follows-redirects-{_kind(target)}", _yes(following is not None)
        if following is None:
            continue
        if target.other_host or target.downgraded:
            yield from _credentials(attempt, following, target)
        elif first:
            signed = re_signed(attempt, following)
            if signed is not None:
                yield "re-signs-redirected-requests", signed
    if len(tries) > 2 and all(attempt.redirect is not None for attempt in tries):
        yield "max-redirects", str(len(tries) - 1)


def _follows(target: RedirectTarget, attempt: Attempt) -> bool:
    host = bare_host(attempt.request.header("host") or "")
    return (host, attempt.exchange.scheme) == (target.host, target.scheme)


def _kind(target: RedirectTarget) -> str:
    if target.downgraded:
        return "to-http"
    return "to-other-host" if target.other_host else "to-same-host"


def _credentials(
    redirected: Attempt, following: Attempt, target: RedirectTarget
) -> Iterator[Named]:
    where = "to-other-host" if target.other_host else "over-http"
    for name, header in _CREDENTIALS.items():
        if redirected.request.header(header) is not None:
            yield f"sends-{name}-{where}", _yes(following.request.header(header) is not None)


def _coding(record: TurnRecord, last: Attempt) -> Iterator[Named]:
    response = last.response
    coding = (response.header("content-encoding") or "").lower() if response is not None else ""
    if response is None or response.status != 200 or last.exchange.faults or not coding:
        return
    body = message_body(response)
    plain = decoded(body, coding)
    if plain is None or plain == body:
        return
    answer = record.answer
    name = f"decodes-{coding}" + ("-members" if has_more_members(body) else "")
    if isinstance(answer, Content) and answer.content in (plain, body):
        yield name, YES if answer.content == plain else "returned encoded"
    elif isinstance(answer, Failure):
        yield name, "rejected"


def _reusable(attempt: Attempt) -> bool:
    """Whether the connection can be reused after the response."""
    response = attempt.response
    if response is None or response.status != 200 or attempt.exchange.faults:
        return False
    framed = response.header("content-length") or response.header("transfer-encoding")
    return framed is not None and (response.header("connection") or "").lower() != "close"


def _measured(
    turn: Turn, record: TurnRecord, tries: tuple[Attempt, ...]
) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    if not tries or not tries[0].failure:
        return
    if tries[0].failure not in TIMEOUTS:
        until = next((n for n, attempt in enumerate(tries) if not attempt.failure), len(tries) - 1)
        delays = intervals([attempt.exchange for attempt in tries[: until + 1]])
        if delays:
            yield RETRY_DELAYS, "{}", delays
    elif tries[-1].failure in TIMEOUTS and isinstance(record.answer, Failure):
        waited = max(0.0, record.elapsed - tries[-1].exchange.at)
        # There is a timeout only if a read timeout is set: see `delayed_beyond_timeout`.
        limit = (turn.input.read_timeout or 0) / 1000
        yield READ_TIMEOUT, f"{{}}, configured {limit:.1f} s", (waited,)
