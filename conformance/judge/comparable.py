"""What is compared of one lane on a case: short texts, read from its transcript.

These are the decoded processing strings, the canonical query without the parameters that signing
adds, the form of authentication, addressing, header fields that are empty or unusual, the answer
with the parsed document or what the SDK exposes of an error, and every other value that the case
observes. They take a few hundred bytes, so that a run can keep them until the last lane has
finished the case and release the transcript.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from conformance.judge.attempts import delays
from conformance.judge.calls import separated
from conformance.judge.document import (
    NotJsonError,
    difference,
    normal,
    of_known_kinds,
    read,
    shown,
    spelt,
)
from conformance.judge.observation import SIGNING_FIELDS
from conformance.judge.quote import quote, timeless
from conformance.judge.turn_profile import SIGNING, canonical_query
from conformance.model.case import Case, Turn
from conformance.model.http import Exchange
from conformance.model.message import Answer, Content, Ended, Failure, Several
from conformance.model.verdict import Transcript
from conformance.oss import authorization
from conformance.oss.naming import resolve

Got = tuple[tuple[str, str], ...]
NO_REQUEST = "no request"  # also what a profile says of a value of each request
UNKNOWN = "unknown"  # whether an error is caught, if the runner does not say so
# Fields of an error whose values are compared, and those of which only the presence is, because
# they differ in every run.
_VALUES, _PRESENCE = ("status", "code", "ec"), ("request_id", "host_id")
# Values that a case observes and that are compared anyway, or that cannot be compared.
_NOT_OBSERVED = frozenset(
    {"answer", "origin", "caught", "exit", "parsed", "process", "auth"}
    | {"content", "prints"}
    | {*_VALUES, *_PRESENCE}
)
_OBSERVED = re.compile(r"(?:turn-([0-9]+)-)?observed-(.*)")
# Header fields that change what is asked for, by the beginning of their names. What else an SDK
# adds to every request is in the profile of its lane.
_CHANGING = ("range", "if-", "expect", "cookie", "te", "cache-control", "prefer", "x-oss-")
_REQUEST_ID = "RequestId"  # in the document, differs in each call of the live service
# Longest value, in characters, that is stored in full; of a longer one its beginning and its hash.
_LONGEST = 600
# Contents whose canonical form is cached: all lanes get the same ones, at different times.
_CACHED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """The result of one lane on a case, as far as lanes are compared."""

    lane: str
    complete: bool  # the trial has all its turns, no problem, and was not skipped
    exposes: tuple[str, ...]  # the error fields that the SDK exposes
    got: Got  # pairs of name and value; empty unless complete


def read_for_agreement(
    case: Case, transcript: Transcript, profile: Iterable[tuple[str, str]] = ()
) -> Comparable:
    """The values of one transcript of this case that are compared. profile: of its verdict."""
    all_turns = len(transcript.turns) == len(case.turns)
    complete = all_turns and transcript.problem is None and transcript.skipped is None
    return Comparable(
        lane=transcript.lane,
        complete=complete,
        exposes=transcript.exposes,
        got=tuple(_got(case, transcript, profile)) if complete else (),
    )


def _got(
    case: Case, transcript: Transcript, profile: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    for number, (turn, record) in enumerate(zip(case.turns, transcript.turns, strict=True), 1):
        for call, _, own in separated(turn, record):
            exchanges = own.journal.exchanges
            if isinstance(own.answer, Several) and not exchanges:
                continue  # every request belongs to one of the calls
            place = _prefix(case, number) + (f"parallel call {call} " if call else "")
            answered = _answer_values(own.answer, live=turn.script.live)
            for name, value in (*_request_values(turn, exchanges), *answered):
                yield place + name, _short(value)
    for name, value in profile:
        observed = _OBSERVED.fullmatch(name) if "observed-" in name else None
        if observed and value != NO_REQUEST:
            number, member = int(observed[1] or 1), observed[2].replace("-", "_")
            if member not in _NOT_OBSERVED and not _depends_on_time(case.turns[number - 1], member):
                yield _prefix(case, number) + member, _short(timeless(value))


def _depends_on_time(turn: Turn, member: str) -> bool:
    """Whether a busy machine changes the value: a client counts its time-outs and tries by a clock.

    Two equal runs must have equal ids. What a lane does after a time-out is in its profile.
    """
    return member == "requests" and delays(turn)


def _prefix(case: Case, number: int) -> str:
    return f"call {number} " if len(case.turns) > 1 else ""


def _request_values(turn: Turn, exchanges: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
    values: dict[str, dict[str, None]] = {
        "processing string": {},
        "canonical query": {},
        "auth": {},
        "addressing": {},
        "unusual fields": {},
    }
    for exchange in exchanges:
        request = exchange.request
        if request is None:
            continue
        resource = resolve(
            host=request.header("host") or "", target=request.target, bound=turn.script.bound
        )
        string = resource.process
        fields = sorted({text for field in request.headers if (text := _unusual(*field))})
        for name, value in (
            ("processing string", quote(string)),
            ("canonical query", canonical_query(resource.query, without=SIGNING) or "empty"),
            ("auth", authorization.form(request, resource)),
            ("addressing", resource.addressing),
            ("unusual fields", ", ".join(fields) or "none"),
        ):
            values[name][value] = None
    if not values["auth"]:
        yield "sent", "no readable request" if exchanges else NO_REQUEST
        return
    for name, found in values.items():
        yield name, ", ".join(found)


def _unusual(name: str, value: str) -> str:
    """A header field as it is compared: an empty one, or one that changes what is asked for."""
    lower = name.lower()
    if not value:
        return f"{lower} (empty)"
    return lower if lower.startswith(_CHANGING) and lower not in SIGNING_FIELDS else ""


def _answer_values(answer: Answer | None, *, live: bool) -> Iterator[tuple[str, str]]:
    yield "answer", answer.kind if answer is not None else "none"
    if isinstance(answer, Content):
        refused = answer.parse_error is not None
        document = "refused by the parser" if refused else _canonical_document(answer, live=live)
        yield "document", document
    elif isinstance(answer, Failure):
        yield "origin", answer.origin
        yield "caught", UNKNOWN if answer.caught is None else "yes" if answer.caught else "no"
        for name in _VALUES:
            yield name, quote(getattr(answer, name))
        for name in _PRESENCE:
            yield name, "present" if getattr(answer, name) else "absent"
    elif isinstance(answer, Ended):
        yield "exit", str(answer.exit)


def _canonical_document(answer: Content, *, live: bool) -> str:
    """The parsed document in canonical form, shortened; live: without its request id.

    If the document equals the suite's parse of its bytes, the canonical form of the bytes is taken
    from a cache: comparing two documents takes a thirtieth of the time that writing one takes.
    """
    parsed = answer.parsed
    try:
        sent = read(answer.content)
        if difference(sent, parsed) is None and not live:
            return _canonical_content(answer.content)
        parsed = of_known_kinds(parsed, sent)
    except NotJsonError:
        pass
    if live and isinstance(parsed, dict):
        parsed = {name: value for name, value in parsed.items() if name != _REQUEST_ID}
    return _short(shown(normal(parsed)))


@lru_cache(maxsize=_CACHED)
def _canonical_content(content: bytes) -> str:
    return _short(spelt(content))


def _short(value: str) -> str:
    if len(value) <= _LONGEST:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{value[: _LONGEST - 40]}... (sha256 {digest})"
