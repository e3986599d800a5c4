"""What a lane does where it is free: named behaviours, each with the cases that it was seen in.

`observe` reads one trial, `portray` makes a lane's profile of what was seen in all of
them. Nothing is judged: a hazard is a finding of the family files, with its word cited. A behaviour
is named only if a trial brought it about, so what was not run is not there. Values that come from
a clock are medians; `MEASURED` names them, so that nobody takes their noise for a difference.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import median
from urllib.parse import urlsplit

from conformance.judge.attempts import TIMEOUTS, Attempt, attempts, signed_again, waits
from conformance.judge.rules.bodies import decoded, message_body
from conformance.model.case import Case, Input, Turn
from conformance.model.message import Content, Failure
from conformance.model.verdict import ProfileItem, Transcript, TurnRecord
from conformance.oss.naming import bare_host

YES, NO, NONE = "yes", "no", "none"
RETRY_WAITS, GIVES_UP = "retry-waits", "gives-up-at-read-timeout"
MEASURED = frozenset({RETRY_WAITS, GIVES_UP})
# Of the cases that show a behaviour the first are kept as evidence, so that a line can be read.
EVIDENCE = 20
# Fields that every signed request has; what is sent besides them is the client's own choice.
_SIGNING = frozenset(
    {"host", "authorization", "date", "x-oss-date", "x-oss-content-sha256", "x-oss-security-token"}
)
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.+_-]*")
_TOKEN = "x-oss-security-token"
_CREDENTIALS = ("authorization", _TOKEN)
Named = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One behaviour as one trial shows it. times: seconds, which stand for `{}` in the value."""

    name: str
    value: str
    case: str
    times: tuple[float, ...] = ()


def observe(case: Case, transcript: Transcript) -> tuple[Observation, ...]:
    """What one trial shows; nothing if it could not be told, or ran a whole program."""
    if transcript.problem is not None or transcript.skipped is not None:
        return ()
    seen: dict[tuple[str, str], tuple[float, ...]] = {}
    before: tuple[Attempt, ...] = ()
    for turn, record in zip(case.turns, transcript.turns, strict=False):
        by_sdk = turn.input.program is None and turn.input.sign == "header"
        if not by_sdk or record.answer is None:
            continue
        met = attempts(turn, record)
        for name, value in _told(case, turn, record, met, before):
            seen.setdefault((name, value), ())
        for name, value, times in _timed(turn, record, met):
            seen.setdefault((name, value), times)
        before = met
    return tuple(
        Observation(name=name, value=value, case=case.id, times=times)
        for (name, value), times in seen.items()
    )


def lane_profile(traits: Iterable[Observation]) -> tuple[ProfileItem, ...]:
    """A lane's profile of all that was seen, sorted; the order of the trials shows nowhere."""
    cases: dict[Named, list[str]] = {}
    times: dict[Named, list[tuple[float, ...]]] = {}
    for trait in traits:
        cases.setdefault((trait.name, trait.value), []).append(trait.case)
        if trait.times:
            times.setdefault((trait.name, trait.value), []).append(trait.times)
    return tuple(
        ProfileItem(
            name=name,
            value=value.format(_medians(times[name, value])) if (name, value) in times else value,
            count=len(seen),
            cases=tuple(sorted(seen)[:EVIDENCE]),
        )
        for (name, value), seen in sorted(cases.items())
    )


def user_agent(text: str) -> str:
    """A User-Agent without its version numbers, which change with every release and machine."""
    return _NUMBERS.sub("*", text)


def _medians(seen: Sequence[tuple[float, ...]]) -> str:
    columns = zip_longest(*seen)
    middle = (median([time for time in column if time is not None]) for column in columns)
    return ", ".join(f"{time:.1f}" for time in middle) + " s"


def _told(
    case: Case,
    turn: Turn,
    record: TurnRecord,
    met: tuple[Attempt, ...],
    before: tuple[Attempt, ...],
) -> Iterator[Named]:
    given = turn.input
    if not record.journal.exchanges:
        if isinstance(record.answer, Failure) and record.answer.origin == "client":
            yield "refuses-without-sending", "/".join(case.id.split("/")[:2])
        return
    if not met:
        return
    yield from _habits(given, met[0])
    yield from _retries(given, met)
    yield from _redirects(met)
    yield from _coding(record, met[-1])
    if before and given.client == "kept" and _leaves_open(before[-1]):
        same = before[-1].exchange.connection == met[0].exchange.connection
        yield "reuses-connections", YES if same else NO


