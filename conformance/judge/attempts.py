"""The requests of a turn as attempts: how each one failed and where it was redirected.

They are read from the journal, without verifying anything. `turn_profile` shows the attempts of
each turn, and `observation` derives the behaviour of the lane from them. Times are in seconds;
profiles show them with one decimal place, because further digits differ from run to run.
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
# Faults that delay a reply, or a part of it.
DELAYS = ("delay", "stall")
_REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110 15.4; 300, 304 and 305 do not


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectTarget:
    """The target of a redirect."""

    scheme: str
    host: str  # in lower case and without the port
    other_host: bool  # whether it differs from the host of the request
    downgraded: bool  # from https to http


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One readable request of a turn and its result."""

    exchange: Exchange
    request: Request
    response: Response | None
    # `timeout` or `reset` before the response, `timeout-in-body` or `cut-body` within it, an error
    # status, or "" for none. A timeout is the read timeout of the client.
    failure: str
    redirect: RedirectTarget | None  # if the response is a redirect with a usable Location


def attempts(turn: Turn, record: TurnRecord) -> tuple[Attempt, ...]:
    """The requests of a turn in order; empty if any of them cannot be read."""
    found: list[Attempt] = []
    for number, exchange in enumerate(record.journal.exchanges):
        request, response = exchange.request, exchange.response
        if request is None:
            return ()
        found.append(
            Attempt(
                exchange=exchange,
                request=request,
                response=response,
                failure=_failure(turn, number, exchange, response),
                redirect=_redirect(exchange, request, response),
            )
        )
    return tuple(found)


def intervals(exchanges: Sequence[Exchange]) -> tuple[float, ...]:
    """Seconds between consecutive requests."""
    return tuple(max(0.0, later.at - earlier.at) for earlier, later in pairwise(exchanges))


def connections(exchanges: Sequence[Exchange]) -> tuple[int, ...]:
    """The connection of each request, numbered from 1 within the turn."""
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(item.connection, len(numbers) + 1) for item in exchanges)


def re_signed(first: Attempt, later: Attempt) -> str | None:
    """Whether a later request has a new signature: `yes`, `no` or `unsigned`; None if unknown.

    A new signature of the same target within the same second is equal to the old one.
    """
    before, after = (attempt.request.header("authorization") for attempt in (first, later))
    if before is None:
        return None
    if after is None:
        return "unsigned"
    if before != after:
        return "yes"
    same_target = first.request.target == later.request.target
    return None if same_target and first.exchange.clock == later.exchange.clock else "no"


def delays(turn: Turn) -> bool:
    """Whether the script delays a reply, so that what happens depends on time."""
    return any(kind in DELAYS for reply in turn.script.replies for kind, _ in reply.faults)


def delayed_beyond_timeout(turn: Turn, number: int) -> bool:
    """Whether the script delays reply `number` (from 0) beyond a read timeout that is set."""
    replies = turn.script.replies
    faults = replies[min(number, len(replies) - 1)].faults if replies else ()
    pauses = [
        argument["seconds"] if isinstance(argument, dict) else argument
        for kind, argument in faults
        if kind in DELAYS
    ]
    limit = turn.input.read_timeout
    return limit is not None and max(pauses, default=0.0) * 1000 > limit


def _failure(turn: Turn, number: int, exchange: Exchange, response: Response | None) -> str:
    faults = exchange.faults
    if any(kind in faults for kind in DELAYS):
        begun = response is not None and "delay" not in faults
        return TIMEOUTS[begun] if delayed_beyond_timeout(turn, number) else ""
    if "reset" in faults or "cut" in faults:
        return RESET if response is None else CUT
    if response is None or response.status < 400 or "raw_head" in faults:
        return ""
    return str(response.status)


def _redirect(
    exchange: Exchange, request: Request, response: Response | None
) -> RedirectTarget | None:
    location = response.header("location") if response is not None else None
    if response is None or response.status not in _REDIRECTS or not location:
        return None
    host = request.header("host") or ""
    try:
        parts = urlsplit(urljoin(f"{exchange.scheme}://{host}{request.target}", location))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    name = bare_host(parts.netloc)
    return RedirectTarget(
        scheme=parts.scheme,
        host=name,
        other_host=name != bare_host(host),
        downgraded=exchange.scheme == "https" and parts.scheme == "http",
    )
