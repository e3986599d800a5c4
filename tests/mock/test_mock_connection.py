"""A connection whose responder takes its time, fails, or never answers."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import mock.mock_program as live
import pytest
from mock.tapped import tap_responder

from conformance.mock import connection as connections
from conformance.mock import idle
from conformance.mock.answer import answer, prepare
from conformance.mock.capture import Capture
from conformance.mock.connection import Connection
from conformance.mock.event_loop import new_loop
from conformance.mock.lane_responder import LaneResponder, UnknownPeer
from conformance.mock.listening import LOOPBACK, listen
from conformance.mock.responder import Responder
from conformance.mock.steps import Arrival, Playback
from conformance.mock.stream import Accepts
from conformance.mock.tls import Contexts
from conformance.model.case import Reply
from conformance.model.http import Exchange

Response = Playback | Awaitable[Playback]
PLAIN = Accepts(takes="plain", contexts=None)
T = TypeVar("T")
GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"


class Recorder(LaneResponder):
    """A lane that answers with what `respond_with` returns."""

    def __init__(self, respond_with: Callable[[Arrival], Response]) -> None:
        super().__init__("lane")
        self.respond_with = respond_with
        self.arm(live.script())

    def respond(self, arrival: Arrival) -> Response:  # type: ignore[override]
        return self.respond_with(arrival)

    def exchanges(self) -> tuple[Exchange, ...]:
        """What was journalled, once the script is disarmed."""
        return self.arm(None).exchanges


def echo(arrival: Arrival) -> Playback:
    """An answer whose body is the request target."""
    assert arrival.request is not None
    body = arrival.request.target.encode()
    return answer(prepare(Reply(status=200, headers=(), body=body)), arrival, "0" * 24)


class Later:
    """Answers a request for /slow when it is released; all others at once."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.release = asyncio.Event()
        self.cancelled = asyncio.Event()

    def __call__(self, arrival: Arrival) -> Response:
        assert arrival.request is not None
        return self._wait(arrival) if arrival.request.target == "/slow" else echo(arrival)

    async def _wait(self, arrival: Arrival) -> Playback:
        self.asked.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return echo(arrival)


