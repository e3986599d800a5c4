"""A script and a request -> what to answer: the decisions of the mock, all of them pure.

First the request is authenticated as the service does it; a refusal is answered with the
service's error and consumes nothing. Otherwise the next scripted reply is played, the last one
again and again. Every answer carries a request id of its own, made from lane, arming and number,
so that an answer that an SDK mixed up shows.
"""

import hashlib
from dataclasses import dataclass, replace

from conformance.mock.answer import PreparedReply, answer, of_error, prepare
from conformance.mock.steps import Arrival, Playback
from conformance.model.case import Script
from conformance.oss.service_error import ServiceError
from conformance.oss.verification import verify

# What the mock answers by itself though it verified nothing; the texts say whose they are.
_MALFORMED = ServiceError(status=400, code="BadRequest", message="The request is not HTTP/1.1: ")
STRAY = ServiceError(
    status=503, code="ServiceUnavailable", message="The mock endpoint has no script armed."
)
NOBODY = ServiceError(
    status=400, code="BadRequest", message="The mock endpoint knows no lane at this address."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a script has come: requests seen, replies given (more than there are: repeated)."""

    requests: int = 0
    consumed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """A script that is armed; made by `arm`. lane and seq are what request ids are made from."""

    lane: str
    seq: int
    script: Script
    replies: tuple[PreparedReply, ...]


def arm(lane: str, seq: int, script: Script) -> Armed:
    """Make a script ready."""
    replies = tuple(prepare(reply) for reply in script.replies)
    return Armed(lane=lane, seq=seq, script=script, replies=replies)


def respond(armed: Armed, state: State, arrival: Arrival) -> tuple[State, Playback]:
    """What to answer to one request, and the state afterwards."""
    number = state.requests + 1
    request_id = identity(armed.lane, armed.seq, number)
    refusal = _refusal(armed.script, arrival)
    if refusal is not None:
        plan = refuse(refusal, arrival, request_id)
        return State(requests=number, consumed=state.consumed), plan
    prepared = armed.replies[min(state.consumed, len(armed.replies) - 1)]
    plan = Playback(steps=answer(prepared, arrival, request_id))
    return State(requests=number, consumed=state.consumed + 1), plan


def _refusal(script: Script, arrival: Arrival) -> ServiceError | None:
    if arrival.request is None:
        return malformed(arrival.problem)
    if not script.verify:
        return None
    return verify(
        arrival.request,
        keys=script.keys,
        region=script.region,
        clock=arrival.clock,
        bound=script.bound,
    ).error


def malformed(problem: str) -> ServiceError:
    """The answer to what is not HTTP."""
    return replace(_MALFORMED, message=_MALFORMED.message + problem)


def refuse(error: ServiceError, arrival: Arrival, request_id: str) -> Playback:
    """The plan for an error that the mock answers by itself."""
    steps = answer(prepare(of_error(error)), arrival, request_id)
    return Playback(steps=steps, refusal=error.code)


def unused(script: Script, state: State) -> tuple[int, ...]:
    """Positions of the replies with a fault that no request has consumed."""
    replies = enumerate(script.replies)
    return tuple(index for index, reply in replies if reply.faults and index >= state.consumed)


def identity(lane: str, seq: int, number: int) -> str:
    """A request id in the service's form: 24 hexadecimal digits, upper case."""
    return hashlib.sha256(f"{lane}\n{seq}\n{number}".encode()).hexdigest()[:24].upper()
