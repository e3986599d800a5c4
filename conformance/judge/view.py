"""One turn of a transcript, parsed and verified once for all rules.

All rules read these values and none parses a request again, so judging a transcript takes less
than 200 us. The judge verifies each request itself, from the received bytes, the keys of the script
and the clock of the exchange; the mock's refusal is only compared with the result.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.judge.calls import Separated
from conformance.model.case import Level, Provenance, Turn
from conformance.model.http import Exchange, Request, Response
from conformance.model.message import Answer
from conformance.model.verdict import TurnRecord
from conformance.oss.naming import bare_host
from conformance.oss.v4 import Scope
from conformance.oss.verification import Verification, verify

PROCESS = "x-oss-process"
# The code with which the mock refuses a request that is malformed by its parser, which is stricter
# than the judge's; no verification results in it.
MALFORMED = "BadRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that a request or a turn violates; equal violations become one `Finding`."""

    rule: str  # `family.name`
    part: str  # of the request or answer
    expected: str  # quoted
    got: str  # quoted
    why: str  # the violation matters, in one sentence
    request: int = 0  # its number in the turn, from 1; 0: the turn as a whole
    claim: Level = Level.REQUIRED  # for an expectation, `decide` sets the level of the case
    source: Provenance | None = None  # of an invariant; None: that of the case


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """One readable request, with its exchange and its verification."""

    number: int  # among the exchanges of the turn, from 1
    exchange: Exchange
    message: Request
    verification: Verification
    host: str  # of the Host field, in lower case and without the port
    process: tuple[str, ...]  # decoded values of every query parameter `x-oss-process`


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """One turn: its input, its script and everything that was observed.

    A turn with several calls at once has a view for each of them, which holds the requests of that
    call, and one with the answer `Several` for what belongs to no call.
    """

    number: int  # in the case, from 1
    turn: Turn
    record: TurnRecord
    answer: Answer  # a turn without one is not judged
    requests: tuple[RequestView, ...]  # those that can be read
    malformed: tuple[int, ...]  # numbers of the exchanges whose request cannot be read
    response: Response | None  # of the last exchange; None if none was sent
    exposes: tuple[str, ...]  # the error fields that the SDK exposes, by the runner's manifest
    call: int = 0  # among the calls made at once, from 1; 0: not one of several
    parts: tuple[Separated, ...] = ()  # the calls of the turn, this one too
    turns: tuple[Turn, ...] = ()  # all of the case
    scopes: tuple[Scope, ...] = ()  # for which signing keys may have been derived

    @property
    def request_count(self) -> int:
        """Number of requests received, readable or not."""
        return len(self.record.journal.exchanges)


def view_turn(
    number: int,
    turn: Turn,
    record: TurnRecord,
    answer: Answer,
    exposes: tuple[str, ...],
) -> TurnView:
    """The view of one turn; number from 1."""
    exchanges = record.journal.exchanges
    requests = tuple(_requests(turn, exchanges))
    readable = {request.number for request in requests}
    return TurnView(
        number=number,
        turn=turn,
        record=record,
        answer=answer,
        requests=requests,
        malformed=tuple(n for n in range(1, len(exchanges) + 1) if n not in readable),
        response=exchanges[-1].response if exchanges else None,
        exposes=exposes,
    )


def _requests(turn: Turn, exchanges: Iterable[Exchange]) -> Iterator[RequestView]:
    script = turn.script
    for number, exchange in enumerate(exchanges, start=1):
        message = exchange.request
        if message is None or exchange.refusal == MALFORMED:
            continue
        verification = verify(
            message,
            keys=script.keys,
            region=script.region,
            clock=exchange.clock,
            bound=script.bound,
        )
        query = verification.resource.query
        yield RequestView(
            number=number,
            exchange=exchange,
            message=message,
            verification=verification,
            host=bare_host(message.header("host") or ""),
            process=tuple(value for name, value in query if name == PROCESS),
        )
