"""Agreement of the lanes on one case, and whether a case that all of them fail is the suspect.

Lanes are grouped by what they got: the decoded processing strings, the canonical query without the
parameters that signing adds, the kind of the answer, the parsed document, and the status and code
of an error where every lane exposes them. A `Comparable` holds that in a few hundred bytes, so that
a run can keep it until the last lane has finished the case and release the transcript. Agreement is
reported beside the verdicts and changes none of them.
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
# Longest value that is stored whole; of a longer one its beginning and its hash, which together are
# shorter.
_WHOLE = 88
# Contents whose canonical form is cached: all lanes get the same ones, some long after others.
_CACHED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """What one lane got on a case."""

    lane: str
    complete: bool  # the trial has all its turns and neither a problem nor a skip
    exposes: tuple[str, ...]  # the error fields that the SDK exposes
    got: Got  # pairs of name and value; empty unless complete


def agree(case: Case, transcripts: Sequence[Transcript]) -> Agreement:
    """Lanes grouped by what they got; a lane that ended in a problem or a skip is left out."""
    return compare(case.id, [read_for_agreement(case, transcript) for transcript in transcripts])


def read_for_agreement(case: Case, transcript: Transcript) -> Comparable:
    """What is compared of one transcript of this case."""
    all_turns = len(transcript.turns) == len(case.turns)
    complete = all_turns and transcript.problem is None and transcript.skipped is None
    return Comparable(
        lane=transcript.lane,
        complete=complete,
        exposes=transcript.exposes,
        got=tuple(_got(transcript)) if complete else (),
    )


def compare(case: str, lanes: Iterable[Comparable]) -> Agreement:
    """The agreement on one case, by its id."""
    # By name, so that the order in which lanes finish does not matter.
    complete = sorted((one for one in lanes if one.complete), key=lambda one: one.lane)
    hidden = {name for name in _COMPARED if not all(name in one.exposes for one in complete)}
    groups: dict[Got, list[str]] = {}
    for one in complete:
        got = tuple(pair for pair in one.got if pair[0].rpartition(" ")[2] not in hidden)
        groups.setdefault(got, []).append(one.lane)
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
            *_of_requests(record.journal.exchanges),
            *_of_answer(record.answer),
        ):
            yield prefix + name, _short(value)


def _of_requests(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str]]:
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
    yield "canonical query", ", ".join(queries) or "no request"


def _of_answer(answer: Answer | None) -> Iterator[tuple[str, str]]:
    yield "answer", answer.kind if answer is not None else "none"
    if isinstance(answer, Content):
        refused = answer.parse_error is not None
        yield "document", "refused by the parser" if refused else _spelled(answer)
    elif isinstance(answer, Failure):
        yield "origin", answer.origin
        for name in _COMPARED:
            yield name, quote(getattr(answer, name))
    elif isinstance(answer, Ended):
        yield "exit", "zero" if answer.exit == 0 else "nonzero"


def _spelled(answer: Content) -> str:
    """The parsed document in the one spelling of its value, shortened.

    A document with the value that its bytes have is written once for all lanes that got these
    bytes: to compare two documents takes a thirtieth of the time that writing one does.
    """
    parsed = answer.parsed
    try:
        sent = read(answer.content)
        if difference(sent, parsed) is None:
            return _of_content(answer.content)
        parsed = of_known_kinds(parsed, sent)
    except NotJsonError:
        pass
    return _short(shown(normal(parsed)))


@lru_cache(maxsize=_CACHED)
def _of_content(content: bytes) -> str:
    return _short(spelt(content))


def _labels(groups: Sequence[Got]) -> list[str]:
    """What distinguishes each group from the others; of a single group, everything."""
    common = set(groups[0]).intersection(*groups[1:]) if len(groups) > 1 else set()
    return [
        "; ".join(f"{name} {value}" for name, value in got if (name, value) not in common)
        for got in groups
    ]


def _short(value: str) -> str:
    if len(value) <= _WHOLE:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{value[:60]}... (sha256 {digest})"
