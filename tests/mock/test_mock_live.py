"""The mock as a program: over loopback, with TLS and CONNECT, on both event loops."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from socket import socket
from typing import Any

import mock.mock_program as live
import pytest
from mock.mock_program import Program

from conformance.model.http import Exchange, Journal


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def mock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    hidden = tmp_path_factory.mktemp("hidden") if request.param == "asyncio" else None
    if hidden is None:
        pytest.importorskip("uvloop")
    with live.program(without_uvloop=hidden) as program:
        yield program


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> None:
    """Nothing is armed and nothing is journalled when a test begins."""
    if "mock" in request.fixturenames:
        program: Program = request.getfixturevalue("mock")
        program.arm(None)
        program.arm(None)


def ask(program: Program, request: bytes, end: bytes = b"{}") -> bytes:
    with live.connect(program.port) as line:
        line.sendall(request)
        return live.take(line, end)


def journal(program: Program) -> Journal:
    return program.arm(None)


def exchange(program: Program) -> Exchange:
    (only,) = journal(program).exchanges
    return only


def test_a_signed_request_over_plain_http_is_answered(mock: Program) -> None:
    mock.arm(live.script())
    assert ask(mock, live.request()).startswith(b"HTTP/1.1 200 OK\r\nServer: AliyunOSS\r\n")


def test_the_journal_has_both_sides_byte_for_byte(mock: Program) -> None:
    mock.arm(live.script())
    asked = live.request(headers=(("X-oDD", "1"),))
    answered = ask(mock, asked)
    seen = exchange(mock)
    assert (seen.received, seen.sent) == (asked, answered)


def test_a_request_inside_tls_is_journalled_with_sni_and_alpn(mock: Program) -> None:
    mock.arm(live.script())
    with live.tls(live.connect(mock.port)) as line:
        line.sendall(live.request())
        live.take(line, b"{}")
    seen = exchange(mock)
    assert (seen.scheme, seen.via, seen.sni, seen.alpn) == (
        "https", "direct", live.HOST, "http/1.1",
    )  # fmt: skip


def test_a_tunnel_leads_to_the_same_bytes(mock: Program) -> None:
    mock.arm(live.script())
    asked = live.request()
    with live.tls(live.tunnel(mock.port)) as line:
        line.sendall(asked)
        live.take(line, b"{}")
    seen = exchange(mock)
    assert (seen.scheme, seen.via, seen.received) == ("https", "connect", asked)
    assert (seen.authority, seen.port) == (f"{live.HOST}:443", None)


def test_plain_http_inside_a_tunnel_is_not_taken_for_tls(mock: Program) -> None:
    mock.arm(live.script())
    with live.tunnel(mock.port) as line:
        line.sendall(live.request())
        live.take(line, b"{}")
    seen = exchange(mock)
    assert (seen.scheme, seen.via) == ("http", "connect")


def test_an_absolute_form_target_is_kept_and_verified(mock: Program) -> None:
    mock.arm(live.script())
    asked = live.request().replace(b"GET /", f"GET http://{live.HOST}/".encode())
    ask(mock, asked)
    seen = exchange(mock)
    assert (seen.received, seen.refusal) == (asked, None)


def test_requests_pipelined_on_one_connection_are_split(mock: Program) -> None:
    mock.arm(live.script(live.reply(body=b"one"), live.reply(body=b"two")))
    first, second = live.request(), live.request(headers=(("X-Second", "1"),))
    ask(mock, first + second, b"two")
    assert [seen.received for seen in journal(mock).exchanges] == [first, second]


def test_a_pipelined_request_waits_for_the_answer_before_it(mock: Program) -> None:
    slow = live.reply(("delay", 0.05), body=b"one")
    mock.arm(live.script(slow, live.reply(body=b"two")))
    answered = ask(mock, live.request() * 2, b"two")
    assert answered.index(b"\r\n\r\none") < answered.index(b"\r\n\r\ntwo")


def test_connections_are_numbered(mock: Program) -> None:
    mock.arm(live.script())
    ask(mock, live.request())
    ask(mock, live.request())
    first, second = journal(mock).exchanges
    assert second.connection == first.connection + 1


def test_a_head_request_is_answered_without_a_body(mock: Program) -> None:
    mock.arm(live.script())
    ask(mock, live.request(method="HEAD"), b"\r\n\r\n")
    assert exchange(mock).sent.endswith(b"\r\n\r\n")


def test_a_client_that_expects_continue_gets_it_before_its_body(mock: Program) -> None:
    mock.arm(live.script(verify=False))
    head = b"PUT /k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with live.connect(mock.port) as line:
        line.sendall(head)
        assert live.take(line, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"ok")
        live.take(line, b"{}")
    assert exchange(mock).received == head + b"ok"


def test_an_anonymous_request_is_refused_and_journalled_so(mock: Program) -> None:
    mock.arm(live.script())
    ask(mock, live.request(signed=False), b"</Error>\n")
    assert exchange(mock).refusal == "AccessDenied"


def test_what_is_not_http_is_journalled_and_answered_400(mock: Program) -> None:
    mock.arm(live.script())
    with live.connect(mock.port) as line:
        line.sendall(b"GET /a b HTTP/1.1\r\n\r\n")
        answered = live.rest(line)
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert exchange(mock).received == b"GET /a b HTTP/1.1\r\n\r\n"


def test_a_request_that_breaks_off_is_journalled_as_far_as_it_came(mock: Program) -> None:
    mock.arm(live.script())
    with live.connect(mock.port) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHo")
        line.shutdown(1)
        assert live.rest(line) == b""
    seen = exchange(mock)
    assert (seen.received, seen.sent) == (b"GET / HTTP/1.1\r\nHo", b"")


def test_a_client_that_does_not_trust_the_mock_is_a_failed_handshake(mock: Program) -> None:
    mock.arm(live.script())
    with live.connect(mock.port) as line, pytest.raises(ssl.SSLCertVerificationError):
        live.tls(line, trusting=False)
    (reason,) = journal(mock).handshakes
    assert "UNKNOWN_CA" in reason.upper().replace(" ", "_")


def test_a_request_while_nothing_is_armed_is_a_stray(mock: Program) -> None:
    asked = live.request()
    answered = ask(mock, asked, b"</Error>\n")
    assert answered.startswith(b"HTTP/1.1 503 ")
    assert [seen.received for seen in journal(mock).strays] == [asked]


def test_a_stray_is_in_the_journal_of_the_script_that_is_armed_next(mock: Program) -> None:
    ask(mock, live.request(), b"</Error>\n")
    assert mock.arm(live.script()).strays == ()
    ask(mock, live.request())
    seen = journal(mock)
    assert (len(seen.strays), len(seen.exchanges)) == (1, 1)


def test_a_persistent_connection_serves_the_next_script_too(mock: Program) -> None:
    mock.arm(live.script(live.reply(body=b"one")))
    with live.connect(mock.port) as line:
        line.sendall(live.request())
        live.take(line, b"one")
        mock.arm(live.script(live.reply(body=b"two")))
        line.sendall(live.request())
        assert live.take(line, b"two").startswith(b"HTTP/1.1 200 ")


def test_a_fault_that_no_request_reached_is_unused(mock: Program) -> None:
    mock.arm(live.script(live.reply(), live.reply(("close", True))))
    ask(mock, live.request())
    assert journal(mock).unused == (1,)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
def test_reset_is_a_real_rst_after_what_was_written(mock: Program, encrypted: bool) -> None:
    mock.arm(live.script(live.reply(("reset", 8))))
    line: Any = live.connect(mock.port)
    line = live.tls(line) if encrypted else line
    with line:
        line.sendall(live.request())
        assert live.take(line, b"HTTP/1.1") == b"HTTP/1.1"
        # Below TLS, since Python's ssl module reports an RST as an end of file.
        with socket(fileno=os.dup(line.fileno())) as below:
            below.settimeout(live.PATIENCE)
            with pytest.raises(ConnectionResetError):
                below.recv(1)
    assert exchange(mock).faults == ("reset",)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
def test_cut_is_an_orderly_end_within_the_body(mock: Program, encrypted: bool) -> None:
    mock.arm(live.script(live.reply(("cut", 1))))
    line: Any = live.connect(mock.port)
    line = live.tls(line) if encrypted else line
    with line:
        line.sendall(live.request())
        answered = live.rest(line)
    assert answered.endswith(b"\r\n\r\n{")
    assert exchange(mock).faults == ("cut",)


def test_a_dripped_answer_comes_whole(mock: Program) -> None:
    mock.arm(live.script(live.reply(("drip", {"bytes": 100, "pause": 0.001}))))
    ask(mock, live.request())
    assert exchange(mock).faults == ("drip",)


def test_an_answer_that_stalls_is_journalled_as_far_as_it_went(mock: Program) -> None:
    mock.arm(live.script(live.reply(("stall", {"after": 12, "seconds": 30}))))
    with live.connect(mock.port) as line:
        line.sendall(live.request())
        live.take(line, b"HTTP/1.1 200")
        seen = exchange(mock)
        assert (seen.sent, seen.faults) == (b"HTTP/1.1 200", ("stall",))
        assert live.rest(line) == b""


def test_a_client_that_gives_up_waiting_leaves_an_exchange_without_answer(mock: Program) -> None:
    mock.arm(live.script(live.reply(("interim", [{"status": 102}]), ("delay", 30))))
    with live.connect(mock.port) as line:
        line.sendall(live.request())
        interim = live.take(line, b"\r\n\r\n")
    seen = exchange(mock)
    assert (seen.sent, seen.response) == (interim, None)


def test_the_clock_of_the_script_is_what_signatures_are_verified_against(mock: Program) -> None:
    mock.arm(replace(live.script(), clock_offset=3600))
    ask(mock, live.request(), b"</Error>\n")
    assert exchange(mock).refusal == "RequestTimeTooSkewed"


def test_an_unknown_lane_is_refused_with_a_reason(mock: Program) -> None:
    refused = mock.say(type="arm", lane="nobody", seq=1, script=None)
    reason = "no lane 'nobody'; add it with 'lane' first"
    assert refused == {"type": "refused", "lane": "nobody", "reason": reason}


def test_a_message_without_its_fields_is_refused(mock: Program) -> None:
    assert mock.say(type="arm", lane="lane")["type"] == "refused"


def test_an_unknown_message_is_refused(mock: Program) -> None:
    reason = "unknown message type 'dance'"
    assert mock.say(type="dance") == {"type": "refused", "lane": None, "reason": reason}


def test_a_lane_named_again_keeps_its_port(mock: Program) -> None:
    assert mock.say(type="lane", lane="lane", peer=None)["port"] == mock.port


def test_lanes_have_ports_of_their_own(mock: Program) -> None:
    assert mock.say(type="lane", lane="other", peer=None)["port"] != mock.port


def test_the_end_of_input_ends_the_mock_with_0() -> None:
    with live.program() as program:
        assert program.process.stdin is not None
        program.process.stdin.close()
        assert program.process.wait(live.PATIENCE) == 0


def test_stop_ends_the_mock_with_0() -> None:
    with live.program() as program:
        assert program.process.stdin is not None
        program.process.stdin.write(b'{"type":"stop"}\n')
        program.process.stdin.flush()
        assert program.process.wait(live.PATIENCE) == 0


def test_a_key_that_cannot_be_read_is_refused_without_a_crash() -> None:
    with live.child() as process:
        start = {"type": "start", "protocol": 1, "listen": "host"}
        refused = live.say(process, {**start, "certificates": {"trusted": ["no", "no"]}})
    assert refused["type"] == "refused"


def test_the_program_loads_little_so_that_its_image_is_small() -> None:
    code = "import sys, conformance.mock.control; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    heavy = {"cryptography", "jsonschema", "jsonschema_rs", "requests", "docker", "hypothesis"}
    assert loaded & heavy == set()
