"""The tap forwards bytes as they are, in constant memory, within its budget, to one place only."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mock.mock_program as live
import pytest
from mock.mock_program import Program
from mock.tapped import OK, REAL, Answer, Service, live_script, send, service, tap_message

from conformance.mock import tap as taps
from conformance.model.codec import script_to
from conformance.model.http import Exchange

MIB = 2**20


def asked(**more: str) -> bytes:
    return live.request(headers=tuple(more.items()), credentials=REAL)


@contextmanager
def tapped(answer: Answer, *, requests: int = 10) -> Iterator[tuple[Program, Service]]:
    with service(answer) as served:
        message = tap_message(served.port, requests=requests)
        with live.program(tap=message) as made:
            made.arm(live_script())
            yield made, served


def talk(made: Program, *requests: bytes, end: bytes = b"{}") -> bytes:
    """The last answer on one connection."""
    got = b""
    with live.connect(made.port) as line:
        for request in requests:
            line.sendall(request)
            got = live.take(line, end)
    return got


def only(made: Program) -> Exchange:
    (exchange,) = made.arm(None).exchanges
    return exchange


def test_the_request_arrives_byte_for_byte_and_so_does_the_answer() -> None:
    odd = b"HTTP/1.1 200 Fine\r\nx-ODD:   1 \r\nContent-Length: 2\r\nX-Odd: 2\r\n\r\n{}"
    with tapped(send(odd)) as (made, served):
        request = asked(**{"X-oDD": "1"})
        assert talk(made, request) == odd
        assert served.received == [request]


def test_a_tunnel_and_tls_lead_to_the_service_too() -> None:
    with tapped(send(OK)) as (made, served):
        with live.tls(live.tunnel(made.port)) as line:
            line.sendall(asked())
            assert live.take(line, b"{}") == OK
        exchange = only(made)
        assert (exchange.via, exchange.sni, exchange.alpn) == ("connect", live.HOST, "http/1.1")
        assert len(served.received) == 1


def test_requests_of_one_connection_use_one_connection_to_the_service() -> None:
    with tapped(send(OK)) as (made, served):
        talk(made, asked(), asked(), asked())
        assert (len(served.received), len(served.connections)) == (3, 1)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WITH_TRAILER = CHUNKED + b"1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX-T: 1\r\n\r\n"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 100 Continue\r\n\r\n" + OK, WITH_TRAILER])
def test_the_end_of_a_response_is_found_by_its_framing(answer: bytes) -> None:
    with tapped(send(answer)) as (made, served):
        assert talk(made, asked(), asked(), end=answer[-6:]) == answer
        assert len(served.connections) == 1
        assert [exchange.sent for exchange in made.arm(None).exchanges] == [answer, answer]


def test_a_response_that_ends_with_its_connection_ends_so_for_the_client() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\n{}"
    with tapped(send(answer, keep=False)) as (made, _), live.connect(made.port) as line:
        line.sendall(asked())
        assert live.rest(line) == answer


def test_the_record_is_signed_with_the_label_and_the_request_with_the_secret() -> None:
    with tapped(send(OK)) as (made, served):
        talk(made, asked())
        exchange = only(made)
    assert exchange.refusal is None
    assert b"Credential=LTAI5tExampleKeyForTests/" in exchange.received
    sent, recorded = (re.findall(rb"Signature=(\w{64})", one)[0] for one in (
        served.received[0], exchange.received,
    ))  # fmt: skip
    assert sent != recorded


def test_what_the_tap_refuses_to_verify_is_forwarded_and_recorded_as_refused() -> None:
    with tapped(send(OK)) as (made, served):
        talk(made, live.request(credentials=live.PAIR))
        assert only(made).refusal == "InvalidAccessKeyId"
        assert len(served.received) == 1


def test_no_retry_passes_the_budget() -> None:
    with tapped(send(OK), requests=2) as (made, served):
        for _ in range(2):
            talk(made, asked())
        for _ in range(3):
            with live.connect(made.port) as line:
                line.sendall(asked())
                assert live.rest(line) == b""
        assert len(served.received) == 2
        troubles = [exchange.trouble for exchange in made.arm(None).exchanges]
        assert troubles == [None, None] + [taps.BUDGET_USED] * 3


def test_the_budget_is_that_of_all_lanes_together() -> None:
    with tapped(send(OK), requests=1) as (made, served):
        talk(made, asked())
        other = made.say(type="lane", lane="other", peer=None)["port"]
        arming = {"lane": "other", "seq": 1, "script": script_to(live_script())}
        made.say(type="arm", **arming)
        with live.connect(other) as line:
            line.sendall(asked())
            assert live.rest(line) == b""
        assert len(served.received) == 1


def test_a_request_for_another_host_is_not_forwarded() -> None:
    with tapped(send(OK)) as (made, served):
        with live.connect(made.port) as line:
            line.sendall(asked().replace(live.HOST.encode(), b"evil.example"))
            assert live.rest(line) == b""
        assert "'evil.example'" in str(only(made).trouble)
        assert served.received == []


def test_what_the_mock_answers_itself_is_not_forwarded() -> None:
    with tapped(send(OK)) as (made, served):
        made.arm(live.script(verify=False))
        assert talk(made, asked()).startswith(b"HTTP/1.1 200 OK\r\nServer: AliyunOSS")
        made.arm(None)
        assert talk(made, asked(), end=b"</Error>\n").startswith(b"HTTP/1.1 503 ")
        assert served.received == []


def test_a_service_that_is_not_there_is_a_trouble_and_a_closed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with live.program(tap=tap_message(port)) as made:
        made.arm(live_script())
        with live.connect(made.port) as line:
            line.sendall(asked())
            assert live.rest(line) == b""
        assert "the endpoint failed" in str(only(made).trouble)


def test_a_response_that_breaks_off_is_a_trouble() -> None:
    with tapped(send(OK[:-1], keep=False)) as (made, _):
        with live.connect(made.port) as line:
            line.sendall(asked())
            assert live.rest(line) == OK[:-1]
        assert "before the end of the response" in str(only(made).trouble)


def memory(made: Program) -> int:
    """The most memory, in bytes, that a process of the mock has used."""
    pids = [made.process.pid]
    for pid in pids:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            pids += map(int, children.read_text().split())
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids]
    return max(int(peak[1]) for peak in peaks if peak) * 1024


@pytest.mark.parametrize("size", [64, pytest.param(1024, marks=pytest.mark.slow)])
def test_a_long_body_takes_no_more_memory_than_a_short_one(size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (size * MIB)

    def answer(_request: bytes, line: socket.socket) -> bool:
        line.sendall(head)
        for _ in range(size):
            line.sendall(bytes(MIB))
        return True

    with tapped(answer) as (made, _):
        before = memory(made)
        with live.connect(made.port) as line:
            line.sendall(asked())
            left = len(head) + size * MIB
            while left:
                left -= len(line.recv(MIB))
        exchange = only(made)
        assert len(exchange.sent) == taps.RECORDED
        assert len(exchange.sent) + exchange.omitted == len(head) + size * MIB
        assert memory(made) - before < 20 * MIB
