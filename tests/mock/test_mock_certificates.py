"""The certificate that a script shows, and the clients that reject it."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mock.mock_program as live
import pytest
from mock.mock_program import Program

from conformance.errors import CannotRunError
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.standalone import DEFAULT_KEY, serve
from conformance.mock.standalone_responder import StandaloneConfig, StandaloneResponder
from conformance.model.codec import script_to
from conformance.model.http import Journal

UNTRUSTED = live.script(certificate="untrusted")
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def mock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    hidden = tmp_path_factory.mktemp("hidden") if request.param == "asyncio" else None
    if hidden is None:
        pytest.importorskip("uvloop")
    with live.program(without_uvloop=hidden) as program:
        yield program


def careless(line: Any) -> ssl.SSLSocket:
    """TLS by a client that verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(line, server_hostname=live.HOST)


def only_a_failed_handshake(journal: Journal) -> str:
    (reason,) = journal.handshakes
    assert (journal.exchanges, journal.strays) == ((), ())
    return reason


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("way", [live.connect, live.tunnel], ids=["direct", "connect"])
def test_a_client_that_verifies_gives_up_and_is_a_failed_handshake(
    mock: Program, version: ssl.TLSVersion, way: Any
) -> None:
    mock.arm(UNTRUSTED)
    with way(mock.port) as line, pytest.raises(ssl.SSLCertVerificationError):
        live.tls(line, version=version)
    assert "UNKNOWN_CA" in only_a_failed_handshake(mock.arm(None)).upper().replace(" ", "_")


def test_a_client_that_looks_after_the_handshake_and_goes_away_is_a_failed_handshake(
    mock: Program,
) -> None:
    mock.arm(UNTRUSTED)
    with careless(live.connect(mock.port)) as line:
        line.unwrap().close()
    assert "'untrusted'" in only_a_failed_handshake(mock.arm(None))


def test_a_client_that_drops_the_connection_without_an_alert_is_a_failed_handshake(
    mock: Program,
) -> None:
    mock.arm(UNTRUSTED)
    careless(live.connect(mock.port)).close()
    assert "'untrusted'" in only_a_failed_handshake(mock.arm(None))


def test_a_client_that_sends_nothing_is_a_failed_handshake_when_its_script_ends(
    mock: Program,
) -> None:
    mock.arm(UNTRUSTED)
    with careless(live.connect(mock.port)) as line:
        assert "'untrusted'" in only_a_failed_handshake(mock.arm(None))
        assert line.recv(1) == b""  # and nobody can use the connection for the next script


def test_a_request_under_a_wrong_certificate_is_an_exchange_that_says_so(mock: Program) -> None:
    mock.arm(UNTRUSTED)
    with careless(live.connect(mock.port)) as line:
        line.sendall(live.request())
        live.take(line, b"{}")
    journal = mock.arm(None)
    assert [exchange.certificate for exchange in journal.exchanges] == ["untrusted"]
    assert journal.handshakes == ()


def test_half_a_request_under_a_wrong_certificate_is_an_exchange_that_says_so(
    mock: Program,
) -> None:
    mock.arm(UNTRUSTED)
    with careless(live.connect(mock.port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHo")
        line.unwrap().close()
    journal = mock.arm(None)
    assert [exchange.certificate for exchange in journal.exchanges] == ["untrusted"]
    assert journal.handshakes == ()


def test_the_right_certificate_is_not_mentioned(mock: Program) -> None:
    mock.arm(live.script())
    with live.tls(live.connect(mock.port)) as line:
        line.sendall(live.request())
        live.take(line, b"{}")
    assert [exchange.faults for exchange in mock.arm(None).exchanges] == [()]


def test_a_client_of_the_right_certificate_may_go_without_a_request(mock: Program) -> None:
    mock.arm(live.script())
    live.tls(live.connect(mock.port)).close()
    assert replace(mock.arm(None), earlier=0) == Journal()


def test_a_connection_that_was_made_before_keeps_the_certificate_it_was_shown(
    mock: Program,
) -> None:
    mock.arm(live.script())
    with live.tls(live.connect(mock.port)) as line:
        line.sendall(live.request())
        live.take(line, b"{}")
        mock.arm(UNTRUSTED)
        line.sendall(live.request())
        live.take(line, b"{}")
    assert [exchange.certificate for exchange in mock.arm(None).exchanges] == [None]


def test_the_next_script_shows_its_own_certificate(mock: Program) -> None:
    mock.arm(UNTRUSTED)
    careless(live.connect(mock.port)).close()
    mock.arm(live.script())
    with live.tls(live.connect(mock.port)) as line:
        assert line.version() is not None
    assert mock.arm(None).exchanges == ()


def test_while_nothing_is_armed_the_certificate_is_right(mock: Program) -> None:
    mock.arm(UNTRUSTED)
    mock.arm(None)
    with live.tls(live.connect(mock.port)) as line:
        assert line.version() is not None


def test_an_unknown_certificate_is_refused_when_its_script_is_armed(mock: Program) -> None:
    encoded = script_to(live.script(certificate="expired"))
    refused = mock.say(type="arm", lane="lane", seq=1, script=encoded)
    reason = "'start' named no certificate 'expired'"
    assert refused == {"type": "refused", "lane": "lane", "reason": reason}


def converse(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    with live.child() as process:
        return [live.say(process, message) for message in messages]


def start(certificates: object) -> dict[str, Any]:
    return {"type": "start", "protocol": 1, "listen": "host", "certificates": certificates}


def test_without_the_right_certificate_the_start_is_refused() -> None:
    (refused,) = converse(start({"untrusted": live.pair()}))
    assert "'trusted'" in refused["reason"]


def test_a_wrong_certificate_that_cannot_be_loaded_is_refused_with_its_script() -> None:
    started, _, refused = converse(
        start({"trusted": live.pair(), "untrusted": ["no", "no"]}),
        {"type": "lane", "lane": "lane", "peer": None},
        {"type": "arm", "lane": "lane", "seq": 1, "script": script_to(UNTRUSTED)},
    )
    assert (started["type"], refused["type"]) == ("started", "refused")


def test_an_unknown_peer_is_shown_the_right_certificate() -> None:
    assert UnknownPeer().certificate() == "trusted"


def test_a_lane_shows_what_its_own_script_says() -> None:
    one, other = LaneResponder("one"), LaneResponder("other")
    one.arm(UNTRUSTED)
    assert (one.certificate(), other.certificate()) == ("untrusted", "trusted")


def test_the_stand_alone_mock_shows_the_certificate_of_its_case() -> None:
    responder = StandaloneResponder(StandaloneConfig(keys=(), script=UNTRUSTED), lambda _: None)
    assert responder.certificate() == "untrusted"


def test_the_stand_alone_mock_needs_the_certificate_of_its_case() -> None:
    config = StandaloneConfig(
        keys=(DEFAULT_KEY,), certificates={"trusted": live.pair()}, script=UNTRUSTED
    )
    with pytest.raises(CannotRunError, match="'untrusted'"):
        serve(config, announce=print, log=print)