def _habits(given: Input, met: Attempt) -> Iterator[Named]:
    request = met.request
    if given.signature != "v4" or given.credentials is None:
        return
    yield "user-agent", user_agent(request.header("user-agent") or NONE)
    yield "asks-for-codings", request.header("accept-encoding") or NONE
    yield "connection-header", request.header("connection") or NONE
    names = sorted({name.lower() for name, _ in request.headers} - _SIGNING)
    yield "adds-headers", ", ".join(names) or NONE
    dates = [name for name in ("date", "x-oss-date") if request.header(name) is not None]
    yield "tells-time-in", ", ".join(dates) or NONE
    if met.exchange.scheme == "https":
        yield "protocol-in-tls", met.exchange.alpn or NONE
    try:
        port = urlsplit(given.endpoint).port if "://" in given.endpoint else None
    except ValueError:
        return
    if port is not None:
        yield "names-port-in-host", YES if f":{port}" in (request.header("host") or "") else NO


def _retries(given: Input, met: tuple[Attempt, ...]) -> Iterator[Named]:
    first = met[0]
    if not first.trouble:
        return
    again = len(met) > 1
    kept = "-when-kept" if not first.trouble.isdecimal() and given.client == "kept" else ""
    yield f"retries-on-{first.trouble}{kept}", YES if again else NO
    after = first.response.header("retry-after") if first.response is not None else None
    if after is not None and after.isdecimal():
        wait = waits([one.exchange for one in met[:2]])
        honours = YES if wait and wait[0] >= 0.9 * int(after) else NO
        yield "waits-for-retry-after", honours if again else "no retry"
    if not again:
        return
    told = {signed_again(first, later) for later in met[1:] if later.trouble or later is met[-1]}
    for value in sorted(value for value in told if value is not None):
        yield "signs-retries-anew", value
    if first.trouble.isdecimal():
        same = first.exchange.connection == met[1].exchange.connection
        yield "retries-on-the-same-connection", YES if same else NO
        if all(one.trouble == first.trouble for one in met):
            yield f"requests-while-{first.trouble}-lasts", str(len(met))


def _redirects(met: tuple[Attempt, ...]) -> Iterator[Named]:
    for here, there in zip(met, (*met[1:], None), strict=True):
        target = here.target
        if target is None:
            continue
        host = bare_host(there.request.header("host") or "") if there else ""
        if there is not None and (host, there.exchange.scheme) != (target.host, target.scheme):
            continue
        kind = "to-other-host" if target.other else "to-same-host"
        kind = "to-http" if target.downgraded else kind
        if here is met[0]:
            yield f"follows-redirects-{kind}", NO if there is None else YES
        if there is None:
            continue
        if target.other or target.downgraded:
            yield from _carried(here, there, "to-other-host" if target.other else "over-http")
        elif here is met[0]:
            anew = signed_again(here, there)
            if anew is not None:
                yield "signs-redirected-requests-anew", anew
    if len(met) > 2 and all(one.target is not None for one in met):
        yield "redirects-followed-at-most", str(len(met) - 1)


def _carried(here: Attempt, there: Attempt, way: str) -> Iterator[Named]:
    for name, word in zip(_CREDENTIALS, ("authorization", "token"), strict=True):
        if here.request.header(name) is not None:
            sent = there.request.header(name) is not None
            yield f"sends-{word}-{way}", YES if sent else NO


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
    if isinstance(answer, Content) and answer.content in (plain, body):
        yield f"decodes-{coding}", YES if answer.content == plain else "as it came"
    elif isinstance(answer, Failure):
        yield f"decodes-{coding}", "refuses it"


def _leaves_open(met: Attempt) -> bool:
    """Whether an answer is ordinary and its connection can take the next request."""
    response = met.response
    if response is None or response.status != 200 or met.exchange.faults:
        return False
    framed = response.header("content-length") or response.header("transfer-encoding")
    return framed is not None and (response.header("connection") or "").lower() != "close"


def _timed(
    turn: Turn, record: TurnRecord, met: tuple[Attempt, ...]
) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    if not met or not met[0].trouble:
        return
    if met[0].trouble not in TIMEOUTS:
        until = next((n for n, one in enumerate(met) if not one.trouble), len(met) - 1)
        times = waits([one.exchange for one in met[: until + 1]])
        if times:
            yield RETRY_WAITS, "{}", times
    elif met[-1].trouble in TIMEOUTS and isinstance(record.answer, Failure):
        held = max(0.0, record.elapsed - met[-1].exchange.at)
        limit = turn.input.read_timeout or 0  # set, or this would be no timeout: see `held_back`
        yield GIVES_UP, f"{{}}, asked for {limit / 1000:.1f} s", (held,)
