"""In a container a lane is known by its address, and any other address is refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import mock.mock_program as live
import pytest

from conformance.mock import server as servers
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.responder import Responder
from conformance.mock.server import Server
from conformance.mock.steps import Arrival, Write
from conformance.mock.stream import Accepts

Opened = list[tuple[str, int, str, Callable[[str], Responder]]]


class _Listening:
    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What the server would listen on, without listening."""
    seen: Opened = []

    async def listen(
        host: str, port: int, accepts: Accepts, responder_for: Callable[[str], Responder]
    ) -> Any:
        seen.append((host, port, accepts.takes, responder_for))
        return _Listening()

    monkeypatch.setattr(servers, "listen", listen)
    return seen


def handle(server: Server, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    async def converse() -> list[dict[str, Any]]:
        return [await server.handle(message) for message in messages]

    return asyncio.run(converse())


def start(**changed: object) -> dict[str, Any]:
    usual = {"type": "start", "protocol": 1, "certificates": {"trusted": live.pair()}}
    return {**usual, "listen": "container", **changed}


def lane(name: str, peer: str | None) -> dict[str, Any]:
    return {"type": "lane", "lane": name, "peer": peer}


def test_a_container_listens_on_443_with_tls_on_80_without_and_on_others_with_both(
    opened: Opened,
) -> None:
    handle(Server(), start())
    assert {(port, takes) for _, port, takes, _ in opened} == {
        (443, "tls"),
        (80, "plain"),
        (8080, "any"),
        (8443, "any"),
    }


def test_a_container_listens_on_ipv4_and_ipv6(opened: Opened) -> None:
    handle(Server(), start())
    assert {host for host, *_ in opened} == {"0.0.0.0", "::"}


def test_a_lane_in_a_container_has_no_port(opened: Opened) -> None:
    _, reply = handle(Server(), start(), lane("java", "10.9.8.7"))
    assert reply == {"type": "lane", "lane": "java", "port": None}


def test_a_lane_is_known_by_its_peer_address(opened: Opened) -> None:
    handle(Server(), start(), lane("java", "10.9.8.7"), lane("go", "10.9.8.6"))
    responder_for = opened[0][3]
    first, second = responder_for("10.9.8.7"), responder_for("10.9.8.6")
    assert isinstance(first, LaneResponder)
    assert isinstance(second, LaneResponder)
    assert first is not second


def test_another_address_is_an_unknown_peer(opened: Opened) -> None:
    handle(Server(), start(), lane("java", "10.9.8.7"))
    assert isinstance(opened[0][3]("10.9.8.1"), UnknownPeer)


def test_a_lane_whose_container_was_restarted_has_left_its_old_address(opened: Opened) -> None:
    handle(Server(), start(), lane("java", "10.9.8.7"), lane("java", "10.9.8.5"))
    responder_for = opened[0][3]
    assert isinstance(responder_for("10.9.8.5"), LaneResponder)
    assert isinstance(responder_for("10.9.8.7"), UnknownPeer)


def test_an_unknown_peer_is_answered_400() -> None:
    playback = UnknownPeer().respond(Arrival(request=None, scheme="http", clock=0))
    assert isinstance(playback.steps[0], Write)
    assert playback.steps[0].data.startswith(b"HTTP/1.1 400 ")


def test_a_lane_in_a_container_without_an_address_is_refused(opened: Opened) -> None:
    _, refused = handle(Server(), start(), lane("java", None))
    assert "peer" in refused["reason"]


def test_a_lane_before_the_start_is_refused() -> None:
    (refused,) = handle(Server(), lane("java", None))
    assert refused == {"type": "refused", "reason": "'start' must be sent before 'lane'"}


def test_another_protocol_is_refused(opened: Opened) -> None:
    (refused,) = handle(Server(), start(protocol=2))
    assert refused["reason"] == "protocol 2 is not supported, only 1"


def test_another_way_to_listen_is_refused(opened: Opened) -> None:
    (refused,) = handle(Server(), start(listen="everywhere"))
    assert "not 'container' or 'host'" in refused["reason"]


def test_a_second_start_is_refused(opened: Opened) -> None:
    _, refused = handle(Server(), start(), start())
    assert refused["reason"] == "'start' was already received; send it once"
