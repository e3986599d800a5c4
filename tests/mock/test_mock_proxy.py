"""The mock as a proxy that asks for a password or refuses its clients."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from socket import socket

import mock.mock_program as live
import pytest
from mock.mock_program import Program

from conformance.mock.bounds import REQUESTS

CONNECT = f"CONNECT {live.HOST}:443 HTTP/1.1\r\nHost: {live.HOST}:443\r\n"
ABSOLUTE = live.request().replace(b"GET /", f"GET http://{live.HOST}/".encode())
END = b"</html>\n"
ASKS = replace(live.script(), proxy=("password", "user:päss:word"))


def login(password: str, scheme: str = "Basic") -> str:
    pair = base64.b64encode(f"user:{password}".encode()).decode()
    return f"Proxy-Authorization: {scheme} {pair}\r\n"


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with live.program() as program:
        yield program


@pytest.fixture
def line(program: Program) -> Iterator[socket]:
    program.arm(None)
    with live.connect(program.port) as line:
        yield line


def refused(program: Program) -> list[tuple[bytes, str]]:
    """First words of the requests that the proxy refused, and the line of its answers."""
    journal = program.arm(None)
    assert not journal.exchanges
    assert {one.via for one in journal.proxy} <= {"proxy"}
    return [
        (one.received.partition(b" ")[0], one.sent.partition(b"\r\n")[0].decode())
        for one in journal.proxy
    ]


@pytest.mark.parametrize("given", ["", login("other"), login("päss:word", "Bearer")])
def test_a_tunnel_without_the_password_is_refused_and_journalled_apart(
    program: Program, line: socket, given: str
) -> None:
    program.arm(ASKS)
    line.sendall(f"{CONNECT}{given}\r\n".encode())
    answer = live.take(line, END)
    assert b"\r\nProxy-Authenticate: Basic realm=" in answer
    assert b"x-oss-" not in answer
    assert refused(program) == [
        (b"CONNECT", "HTTP/1.1 407 Proxy Authentication Required"),
    ]


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_a_tunnel_with_the_password_is_opened_also_after_a_refusal(
    program: Program, line: socket, scheme: str
) -> None:
    program.arm(ASKS)
    line.sendall(f"{CONNECT}\r\n".encode())
    live.take(line, END)
    line.sendall(f"{CONNECT}{login('päss:word', scheme)}\r\n".encode())
    assert live.take(line, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    with live.tls(line) as inside:
        inside.sendall(live.request())
        live.take(inside, b"{}")
        journal = program.arm(None)
    assert (len(journal.proxy), [one.via for one in journal.exchanges]) == (1, ["connect"])


def test_a_request_in_absolute_form_is_refused_in_the_same_way(
    program: Program, line: socket
) -> None:
    program.arm(ASKS)
    line.sendall(ABSOLUTE)
    live.take(line, END)
    assert refused(program) == [(b"GET", "HTTP/1.1 407 Proxy Authentication Required")]


def test_a_request_in_absolute_form_with_the_password_reaches_the_script(
    program: Program, line: socket
) -> None:
    program.arm(ASKS)
    head, _, rest = ABSOLUTE.partition(b"\r\n")
    line.sendall(head + b"\r\n" + login("päss:word").encode() + rest)
    assert live.take(line, b"{}").startswith(b"HTTP/1.1 200 ")
    assert len(program.arm(None).exchanges) == 1


@pytest.mark.parametrize("status", [403, 502])
def test_a_proxy_that_refuses_everybody_answers_with_its_status(
    program: Program, line: socket, status: int
) -> None:
    program.arm(replace(live.script(), proxy=("refuse", status)))
    line.sendall(f"{CONNECT}{login('päss:word')}\r\n".encode())
    live.take(line, END)
    ((method, answer),) = refused(program)
    assert (method, answer.split(" ")[1]) == (b"CONNECT", str(status))


def test_requests_past_the_proxy_are_not_its_concern(program: Program, line: socket) -> None:
    program.arm(ASKS)
    line.sendall(live.request())
    live.take(line, b"{}")
    assert not program.arm(None).proxy


def test_the_proxy_closes_the_connection_of_a_client_that_asks_for_it(
    program: Program, line: socket
) -> None:
    program.arm(ASKS)
    line.sendall(f"{CONNECT}Connection: close\r\n\r\n".encode())
    assert live.rest(line).endswith(END)


def test_a_client_that_asks_a_proxy_without_end_is_given_up(program: Program, line: socket) -> None:
    program.arm(ASKS)
    for _ in range(REQUESTS + 1):
        line.sendall(f"{CONNECT}\r\n".encode())
    live.rest(line)
    journal = program.arm(None)
    assert (len(journal.proxy), journal.exceeded) == (REQUESTS, "1,000 requests")
