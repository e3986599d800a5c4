"""Cases and transcripts of retries and delays, for the tests of what a lane does."""

from dataclasses import replace
from typing import Any

from judge.notation import case
from judge.rule_examples import failure, reply, request

from conformance.model.case import Case, Reply
from conformance.model.http import Exchange
from conformance.model.verdict import Transcript

CASE = case({"about": "a case", "id": "transport/retry/after-503", "expect": {}})
BUSY = {"request": request(), **reply("503 Service Unavailable", "<Error/>")}
UNREACHABLE = failure(origin="transport")


def asked(case_: Case, **more: Any) -> Case:
    """The case with changes to the input of each turn."""
    turns = tuple(replace(turn, input=replace(turn.input, **more)) for turn in case_.turns)
    return replace(case_, turns=turns)


def changed(original: Transcript, *changes: dict[str, Any]) -> Transcript:
    """A transcript of one turn with changes to its exchanges, one by one."""
    (record,) = original.turns
    exchanges: list[Exchange] = list(record.journal.exchanges)
    for number, change in enumerate(changes):
        exchanges[number] = replace(exchanges[number], **change)
    journal = replace(record.journal, exchanges=tuple(exchanges))
    return replace(original, turns=(replace(record, journal=journal),))


def delayed(kind: str, argument: Any, read_timeout: int = 400) -> Case:
    """A case whose reply is delayed by a fault."""
    made = asked(CASE, read_timeout=read_timeout)
    late = Reply(status=200, headers=(), body=b"", faults=((kind, argument),))
    (turn,) = made.turns
    return replace(made, turns=(replace(turn, script=replace(turn.script, replies=(late,))),))