class Client:
    """One connection to the mock, with a limit on every wait."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def ask(self, *targets: str) -> None:
        """Send requests for these targets, without waiting."""
        self.writer.write(b"".join(GET % target.encode() for target in targets))

    async def body(self, end: bytes) -> bytes:
        """What comes up to and including `end`."""
        return await within(self._reader.readuntil(end))

    async def for_a_while(self, seconds: float) -> bytes:
        """What has come after these seconds."""
        await asyncio.sleep(seconds)
        came = b""
        with suppress(TimeoutError):
            while data := await asyncio.wait_for(self._reader.read(65536), 0.01):
                came += data
        return came

    async def rest(self) -> bytes:
        """What comes until the mock closes the connection."""
        return await within(self._reader.read())

    def break_off(self) -> None:
        """Close with RST."""
        line = self.writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def within(wait: Awaitable[T]) -> T:
    return await asyncio.wait_for(wait, live.PATIENCE)


Serve = Callable[..., None]


@pytest.fixture(params=[new_loop, asyncio.new_event_loop], ids=["new_loop", "asyncio"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """Runs a coroutine with a function that opens connections to a listener of the responder."""

    def run(
        talk: Callable[..., Coroutine[Any, Any, None]],
        responder: Responder,
        accepts: Accepts = PLAIN,
    ) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(_serve(talk, responder, accepts))

    return run


async def _serve(
    talk: Callable[..., Coroutine[Any, Any, None]], responder: Responder, accepts: Accepts
) -> None:
    server = await listen(LOOPBACK, 0, accepts, lambda _: responder)
    clients: list[Client] = []

    async def connect() -> Client:
        port = server.sockets[0].getsockname()[1]
        clients.append(Client(*await asyncio.open_connection(LOOPBACK, port)))
        return clients[-1]

    try:
        await within(talk(connect))
    finally:
        server.close()
        for client in clients:
            client.writer.transport.abort()


def test_other_connections_go_on_while_a_responder_takes_its_time(serve: Serve) -> None:
    later = Later()
    recorder = Recorder(later)

    async def talk(connect: Any) -> None:
        slow, quick = await connect(), await connect()
        slow.ask("slow")
        await within(later.asked.wait())
        for _ in range(3):
            quick.ask("quick")
            assert (await quick.body(b"\r\n\r\n/quick")).startswith(b"HTTP/1.1 200 ")
        later.release.set()
        assert (await slow.body(b"\r\n\r\n/slow")).startswith(b"HTTP/1.1 200 ")

    serve(talk, recorder)
    sent = [exchange.sent for exchange in recorder.exchanges()]
    assert [data.rpartition(b"/")[2] for data in sent] == [b"slow", b"quick", b"quick", b"quick"]


def test_a_pipelined_request_waits_for_an_answer_that_takes_time(serve: Serve) -> None:
    later = Later()

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow", "next")
        await within(later.asked.wait())
        later.release.set()
        answered = await client.body(b"\r\n\r\n/next")
        assert answered.index(b"\r\n\r\n/slow") < answered.index(b"\r\n\r\n/next")

    serve(talk, Recorder(later))


def test_an_answer_may_be_a_future_that_is_already_done(serve: Serve) -> None:
    def done(arrival: Arrival) -> Response:
        future = asyncio.get_running_loop().create_future()
        future.set_result(echo(arrival))
        return future

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("a", "b")
        assert (await client.body(b"\r\n\r\n/b")).count(b"HTTP/1.1 200 ") == 2

    serve(talk, Recorder(done))


@pytest.mark.parametrize("ending", ["break_off", "close", "half_close"])
def test_an_answer_that_never_comes_is_cancelled_when_its_client_goes_away(
    serve: Serve, ending: str
) -> None:
    later = Later()
    recorder = Recorder(later)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow")
        await within(later.asked.wait())
        if ending == "break_off":
            client.break_off()
        elif ending == "close":
            client.writer.close()
        else:
            client.writer.write_eof()
        await within(later.cancelled.wait())

    serve(talk, recorder)
    (only,) = recorder.exchanges()
    assert (only.received, only.sent, only.refusal) == (GET % b"slow", b"", None)


def test_an_answer_that_never_comes_is_cancelled_when_its_script_is_disarmed(serve: Serve) -> None:
    later = Later()
    recorder = Recorder(later)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow")
        await within(later.asked.wait())
        (only,) = recorder.exchanges()
        assert (only.received, only.sent) == (GET % b"slow", b"")
        await within(later.cancelled.wait())
        assert await client.rest() == b""

    serve(talk, recorder)


def test_an_answer_that_comes_after_its_script_is_sent_and_belongs_to_no_exchange(
    serve: Serve,
) -> None:
    later = Later()
    recorder = Recorder(later)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow")
        await within(later.asked.wait())
        (before,) = recorder.arm(live.script()).exchanges
        assert before.sent == b""
        client.ask("next")
        later.release.set()
        await client.body(b"\r\n\r\n/slow")
        await client.body(b"\r\n\r\n/next")
        (only,) = recorder.exchanges()
        assert (only.received, only.sent.count(b"HTTP/1.1")) == (GET % b"next", 1)

    serve(talk, recorder)


class Noticing(LaneResponder):
    """A lane with this reply; `asked` is set when it is being played."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("lane")
        self.asked = asyncio.Event()
        self.arm(replace(live.script(reply), verify=False))

    def respond(self, arrival: Arrival) -> Playback:
        self.asked.set()
        return super().respond(arrival)


PAUSES: tuple[tuple[str, Any], ...] = (
    ("delay", 0.05),
    ("stall", {"after": 10, "seconds": 0.05}),
    ("drip", {"bytes": 100, "pause": 0.05}),
)


@pytest.mark.parametrize("pause", PAUSES, ids=[name for name, _ in PAUSES])
def test_a_late_answer_is_held_after_a_pause_until_its_client_sends_more(
    serve: Serve, pause: tuple[str, Any]
) -> None:
    lane = Noticing(live.reply(pause, body=b"one"))

    async def talk(connect: Any) -> None:
        late = await connect()
        late.ask("a")
        await lane.asked.wait()
        lane.arm(replace(live.script(live.reply(body=b"two")), verify=False))
        begun = await late.for_a_while(0.3)
        assert not begun.endswith(b"one")
        late.ask("next")
        assert (begun + await late.body(b"two")).count(b"one") == 1

    serve(talk, lane)


