"""Separates calls that were made at once, so that each is judged like a call of its own.

A request belongs to the call whose object it names and, if several calls name that object, whose
processing string it has: the linter requires that calls differ in one of the two. What belongs to
no call (requests for other objects, what arrived before the turn, replies that nobody met) stays in
a record of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.mismatch.other_calls import OtherCalls, keys_of
from conformance.model.case import Turn
from conformance.model.http import Exchange
from conformance.model.message import Several
from conformance.model.verdict import TurnRecord
from conformance.operation.processing import asked
from conformance.oss.naming import resolve

# The number of the call from 1, or 0; its turn, with its input; its record.
Separated = tuple[int, Turn, TurnRecord]


def separated(turn: Turn, record: TurnRecord) -> tuple[Separated, ...]:
    """The calls of a turn in their order, then number 0: what belongs to no call.

    A turn with one call is number 0 alone.
    """
    answer, journal = record.answer, record.journal
    if not isinstance(answer, Several):
        return ((0, turn, record),)
    owned: list[list[Exchange]] = [[] for _ in turn.calls]
    others: list[Exchange] = []
    for exchange in journal.exchanges:
        number = _call_of(turn, exchange, owned)
        (others if number is None else owned[number]).append(exchange)
    calls = zip(turn.calls, answer.answers, owned, strict=False)
    return (
        *(
            (
                number,
                replace(turn, input=given, calls=()),
                replace(
                    record,
                    answer=one,
                    journal=replace(journal, exchanges=tuple(own), strays=(), unused=(), proxy=()),
                ),
            )
            for number, (given, one, own) in enumerate(calls, start=1)
        ),
        (0, turn, replace(record, journal=replace(journal, exchanges=tuple(others)))),
    )


def other_calls(parts: Iterable[Separated], call: int, turns: Iterable[Turn]) -> OtherCalls:
    """What is known of the calls besides this one. parts: of its turn; turns: of its case."""
    parallel = tuple(
        (number, exchange.request)
        for number, _, own in parts
        for exchange in (own.journal.exchanges if number not in (0, call) else ())
        if exchange.request is not None
    )
    return OtherCalls(parallel=parallel, keys=keys_of(turns))


def is_answered(turn: Turn, record: TurnRecord) -> bool:
    """Whether the record has an answer to each call of the turn."""
    answer = record.answer
    if isinstance(answer, Several) or turn.calls:
        return isinstance(answer, Several) and len(answer.answers) == len(turn.calls)
    return answer is not None


def _call_of(turn: Turn, exchange: Exchange, owned: Sequence[Sequence[Exchange]]) -> int | None:
    """The call, from 0, that a request belongs to, given the requests of each so far.

    A request for the object of several calls with the string of none of them belongs to the first
    call that has no request yet, so that the finding is about its string.
    """
    request = exchange.request
    if request is None:
        return None
    host = request.header("host") or ""
    named = resolve(host=host, target=request.target, bound=turn.script.bound)
    calls = [number for number, given in enumerate(turn.calls) if given.key == named.key]
    if len(calls) > 1:
        same = [number for number in calls if asked(turn.calls[number]) == named.process]
        calls = same or [number for number in calls if not owned[number]] or calls
    return calls[0] if calls else None
