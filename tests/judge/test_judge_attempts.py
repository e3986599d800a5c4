"""The requests of a turn as attempts: failures, redirects, signatures."""

from dataclasses import replace
from typing import Any

import pytest
from judge.notation import CLOCK, transcript
from judge.rule_examples import exchange, lane, reply, request
from judge.trials import BUSY, CASE, changed, delayed

from conformance.judge.attempts import Attempt, attempts, connections, intervals, re_signed
from conformance.model.case import Case


def made(*exchanges: Any, case: Case = CASE, change: Any = None) -> tuple[Attempt, ...]:
    trial = transcript(lane(*exchanges))
    return attempts(case.turns[0], (changed(trial, change) if change else trial).turns[0])


def moved(location: str, status: str = "307 Temporary Redirect") -> Attempt:
    (attempt,) = made({"request": request(), **reply(status, "", f"Location: {location}")})
    return attempt


@pytest.mark.parametrize(
    ("fault", "sent", "failure"),
    [
        ("reset", b"", "reset"),
        ("cut", b"HTTP/1.1 200 OK\r\n\r\n{", "cut-body"),
        ("raw_head", b"HTTP/1.1 500 Error\r\n\r\n", ""),
        ("pieces", b"HTTP/1.1 500 Error\r\n\r\n", "500"),
    ],
)
def test_a_fault_is_the_failure_that_a_client_meets(fault: str, sent: bytes, failure: str) -> None:
    (attempt,) = made(exchange(), change={"faults": (fault,), "sent": sent})
    assert attempt.failure == failure


@pytest.mark.parametrize(
    ("kind", "argument", "failure"),
    [
        ("delay", 0.5, "timeout"),
        ("delay", 0.3, ""),
        ("stall", {"after": 10, "seconds": 0.5}, "timeout-in-body"),
    ],
)
def test_a_delay_beyond_the_read_timeout_is_a_timeout(
    kind: str, argument: Any, failure: str
) -> None:
    case = delayed(kind, argument, read_timeout=400)
    (attempt,) = made(exchange(), case=case, change={"faults": (kind,)})
    assert attempt.failure == failure


def test_a_turn_with_a_request_that_cannot_be_read_has_no_attempts() -> None:
    assert made(exchange(), exchange(["not HTTP"])) == ()


def test_a_redirect_is_resolved_against_the_request() -> None:
    target = moved("/other.jpg").redirect
    assert target is not None
    assert (target.scheme, target.host) == ("https", "image-demo.oss-cn-hangzhou.aliyuncs.com")
    assert not target.other_host
    assert not target.downgraded


def test_a_redirect_to_http_at_another_host_is_both() -> None:
    target = moved("http://Elsewhere.example:8080/").redirect
    assert target is not None
    assert (target.host, target.other_host, target.downgraded) == ("elsewhere.example", True, True)


@pytest.mark.parametrize("location", ["https://[::1/", "ftp://elsewhere.example/", ""])
def test_a_location_that_leads_nowhere_is_no_redirect(location: str) -> None:
    assert moved(location).redirect is None


def test_a_status_that_is_not_followed_is_no_redirect() -> None:
    assert moved("/other.jpg", "304 Not Modified").redirect is None


@pytest.mark.parametrize(
    ("lines", "seconds", "value"),
    [
        (request(), 0, None),
        (request(), 1, "no"),
        (request(extra=(("x-oss-more", "1"),)), 0, "yes"),
        (request(anonymous=True), 0, "unsigned"),
    ],
)
def test_a_new_signature_is_recognised(lines: list[str], seconds: int, value: str | None) -> None:
    first, later = made(BUSY, exchange(lines))
    later = replace(later, exchange=replace(later.exchange, clock=CLOCK + seconds))
    assert re_signed(first, later) == value


def test_connections_are_numbered_within_the_turn() -> None:
    numbers = (7, 9, 7)
    exchanges = [replace(a.exchange, connection=n) for a in made(BUSY) for n in numbers]
    assert connections(exchanges) == (1, 2, 1)


def test_intervals_are_never_negative() -> None:
    times = (0.0, 0.5, 0.4)
    exchanges = [replace(a.exchange, at=at) for a in made(BUSY) for at in times]
    assert intervals(exchanges) == (0.5, 0.0)