def test_a_late_answer_is_not_held_if_a_request_waits_behind_it(serve: Serve) -> None:
    lane = Noticing(live.reply(("delay", 0.05), body=b"one"))

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("a", "b")
        await lane.asked.wait()
        lane.arm(replace(live.script(live.reply(body=b"two")), verify=False))
        assert (await client.body(b"two")).count(b"one") == 1

    serve(talk, lane)


def test_a_late_answer_that_outlives_the_next_script_too_is_cancelled(serve: Serve) -> None:
    later = Later()
    recorder = Recorder(later)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow")
        await within(later.asked.wait())
        recorder.arm(live.script())
        recorder.arm(live.script())
        await within(later.cancelled.wait())
        assert await client.rest() == b""

    serve(talk, recorder)


async def _fail_later(_: Arrival) -> Playback:
    raise RuntimeError("a defect of the responder")


async def _cancel(_: Arrival) -> Playback:
    raise asyncio.CancelledError


def _fail(_: Arrival) -> Playback:
    raise RuntimeError("a defect of the responder")


@pytest.mark.parametrize(
    ("respond_with", "named"),
    [(_fail, "RuntimeError"), (_fail_later, "RuntimeError"), (_cancel, "CancelledError")],
)
def test_a_responder_that_fails_is_answered_500_and_explained_on_stderr(
    serve: Serve,
    respond_with: Callable[[Arrival], Response],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorder = Recorder(respond_with)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("a")
        assert (await client.body(b"</Error>\n")).startswith(b"HTTP/1.1 500 ")

    serve(talk, recorder)
    assert [exchange.refusal for exchange in recorder.exchanges()] == ["InternalError"]
    assert named in capsys.readouterr().err


def test_a_client_that_stops_sending_gets_a_paused_answer_to_its_end(serve: Serve) -> None:
    lane = LaneResponder("lane")
    lane.arm(replace(live.script(live.reply(("delay", 0.05))), verify=False))

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("a")
        client.writer.write_eof()
        assert (await client.rest()).endswith(b"\r\n\r\n{}")

    serve(talk, lane)


def test_a_connection_is_forgotten_when_it_ends(serve: Serve) -> None:
    opened: list[object] = []

    class Counting(UnknownPeer):
        def connected(self, script_ended: Callable[[bool], None]) -> int:
            opened.append(script_ended)
            return 1

        def disconnected(self, script_ended: Callable[[bool], None]) -> None:
            opened.remove(script_ended)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.writer.write(b"nonsense\n")
        await client.rest()
        assert opened == []

    serve(talk, Counting())


class Transport(asyncio.Transport):
    """A transport that leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Drop it."""
        self.written.set()

    def close(self) -> None:
        """Nothing is open."""

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


def whole(connection: Connection) -> None:
    connection.data_received(live.request())


def refused(connection: Connection) -> None:
    connection.data_received(live.request(signed=False))


def malformed(connection: Connection) -> None:
    connection.data_received(b"nonsense\n")


def broken_off(connection: Connection) -> None:
    connection.data_received(b"GET / HT")
    connection.connection_lost(None)


@pytest.mark.parametrize("way", [whole, refused, malformed, broken_off])
@pytest.mark.parametrize("armed", [True, False])
def test_every_exchange_of_a_tap_is_redacted_before_it_is_journalled(
    way: Callable[[Connection], None], armed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recorded(_self: Capture, exchange: Exchange, _region: str) -> Exchange:
        return replace(exchange, received=b"redacted")

    monkeypatch.setattr(Capture, "recorded", recorded)
    lane = tap_responder()
    lane.arm(live.script() if armed else None)

    async def talk() -> None:
        connection = Connection(PLAIN, lambda _: lane)
        connection.connection_made(Transport())
        way(connection)

    asyncio.run(talk())
    journal = lane.arm(None)
    (only,) = (*journal.exchanges, *journal.strays)
    assert only.received == b"redacted"


def test_a_request_that_breaks_off_behind_a_late_answer_was_sent_nothing() -> None:
    lane = LaneResponder("lane")
    drip = live.reply(("drip", {"bytes": 1, "pause": 0.001}))
    lane.arm(replace(live.script(drip), verify=False))
    transport = Transport()

    async def talk() -> None:
        connection = Connection(PLAIN, lambda _: lane)
        connection.connection_made(transport)
        connection.data_received(GET % b"a" + b"GET /b HT")
        lane.arm(live.script())
        transport.written.clear()
        await within(transport.written.wait())
        connection.connection_lost(None)

    asyncio.run(talk())
    (only,) = lane.arm(None).exchanges
    assert (only.received, only.sent) == (b"GET /b HT", b"")


PUT = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"


def test_a_request_that_is_broken_off_in_its_body_is_malformed(serve: Serve) -> None:
    lane = LaneResponder("lane")
    lane.arm(live.script())

    async def talk(connect: Any) -> None:
        client = await connect()
        client.writer.write(PUT + b"he")
        client.writer.write_eof()
        assert await client.rest() == b""

    serve(talk, lane)
    (only,) = lane.arm(None).exchanges
    assert (only.received, only.sent, only.refusal) == (PUT + b"he", b"", "BadRequest")


def test_a_whole_request_behind_an_answer_that_nobody_waited_for_is_no_malformed_one() -> None:
    lane = LaneResponder("lane")
    lane.arm(replace(live.script(live.reply(("delay", 30))), verify=False))

    async def talk() -> None:
        connection = Connection(PLAIN, lambda _: lane)
        connection.connection_made(Transport())
        connection.data_received(GET % b"a" + GET % b"b" + PUT)
        connection.connection_lost(None)

    asyncio.run(talk())
    seen = [(one.received, one.refusal) for one in lane.arm(None).exchanges]
    assert seen == [(GET % b"a", None), (GET % b"b", None), (PUT, "BadRequest")]


@pytest.mark.parametrize(
    ("sent", "exchanges", "handshakes"),
    [
        (b"", (), ()),
        (GET % b"a", (GET % b"a",), ()),
        (GET % b"a" + PUT, (GET % b"a", PUT), ()),
        (b"\x16\x03\x01", (), ("the client was silent for 0.05 seconds during the handshake",)),
    ],
    ids=["nothing", "between requests", "within a request", "within a handshake"],
)
def test_a_silent_client_is_closed_and_what_it_began_is_journalled(
    serve: Serve,
    sent: bytes,
    exchanges: tuple[bytes, ...],
    handshakes: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.05)
    lane = LaneResponder("lane")
    lane.arm(replace(live.script(), verify=False))

    async def talk(connect: Any) -> None:
        client = await connect()
        client.writer.write(sent)
        await client.rest()

    serve(talk, lane, Accepts(takes="any", contexts=Contexts({"trusted": live.pair()})))
    journal = lane.arm(None)
    assert tuple(one.received for one in journal.exchanges) == exchanges
    assert journal.handshakes == handshakes


def test_a_client_that_waits_for_its_answer_is_not_silent(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "IDLE_SECONDS", 0.02)
    lane = LaneResponder("lane")
    lane.arm(replace(live.script(live.reply(("delay", 0.2))), verify=False))

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("a")
        assert (await client.rest()).endswith(b"{}")

    serve(talk, lane)


def test_requests_of_a_client_that_does_not_read_wait_and_are_answered_when_it_does(
    serve: Serve,
) -> None:
    asked: list[str] = []

    def long(arrival: Arrival) -> Playback:
        assert arrival.request is not None
        asked.append(arrival.request.target)
        body = bytes(1024 * 1024)
        return answer(prepare(Reply(status=200, headers=(), body=body)), arrival, "0" * 24)

    lane = Recorder(long)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.writer.transport.pause_reading()
        client.ask(*(str(number) for number in range(18)))
        client.writer.write_eof()
        quick = await connect()
        quick.ask("quick")
        await quick.body(b"/1.1 200 OK")
        assert len(asked) < 19
        client.writer.transport.resume_reading()
        assert (await client.rest()).count(b"HTTP/1.1 200 OK") == 18

    serve(talk, lane)
    assert len(asked) == 19


def test_what_a_client_sends_behind_a_pending_answer_is_left_to_the_kernel(serve: Serve) -> None:
    later = Later()
    lane = Recorder(later)

    async def talk(connect: Any) -> None:
        client = await connect()
        client.ask("slow")
        await within(later.asked.wait())
        client.writer.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n")
        for _ in range(30):
            client.writer.write(bytes(1024 * 1024))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.writer.drain(), 0.3)
        later.release.set()
        await client.body(b"\r\n\r\n/slow")

    serve(talk, lane)
