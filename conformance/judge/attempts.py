"""How a turn went from one request to the next: what was met, how long was waited, what was sent.

Read from the journal alone, without verifying anything: profile.py tells it of each turn
and behaviour.py makes a lane's habits of it. Times are seconds and stand in profiles with one
decimal: what is behind it differs from run to run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from conformance.model.case import Turn
from conformance.model.http import Exchange, Request, Response
from conformance.model.verdict import TurnRecord
from conformance.oss.naming import bare_host

RESET, CUT = "reset", "cut-body"
TIMEOUTS = ("timeout", "timeout-in-body")
_FOLLOWED = (301, 302, 303, 307, 308)  # RFC 9110 15.4; of 300, 304 and 305 none leads on by itself
WAITING = ("delay", "stall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a redirect leads. other: to another host. downgraded: from https to http."""

    scheme: str
    host: str
    other: bool
    downgraded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request of a turn that can be read, with what came of it.

    trouble: `timeout` and `reset` before an answer, `timeout-in-body` and `cut-body` inside it, an
    error status, or "" for none; a timeout is the client's own read timeout. target: of a redirect
    that names one.
    """

    exchange: Exchange
    request: Request
    response: Response | None
    trouble: str
    target: Target | None


def attempts(turn: Turn, record: TurnRecord) -> tuple[Attempt, ...]:
    """The requests of a turn in order; empty if there is none, or one that cannot be read."""
    met: list[Attempt] = []
    for number, exchange in enumerate(record.journal.exchanges):
        request, response = exchange.request, exchange.response
        if request is None:
            return ()
        met.append(
            Attempt(
                exchange=exchange,
                request=request,
                response=response,
                trouble=_trouble(turn, number, exchange, response),
                target=_target(exchange, request, response),
            )
        )
    return tuple(met)


def waits(exchanges: Sequence[Exchange]) -> tuple[float, ...]:
    """Seconds between one request and the next."""
    return tuple(max(0.0, later.at - earlier.at) for earlier, later in pairwise(exchanges))


def connections(exchanges: Sequence[Exchange]) -> tuple[int, ...]:
    """The connection of each request, numbered from 1 within the turn."""
    known: dict[int, int] = {}
    return tuple(known.setdefault(item.connection, len(known) + 1) for item in exchanges)


def signed_again(first: Attempt, later: Attempt) -> str | None:
    """`yes`, `no`, or `left out` when Authorization is gone; None if that cannot be told.

    Within one second, and for one target, a signature made anew is the same.
    """
    before, after = (met.request.header("authorization") for met in (first, later))
    if before is None:
        return None
    if after is None:
        return "left out"
    if before != after:
        return "yes"
    alike = first.request.target == later.request.target
    return None if alike and first.exchange.clock == later.exchange.clock else "no"


def held_back(turn: Turn, number: int) -> bool:
    """Whether the script delays reply `number` (from 0) beyond a read timeout that is set."""
    replies = turn.script.replies
    faults = replies[min(number, len(replies) - 1)].faults if replies else ()
    pauses = [
        argument["seconds"] if isinstance(argument, dict) else argument
        for kind, argument in faults
        if kind in WAITING
    ]
    limit = turn.input.read_timeout
    return limit is not None and max(pauses, default=0.0) * 1000 > limit


def _trouble(turn: Turn, number: int, exchange: Exchange, response: Response | None) -> str:
    faults = exchange.faults
    if any(kind in faults for kind in WAITING):
        begun = response is not None and "delay" not in faults
        return TIMEOUTS[begun] if held_back(turn, number) else ""
    if "reset" in faults or "cut" in faults:
        return RESET if response is None else CUT
    if response is None or response.status < 400 or "raw_head" in faults:
        return ""
    return str(response.status)


def _target(exchange: Exchange, request: Request, response: Response | None) -> Target | None:
    location = response.header("location") if response is not None else None
    if response is None or response.status not in _FOLLOWED or not location:
        return None
    host = request.header("host") or ""
    try:
        parts = urlsplit(urljoin(f"{exchange.scheme}://{host}{request.target}", location))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    name = bare_host(parts.netloc)
    return Target(
        scheme=parts.scheme,
        host=name,
        other=name != bare_host(host),
        downgraded=exchange.scheme == "https" and parts.scheme == "http",
    )
