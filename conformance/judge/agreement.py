"""Agreement of the lanes on one case, and whether a case that all of them fail is suspect.

Lanes are grouped by their results: the decoded processing strings, the canonical query without the
parameters that signing adds, the kind of the answer, the parsed document, and the status and code
of an error if every lane exposes them. A `Comparable` stores them in a few hundred bytes, so that
a run can keep it until the last lane has finished the case and release the transcript. Agreement is
reported separately from the verdicts and changes none of them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from conformance.judge.document import (
    NotJsonError,
    difference,
    normal,
    of_known_kinds,
    read,
    shown,
    spelt,
)
from conformance.judge.quote import quote
from conformance.judge.turn_profile import SIGNING, canonical_query
from conformance.judge.view import PROCESS
from conformance.model.case import Case, Level
from conformance.model.http import Exchange
from conformance.model.manifest import runner_of
from conformance.model.message import Answer, Content, Ended, Failure
from conformance.model.verdict import Agreement, Outcome, Transcript, Verdict
from conformance.oss.naming import resolve

Got = tuple[tuple[str, str], ...]
_COMPARED = ("status", "code")
# Longest value, in characters, that is stored in full; a longer one is stored as its beginning and
# its hash, which are shorter together.
_LONGEST = 88
# Contents whose canonical form is cached: all lanes get the same ones, at different times.
_CACHED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """The result of one lane on a case, as far as lanes are compared."""

    lane: str
    complete: bool  # the trial has all its turns, no problem, and was not skipped
    exposes: tuple[str, ...]  # the error fields that the SDK exposes
    got: Got  # pairs of name and value; empty unless complete


def read_for_agreement(case: Case, transcript: Transcript) -> Comparable:
    """The values of one transcript of this case that are compared."""
    all_turns = len(transcript.turns) == len(case.turns)
    complete = all_turns and transcript.problem is None and transcript.skipped is None
    return Comparable(
        lane=transcript.lane,
        complete=complete,
        exposes=transcript.exposes,
        got=tuple(_got(transcript)) if complete else (),
    )


def compare(case: str, lanes: Iterable[Comparable]) -> Agreement:
    """The agreement on one case, given its id; lanes that are not complete are left out."""
    # Sorted by name, so that the order in which lanes finish does not matter.
    complete = sorted((lane for lane in lanes if lane.complete), key=lambda lane: lane.lane)
    hidden = {name for name in _COMPARED if not all(name in lane.exposes for lane in complete)}
    groups: dict[Got, list[str]] = {}
    for lane in complete:
        got = tuple(pair for pair in lane.got if pair[0].rpartition(" ")[2] not in hidden)
        groups.setdefault(got, []).append(lane.lane)
    return Agreement(
        case=case,
        agree=len(groups) < 2,
        groups=tuple(zip(_labels(list(groups)), map(tuple, groups.values()), strict=True)),
    )


def suspect(verdicts: Iterable[Verdict]) -> bool:
    """Whether every lane that was judged on one case failed by the same rules.

    Versions of one SDK share their mistakes, so lanes of at least two runners have to fail.
    """
    judged = [v for v in verdicts if v.outcome in (Outcome.PASS, Outcome.FAIL)]
    rules = {
        frozenset(f.rule for f in verdict.findings if f.claim is Level.REQUIRED)
        for verdict in judged
    }
    runners = {runner_of(verdict.lane) for verdict in judged}
    failed = all(verdict.outcome is Outcome.FAIL for verdict in judged)
    return len(runners) > 1 and len(rules) == 1 and failed


def _got(transcript: Transcript) -> Iterator[tuple[str, str]]:
    for number, record in enumerate(transcript.turns, start=1):
        prefix = f"turn {number} " if len(transcript.turns) > 1 else ""
        for name, value in (
            *_request_values(record.journal.exchanges),
            *_answer_values(record.answer),
        ):
            yield prefix + name, _short(value)


def _request_values(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str]]:
    strings: dict[str, None] = {}
    queries: dict[str, None] = {}
    for exchange in exchanges:
        request = exchange.request
        if request is None:
            continue
        query = resolve(host=request.header("host") or "", target=request.target).query
        strings[quote(next((value for name, value in query if name == PROCESS), None))] = None
        queries[canonical_query(query, without=SIGNING)] = None
    yield "processing string", ", ".join(strings) or "no request"
    shown_queries = [query or "empty" for query in queries]
    yield "canonical query", ", ".join(shown_queries) or "no request"


def _answer_values(answer: Answer | None) -> Iterator[tuple[str, str]]:
    yield "answer", answer.kind if answer is not None else "none"
    if isinstance(answer, Content):
        refused = answer.parse_error is not None
        yield "document", "refused by the parser" if refused else _canonical_document(answer)
    elif isinstance(answer, Failure):
        yield "origin", answer.origin
        for name in _COMPARED:
            yield name, quote(getattr(answer, name))
    elif isinstance(answer, Ended):
        yield "exit", "zero" if answer.exit == 0 else "nonzero"


def _canonical_document(answer: Content) -> str:
    """The parsed document in canonical form, shortened.

    If the document equals the suite's parse of its bytes, the canonical form of the bytes is taken
    from a cache: comparing two documents takes a thirtieth of the time that writing one takes.
    """
    parsed = answer.parsed
    try:
        sent = read(answer.content)
        if difference(sent, parsed) is None:
            return _canonical_content(answer.content)
        parsed = of_known_kinds(parsed, sent)
    except NotJsonError:
        pass
    return _short(shown(normal(parsed)))


@lru_cache(maxsize=_CACHED)
def _canonical_content(content: bytes) -> str:
    return _short(spelt(content))


def _labels(groups: Sequence[Got]) -> list[str]:
    """The values that distinguish each group from the others; all values of a single group."""
    common = set(groups[0]).intersection(*groups[1:]) if len(groups) > 1 else set()
    return [
        "; ".join(f"{name} {value}" for name, value in got if (name, value) not in common)
        for got in groups
    ]


def _short(value: str) -> str:
    if len(value) <= _LONGEST:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{value[:60]}... (sha256 {digest})"
