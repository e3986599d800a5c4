"""Decides from a script how a request is answered.

Pure. A request is first authenticated as the service does it; if it is refused, the answer is the
service's error, and no reply is used. Otherwise it gets the first reply that is unused and whose
`when` holds for it, or else the last whose `when` holds. Every answer has a unique request id,
derived from lane, arming and request number, so that an SDK that confuses two answers is detected.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.mock.answer import PreparedReply, answer, of_error, prepare, refusal
from conformance.mock.mock_errors import malformed
from conformance.mock.steps import Arrival, Playback
from conformance.model.case import Script
from conformance.model.http import Request, asks_for, every
from conformance.oss.naming import Resource, resolve
from conformance.oss.service_error import NO_KEY
from conformance.oss.verification import Verification, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The progress of a script."""

    # Requests received, including refused ones.
    requests: int = 0
    # Positions of the replies given.
    used: frozenset[int] = frozenset()


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
    number, used = state.requests + 1, state.used
    reply = _refusal(armed.script, arrival)
    if reply is None:
        position = _position(armed, used, arrival)
        # No reply is for this object: the bucket does not have it.
        reply = prepare(of_error(NO_KEY)) if position is None else armed.replies[position]
        used = used if position is None else used | {position}
    playback = answer(reply, arrival, request_id(armed.lane, armed.seq, number))
    return State(requests=number, used=used), playback


def _position(armed: Armed, used: frozenset[int], arrival: Arrival) -> int | None:
    """The position of the reply to a request; None if no `when` holds."""
    fitting: Sequence[int] = range(len(armed.replies))
    if any(reply.when for reply in armed.script.replies):
        replies = enumerate(armed.script.replies)
        fitting = [at for at, reply in replies if _holds(reply.when, armed.script, arrival)]
    unused = (at for at in fitting if at not in used)
    return next(unused, fitting[-1] if fitting else None)


def _holds(when: tuple[tuple[str, str], ...], script: Script, arrival: Arrival) -> bool:
    request = arrival.request
    if request is None:
        return not when
    host = request.header("host") or ""
    asked = resolve(host=host, target=request.target, bound=script.bound)
    return all(_is(kind, value, request, asked) for kind, value in when)


def _is(kind: str, value: str, request: Request, asked: Resource) -> bool:
    if kind == "accept_encoding":
        return asks_for(request, value)
    return (asked.key if kind == "key" else asked.process) == value


def _refusal(script: Script, arrival: Arrival) -> PreparedReply | None:
    if arrival.request is None:
        return refusal(malformed(arrival.problem))
    hosts = every(arrival.request.headers, "host")
    if len(hosts) != 1 and arrival.request.version != "HTTP/1.0":  # RFC 9112 3.2
        return refusal(malformed(f"it has {len(hosts)} Host fields, not one"))
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
    """The positions of the replies with a fault that no request has got."""
    replies = enumerate(script.replies)
    return tuple(at for at, reply in replies if reply.faults and at not in state.used)


def request_id(lane: str, seq: int, number: int) -> str:
    """A request id in the service's form: 24 hexadecimal digits, upper case."""
    return hashlib.sha256(f"{lane}\n{seq}\n{number}".encode()).hexdigest()[:24].upper()
