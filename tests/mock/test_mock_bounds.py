"""A trial is bounded: past the bound the mock stops answering, and the next trial starts afresh."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import mock.mock_program as live
import pytest
from mock.mock_program import Program

from conformance.mock import lane_responder
from conformance.mock.bounds import CONNECTIONS, HANDSHAKES, REQUESTS, SECONDS, Pace, Usage
from conformance.mock.lane_responder import LaneResponder
from conformance.model.codec import journal_to
from conformance.model.limits import BODY_BYTES, LINE_BYTES, TRIAL_BYTES

ONE = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture(scope="module")
def mock() -> Iterator[Program]:
    with live.program() as program:
        yield program


@pytest.mark.parametrize(
    ("kind", "bound", "text"),
    [
        ("requests", REQUESTS, "1,000 requests"),
        ("connections", CONNECTIONS, "1,000 connections"),
        ("handshakes", HANDSHAKES, "200 TLS handshakes"),
        ("bytes", TRIAL_BYTES, "20 MiB"),
    ],
)
def test_a_bound_is_passed_by_one_more(kind: str, bound: int, text: str) -> None:
    usage = Usage()
    assert usage.add(kind, bound, 0.0)
    assert usage.exceeded is None
    assert not usage.add(kind, 1, 0.0)
    assert usage.exceeded == text


def test_the_journal_of_a_lane_that_sends_without_end_is_a_line_that_the_engine_takes(
    mock: Program,
) -> None:
    megabytes = TRIAL_BYTES >> 20
    head = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n"
    mock.arm(None)
    for script in (None, live.script(verify=False)):  # strays, and what belongs to a script
        if script is not None:
            mock.arm(script)
        for _ in range(megabytes * 3 // 2):  # past the bound each one waits
            with live.connect(mock.port) as line, suppress(OSError):
                line.sendall(head + bytes(900_000))
                line.shutdown(socket.SHUT_WR)
                live.rest(line)
    journal = mock.arm(None)
    assert len(journal.strays) + len(journal.exchanges) > megabytes
    assert len(json.dumps(journal_to(journal))) < LINE_BYTES


def test_the_largest_body_of_a_script_is_sent_whole_as_often_as_an_sdk_retries(
    mock: Program,
) -> None:
    mock.arm(live.script(live.reply(body=bytes(BODY_BYTES)), verify=False))
    for _ in range(4):
        with live.connect(mock.port) as line:
            line.sendall(ONE)
            line.shutdown(socket.SHUT_WR)
            assert len(live.rest(line)) > BODY_BYTES
    assert mock.arm(None).exceeded is None


def test_the_time_is_counted_from_the_first_use() -> None:
    usage = Usage()
    assert usage.add("connections", 1, 5000.0)
    assert usage.add("requests", 1, 5000.0 + SECONDS)
    assert not usage.add("requests", 1, 5001.0 + SECONDS)
    assert usage.exceeded == f"{SECONDS} seconds"


def test_the_bound_that_was_passed_first_is_told() -> None:
    usage = Usage()
    usage.add("requests", REQUESTS + 1, 0.0)
    assert not usage.add("connections", CONNECTIONS + 1, 9999.0)
    assert usage.exceeded == "1,000 requests"


def test_endless_requests_are_answered_up_to_the_bound(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    with live.connect(mock.port) as line:
        line.sendall(ONE * (REQUESTS + 5))
        answered = live.rest(line)
    assert answered.count(b"HTTP/1.1 200 ") == REQUESTS
    with live.connect(mock.port) as line:
        line.sendall(ONE)
        assert live.rest(line) == b""
    journal = mock.arm(live.script(verify=False))
    assert (len(journal.exchanges), journal.exceeded) == (REQUESTS, "1,000 requests")
    with live.connect(mock.port) as line:
        line.sendall(ONE)
        assert live.take(line, b"{}").startswith(b"HTTP/1.1 200 ")
    assert mock.arm(None).exceeded is None


def test_another_lane_is_served_past_the_bound_of_one(mock: Program) -> None:
    port = mock.say(type="lane", lane="other", peer=None)["port"]
    other = Program(process=mock.process, port=port)
    mock.arm(live.script(verify=False))
    with live.connect(mock.port) as line, live.connect(other.port) as beside:
        line.sendall(ONE * (REQUESTS + 1))
        live.rest(line)
        beside.sendall(ONE)
        assert live.take(beside, b"</Error>\n").startswith(b"HTTP/1.1 503 ")
    mock.arm(None)


def test_connections_without_a_request_are_bounded_too(mock: Program) -> None:
    mock.arm(live.script())
    for _ in range(CONNECTIONS + 1):
        live.connect(mock.port).close()
    with live.connect(mock.port) as line:
        assert live.rest(line) == b""
    assert mock.arm(None).exceeded == "1,000 connections"


def test_handshakes_are_bounded_before_connections(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    live.connect(mock.port).close()  # without TLS, which does not count
    for _ in range(HANDSHAKES - 1):
        live.tls(live.connect(mock.port)).close()
    with live.tls(live.tunnel(mock.port)) as line:
        line.sendall(ONE)
        assert live.take(line, b"{}").startswith(b"HTTP/1.1 200 ")
    with live.connect(mock.port) as line, pytest.raises((ssl.SSLError, ConnectionError)):
        live.tls(line)
    assert mock.arm(live.script(verify=False)).exceeded == "200 TLS handshakes"
    with live.tls(live.connect(mock.port)) as line:
        line.sendall(ONE)
        assert live.take(line, b"{}").startswith(b"HTTP/1.1 200 ")
    assert mock.arm(None).exceeded is None


def test_what_the_cases_take_of_the_processor_stops_nothing() -> None:
    pace = Pace(100.0)
    assert [pace.stop(100.0 + taken / 100) for taken in range(50)] == [0.0] * 50


def test_a_trial_that_takes_more_is_worked_on_for_a_tenth_of_the_time() -> None:
    pace = Pace(100.0)
    assert pace.stop(100.504) == pytest.approx(0.036)
    assert pace.stop(100.5045) == 0.0  # too little to stop for, and not forgotten
    assert pace.stop(100.508) == pytest.approx(0.036)


def test_no_stop_keeps_a_message_from_the_engine_waiting_for_long() -> None:
    assert Pace(0.0).stop(60.0) == 0.05


class Clock:
    """In place of the module `time`: the processor time that a test says, and the stops."""

    def __init__(self) -> None:
        self.taken = 7.0
        self.stops: list[float] = []

    def process_time(self) -> float:
        return self.taken

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.stops.append(seconds)


@pytest.mark.parametrize("kind", ["requests", "connections", "handshakes", "bytes"])
def test_a_lane_is_slowed_down_by_what_its_trial_takes_of_the_processor(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(lane_responder, "time", clock)
    lane = LaneResponder("lane")
    lane.arm(live.script())
    lane.use("connections")
    clock.taken += 0.504
    assert lane.use(kind)
    assert clock.stops == pytest.approx([0.036])
    clock.taken += 1.0  # the journal is made when the next script is armed, and does not count
    lane.arm(live.script())
    lane.use("connections")
    clock.taken += 0.4
    assert lane.use(kind)
    assert len(clock.stops) == 1


def test_the_open_connections_are_those_that_the_client_has_not_closed(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    lines = [live.connect(mock.port) for _ in range(3)]
    for line in lines:
        line.sendall(ONE)
        live.take(line, b"{}")
    lines[0].close()
    assert mock.arm(live.script(verify=False)).open == 2
    for line in lines:
        line.close()
    assert mock.arm(None).open == 0


def test_connections_of_earlier_cases_are_not_counted_as_open(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    with live.connect(mock.port) as before:
        before.sendall(ONE)
        live.take(before, b"{}")
        mock.arm(live.script(verify=False))
        with live.connect(mock.port) as own:
            own.sendall(ONE)
            live.take(own, b"{}")
            assert mock.arm(live.script(verify=False), continues=True).open == 1
            assert mock.arm(live.script(verify=False), continues=True).open == 1
            assert mock.arm(live.script(verify=False)).open == 1
            assert mock.arm(None).open == 0


def test_a_client_that_only_sends_is_not_read_past_the_bound(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    with live.connect(mock.port) as line:
        line.sendall(ONE * (REQUESTS + 1))
        live.rest(line)
    sent, piece = 0, bytes(1 << 20)
    with live.connect(mock.port) as line, suppress(OSError):
        while True:
            sent += line.send(piece)  # until the mock closes the connection, after a second
    assert sent < 20 << 20  # the buffers of the kernel at both ends
    assert mock.arm(None).exceeded == "1,000 requests"


def test_a_client_that_connects_without_end_is_slowed_down_past_the_bound(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    with live.connect(mock.port) as line:
        line.sendall(ONE * (REQUESTS + 1))
        live.rest(line)
    made, until = 0, time.monotonic() + 3
    while time.monotonic() < until:
        live.connect(mock.port).close()
        made += 1
    assert made < 256 + 3 * 300  # those that wait to be accepted, and 200 in a second
    assert mock.arm(None).exceeded == "1,000 requests"
