"""One connection: reads requests, has them answered, and journals the exchanges.

A request is answered before the next one is read, so pipelined requests wait in the reader.
`connection_state` defines the states, `player` plays the answers; this module adds the bytes, the
bounds of the trial, and the ends that a connection can have.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from conformance.mock.bounds import IDLE_SECONDS
from conformance.mock.connection_state import (
    EXCHANGING,
    READING,
    ConnectionEvent,
    ConnectionState,
    after,
)
from conformance.mock.idle import IdleTimer
from conformance.mock.mock_errors import MALFORMED
from conformance.mock.player import Player
from conformance.mock.proxy import is_for_proxy
from conformance.mock.recording import Recording
from conformance.mock.responder import Responder
from conformance.mock.steps import Arrival, Playback
from conformance.mock.stream import Accepts, Stream
from conformance.mock.tls import TlsError
from conformance.mock.wire import Message, Reader
from conformance.model.http import PROXY, Request

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
# Bytes of further requests that are read while one is answered; OSS allows a head of 32 KiB.
_READ_AHEAD = 64 * 1024
# Seconds until a connection is closed after a bound of the trial was passed.
_UNTIL_CLOSED = 1.0
# Module-level names, because an attribute lookup on the enum costs more than the transition.
_IDLE, _PLAYING, _CLOSED = ConnectionState.IDLE, ConnectionState.PLAYING, ConnectionState.CLOSED
_PLAYING_LATE = ConnectionState.PLAYING_LATE
_REQUEST, _PLAYBACK = ConnectionEvent.REQUEST, ConnectionEvent.PLAYBACK
_PLAYED, _END = ConnectionEvent.PLAYED, ConnectionEvent.END
# States in which the connection is not closed when the client stops sending.
_KEPT_AFTER_EOF = frozenset({_PLAYING, _CLOSED})


class Connection(asyncio.Protocol):
    """One accepted connection. `responder_for` is called once, with the client's address."""

    def __init__(self, accepts: Accepts, responder_for: Callable[[str], Responder]) -> None:
        self._accepts = accepts
        self._responder_for = responder_for
        self._state = _IDLE
        self._reader = Reader()
        self._recording = Recording()
        self._player = Player(self)
        # A bound of the trial is passed: nothing is read or answered any more.
        self._given_up = False
        # The timer that then closes the connection.
        self._closing: asyncio.TimerHandle | None = None
        # The client does not read what was written; requests wait until it does.
        self._blocked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look up the responder for the client's address."""
        peer = transport.get_extra_info("peername")
        self._responder = self._responder_for(peer[0] if peer else "")
        self._stream = Stream(
            cast(asyncio.Transport, transport), self._accepts, self._responder.certificate
        )
        self._number = self._responder.connected(self.script_ended)
        self._idle = IdleTimer(lambda: self._state in READING, self._client_is_silent)
        if not self._responder.use("connections"):
            self._give_up()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        if self._state is _CLOSED:
            return
        if self._given_up:
            self._stream.read_on(False)  # one that only sends has to stop
            return
        self._idle.restart()
        if not self._is_within_bounds(data):
            self._give_up()
            return
        wrong_before = self._stream.wrong_certificate
        try:
            content = self._stream.receive(data)
        except TlsError as error:
            self.close(str(error))
            return
        if self._stream.wrong_certificate != wrong_before:
            self._state = after(self._state, ConnectionEvent.WRONG_CERTIFICATE)
        if content:
            self._reader.feed(content)
            self._player.used()
        self.proceed()

    def _is_within_bounds(self, data: bytes) -> bool:
        used = self._responder.use
        return used("bytes", len(data)) and (
            not self._stream.begins_tls(data) or used("handshakes")
        )

    def eof_received(self) -> bool:
        """The client has stopped sending; an answer that is being played is completed.

        A pending answer is cancelled: the responder may never return it, and a client that has
        disconnected cannot be distinguished from one that has only stopped sending.
        """
        self._stream.receive_eof()
        return self._state is _PLAYING or self._blocked

    def pause_writing(self) -> None:
        """Answer nothing more until the client has read: see `proceed`."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Answer the requests that have waited."""
        self._blocked = False
        self._idle.restart()
        if self._state is not _CLOSED:
            self.proceed()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Journal an incomplete answer, request or handshake."""
        self._finish_for_client()

    def script_ended(self, last: bool) -> None:
        """The script was replaced by another or, if `last`, removed."""
        state = after(self._state, ConnectionEvent.DISARMED if last else ConnectionEvent.REPLACED)
        if state is _CLOSED:
            self.close()
        elif state is not self._state:
            self._journal()
            self._state = state

    def proceed(self) -> None:
        """Answer complete requests until an answer is pending, unread, or the client stops sending.

        As long as many bytes wait behind an answer, no more are read.
        """
        if self._given_up:
            self._give_up()
            return
        while self._state in READING and not (self._blocked or self._given_up):
            message = self._reader.next()
            if message is None:
                break
            request = message.request
            if not message.complete:
                self.write(_CONTINUE)
            elif self._refused_by_proxy(message):
                continue
            elif request is not None and request.method == "CONNECT" and self._tunnels(request):
                return
            elif not self._responder.use("requests"):
                self._give_up()
                return
            else:
                self._ask(message)
        unanswered = self._blocked or self._state not in READING
        self._stream.read_on(not unanswered or self._reader.waiting < _READ_AHEAD)
        if self._stream.ended and not self._blocked and self._state not in _KEPT_AFTER_EOF:
            self._finish_for_client()
            self._stream.close()

    def _refused_by_proxy(self, message: Message) -> bool:
        """Whether the mock answered a request as a proxy that does not let the client through."""
        request = message.request
        if request is None or not (self._stream.takes_connect and is_for_proxy(request)):
            return False
        answered = self._responder.as_proxy(request, keep=message.keep)
        if answered is None:
            return False
        if not self._responder.use("requests"):
            self._give_up()
            return True
        self._recording.received, self._recording.moment = message.raw, self._responder.moment()
        self.write(answered)
        exchange = self._recording.exchange(self._stream, self._number)
        self._responder.record(replace(exchange, via=PROXY))
        self._recording = Recording()
        if not message.keep:
            self.close()
        return True

    def _tunnels(self, connect: Request) -> bool:
        """Open a tunnel for CONNECT; the mock is the server at its other end (RFC 9110 9.3.6)."""
        if not self._stream.takes_connect:
            return False
        self._stream.tunnel(_ESTABLISHED, connect.target)
        rest = self._reader.rest()
        if rest:
            self.data_received(rest)
        return True

    def _ask(self, message: Message) -> None:
        self._state = after(self._state, _REQUEST)
        moment = self._responder.moment()
        self._recording.received, self._recording.moment = message.raw, moment
        arrival = Arrival(
            request=message.request,
            scheme=self._stream.scheme,
            clock=moment.clock,
            problem=message.problem,
            keep=message.keep,
        )
        self._player.ask(self._responder, arrival)

    def answer_begins(self, playback: Playback) -> None:
        """See player.Stage."""
        self._state = after(self._state, _PLAYBACK)
        self._recording.refusal = playback.refusal

    def fault(self, name: str) -> None:
        """See player.Stage."""
        if name not in self._recording.faults:
            self._recording.faults += (name,)

    def write(self, data: bytes) -> None:
        """Write bytes that belong to the current exchange."""
        self._responder.use("bytes", len(data))
        self._recording.sent += data
        self._stream.write(data)

    def reset(self) -> None:
        """Journal the current exchange and close the connection with RST."""
        self._finish()
        self._stream.reset()

    @property
    def holds(self) -> bool:
        """See player.Stage: whether the answer is late and nothing was sent behind its request."""
        return self._state is _PLAYING_LATE and not self._reader.waiting

    def answer_ends(self) -> None:
        """Journal the exchange; the next request may be read."""
        if self._state in EXCHANGING:
            self._journal()
        else:  # the rest of a late answer belongs to no exchange
            self._recording = Recording()
        self._state = after(self._state, _PLAYED)
        self._idle.restart()

    def _journal(self) -> None:
        """Record the current exchange, complete or not, and start a new recording."""
        self._responder.record(self._recording.exchange(self._stream, self._number))
        self._recording = Recording()

    def _give_up(self) -> None:
        """A bound of the trial is passed: answer nothing and close soon.

        The wait slows down a client that retries without end.
        """
        self._given_up = True
        if self._closing is None and not self._player.waits:
            self._closing = asyncio.get_running_loop().call_later(_UNTIL_CLOSED, self.close)

    def _finish_for_client(self) -> None:
        """The client ended the connection: also journal an incomplete request or handshake."""
        self._finish(self._in_handshake("closed the connection"), for_client=True)

    def _client_is_silent(self) -> None:
        """Close an idle connection; journal an incomplete request or handshake."""
        silent = self._in_handshake(f"was silent for {IDLE_SECONDS} seconds")
        self._finish(silent, for_client=True)
        self._stream.close()

    def _in_handshake(self, done: str) -> str:
        """How the handshake failed by what the client has done; "" if there is none."""
        return f"the client {done} during the handshake" if self._stream.in_handshake else ""

    def close(self, failed_handshake: str = "") -> None:
        """Journal the current exchange and close the connection in an orderly way."""
        self._finish(failed_handshake)
        self._stream.close()

    def _finish(self, failed_handshake: str = "", *, for_client: bool = False) -> None:
        """Journal the current exchange and enter CLOSED; does nothing if already there.

        failed_handshake: why TLS failed, "" if it did not. for_client: the client has ended the
        connection, which makes the requests that were not answered its own.
        """
        if self._state is _CLOSED:
            return
        self._idle.stop()
        unread = for_client and self._reader.waiting > 0
        self._player.cancel()
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._state in EXCHANGING:
            self._journal()
        elif self._state not in READING:
            self._recording = Recording()
        elif self._state is ConnectionState.CERTIFICATE_SHOWN and not unread:
            failed_handshake = failed_handshake or (
                f"the client sent no request after the certificate "
                f"{self._stream.wrong_certificate!r} was presented"
            )
        if unread:
            self._journal_unread()
        if failed_handshake:
            self._responder.handshake_failed(failed_handshake)
        self._state = after(self._state, _END)
        self._responder.disconnected(self.script_ended)

    def _journal_unread(self) -> None:
        """Journal the requests that wait for an answer, and the one that is broken off."""
        while (message := self._reader.next()) is not None:
            if message.complete and self._responder.use("requests"):
                self._recording.received = message.raw
                self._recording.refusal = None if message.request is not None else MALFORMED
                self._recording.moment = self._responder.moment()
                self._journal()
        rest = self._reader.rest()
        if rest:
            self._recording.received, self._recording.refusal = rest, MALFORMED
            self._recording.moment = self._responder.moment()
            self._journal()
