"""Decides from a script how a request is answered.

Pure. A request is first authenticated as the service does it; if it is refused, the answer is the
service's error, and no reply is consumed. Otherwise the next scripted reply is played; the last one
is repeated. Every answer has a unique request id, derived from lane, arming and request number, so
that an SDK that confuses two answers is detected.
"""

import hashlib
from dataclasses import dataclass

from conformance.mock.answer import PreparedReply, answer, prepare, refusal
from conformance.mock.mock_errors import malformed
from conformance.mock.steps import Arrival, Playback
from conformance.model.case import Script
from conformance.oss.verification import Verification, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The progress of a script."""

    # Requests received, including refused ones.
    requests: int = 0
    # Replies given; more than the script has if the last one was repeated.
    consumed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """A script that is armed; created by `arm`."""

    # Request ids are derived from these two.
    lane: str
    seq: int
    script: Script
    # The script's replies, in order.
    replies: tuple[PreparedReply, ...]


def arm(lane: str, seq: int, script: Script) -> Armed:
    """Prepare the replies of a script."""
    replies = tuple(prepare(reply) for reply in script.replies)
    return Armed(lane=lane, seq=seq, script=script, replies=replies)


def respond(armed: Armed, state: State, arrival: Arrival) -> tuple[State, Playback]:
    """The state after one request, and the answer to it."""
    number, consumed = state.requests + 1, state.consumed
    reply = _refusal(armed.script, arrival)
    if reply is None:
        reply = armed.replies[min(consumed, len(armed.replies) - 1)]
        consumed += 1
    playback = answer(reply, arrival, request_id(armed.lane, armed.seq, number))
    return State(requests=number, consumed=consumed), playback


def _refusal(script: Script, arrival: Arrival) -> PreparedReply | None:
    if arrival.request is None:
        return refusal(malformed(arrival.problem))
    if not script.verify:
        return None
    verification = authenticate(script, arrival)
    if verification is None or verification.error is None:
        return None
    return refusal(verification.error)


def authenticate(script: Script, arrival: Arrival) -> Verification | None:
    """The request verified with the script's keys and the arrival's clock; None if malformed."""
    if arrival.request is None:
        return None
    return verify(
        arrival.request,
        keys=script.keys,
        region=script.region,
        clock=arrival.clock,
        bound=script.bound,
    )


def unused(script: Script, state: State) -> tuple[int, ...]:
    """The indexes of the replies with a fault that no request has consumed."""
    replies = enumerate(script.replies)
    return tuple(index for index, reply in replies if reply.faults and index >= state.consumed)


def request_id(lane: str, seq: int, number: int) -> str:
    """A request id in the service's form: 24 hexadecimal digits, upper case."""
    return hashlib.sha256(f"{lane}\n{seq}\n{number}".encode()).hexdigest()[:24].upper()
