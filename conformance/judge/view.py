"""What one turn left, read once: requests with their verification, the response, the answer.

Every rule reads these values and none of them parses a request again; that keeps the
judging of a transcript under 200 us. The verification is the judge's own, made from the bytes
that were received, the script's keys and the clock of the exchange: the mock's refusal is only
compared with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.model.case import Level, Turn
from conformance.model.http import Exchange, Request, Response
from conformance.model.message import Answer
from conformance.model.verdict import TurnRecord
from conformance.oss.naming import bare_host
from conformance.oss.verification import Verification, verify

PROCESS = "x-oss-process"
# What the mock answers to what its parser, which is stricter than ours, does not take for HTTP;
# no verification ends with this code.
MALFORMED = "BadRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Something that does not hold, before anybody says on what claim.

    part: which part of the request or answer. request: its number in the turn, from 1; 0 when
    it concerns the turn as a whole. claim: of a rule that is always on; an expectation brings
    its own.
    """

    rule: str
    part: str
    expected: str
    got: str
    why: str
    request: int = 0
    claim: Level = Level.REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One exchange as the judge sees it.

    host: of the Host field, lower case, without port. process: the decoded values of every
    parameter `x-oss-process` in the query.
    """

    number: int
    exchange: Exchange
    request: Request
    found: Verification
    host: str
    process: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One turn: what was asked, what was scripted, and all that came of it.

    malformed: numbers of the exchanges whose request cannot be read. response: the last final
    response of the turn, None if none was written. answer: never None; a turn without one is not
    judged.
    """

    number: int
    turn: Turn
    record: TurnRecord
    answer: Answer
    sights: tuple[Sight, ...]
    malformed: tuple[int, ...]
    response: Response | None
    exposes: tuple[str, ...]

    @property
    def requests(self) -> int:
        """How many requests came, readable or not."""
        return len(self.record.journal.exchanges)


def read_turn(
    number: int, turn: Turn, record: TurnRecord, answer: Answer, exposes: tuple[str, ...]
) -> View:
    """The view of one turn; number from 1."""
    exchanges = record.journal.exchanges
    sights = tuple(_sights(turn, exchanges))
    seen = {sight.number for sight in sights}
    return View(
        number=number,
        turn=turn,
        record=record,
        answer=answer,
        sights=sights,
        malformed=tuple(n for n in range(1, len(exchanges) + 1) if n not in seen),
        response=exchanges[-1].response if exchanges else None,
        exposes=exposes,
    )


def _sights(turn: Turn, exchanges: Iterable[Exchange]) -> Iterator[Sight]:
    script = turn.script
    for number, exchange in enumerate(exchanges, start=1):
        request = exchange.request
        if request is None or exchange.refusal == MALFORMED:
            continue
        found = verify(
            request,
            keys=script.keys,
            region=script.region,
            clock=exchange.clock,
            bound=script.bound,
        )
        yield Sight(
            number=number,
            exchange=exchange,
            request=request,
            found=found,
            host=bare_host(request.header("host") or ""),
            process=tuple(value for name, value in found.resource.query if name == PROCESS),
        )
