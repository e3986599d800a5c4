"""One connection: requests to a responder, its answers played step by step.

One request is answered before the next is read, so pipelined requests wait in the reader. The
states are those of `connection_state`; this module gives them sockets and time.
"""

import asyncio
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from conformance.mock.answer import answer, refusal
from conformance.mock.connection_state import (
    EXCHANGING,
    READING,
    ConnectionEvent,
    ConnectionState,
    after,
)
from conformance.mock.own_errors import DEFECT
from conformance.mock.recording import Recording
from conformance.mock.responder import Responder
from conformance.mock.steps import Arrival, Close, Pause, Playback, Step, Write
from conformance.mock.stream import Accepts, Stream
from conformance.mock.tls import TlsError
from conformance.mock.wire import Message, Reader

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
# Of an answer that no script gives.
_NO_REQUEST_ID = "0" * 24
# Looking a member up in its class costs more than the transition.
_IDLE, _PLAYING, _CLOSED = ConnectionState.IDLE, ConnectionState.PLAYING, ConnectionState.CLOSED
_REQUEST, _PLAYBACK = ConnectionEvent.REQUEST, ConnectionEvent.PLAYBACK
_PLAYED, _END = ConnectionEvent.PLAYED, ConnectionEvent.END
# The states that do not end when the client has sent its last byte.
_LASTING = frozenset({_PLAYING, _CLOSED})


class Connection(asyncio.Protocol):
    """One accepted connection. `responder_for` is called once, with the client's address."""

    def __init__(self, accepts: Accepts, responder_for: Callable[[str], Responder]) -> None:
        self._accepts = accepts
        self._responder_for = responder_for
        self._state = _IDLE
        self._reader = Reader()
        self._recording = Recording()
        # The steps of the answer that are still to be played.
        self._steps: Iterator[Step] = iter(())
        # A pause, or an answer that takes time; cancelled when the connection ends.
        self._awaited: asyncio.TimerHandle | asyncio.Future[Playback] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look up the responder by the client's address."""
        peer = transport.get_extra_info("peername")
        self._responder = self._responder_for(peer[0] if peer else "")
        self._stream = Stream(
            cast(asyncio.Transport, transport), self._accepts, self._responder.certificate
        )
        self._number = self._responder.connected(self.script_over)

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are whole."""
        if self._state is _CLOSED:
            return
        wrong = self._stream.wrong
        try:
            content = self._stream.receive(data)
        except TlsError as error:
            self._close(str(error))
            return
        if self._stream.wrong != wrong:
            self._state = after(self._state, ConnectionEvent.WRONG_CERTIFICATE)
        if content:
            self._reader.feed(content)
        self._proceed()

    def eof_received(self) -> bool:
        """The client will send no more; an answer that is being played is played to its end.

        One that the responder has not given yet is cancelled: it may never come, and a client that
        is gone looks the same as one that has only stopped sending.
        """
        self._stream.receive_eof()
        return self._state is _PLAYING

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Journal what was under way: half an answer, half a request, a handshake."""
        self._finish_for_client()

    def script_over(self, last: bool) -> None:
        """The script has ended; last: no other follows."""
        state = after(self._state, ConnectionEvent.DISARMED if last else ConnectionEvent.REPLACED)
        if state is _CLOSED:
            self._close()
        elif state is not self._state:
            self._journal()
            self._state = state

    def _proceed(self) -> None:
        """Answer the requests that are whole, until an answer takes time or the client is done."""
        while self._state in READING:
            message = self._reader.next()
            if message is None:
                break
            request = message.request
            if not message.whole:
                self._write(_CONTINUE)
            elif request is not None and request.method == "CONNECT" and self._tunnels():
                return
            else:
                self._ask(message)
        if self._stream.ended and self._state not in _LASTING:
            self._finish_for_client()
            self._stream.close()

    def _tunnels(self) -> bool:
        """Answer a CONNECT as the server that it names, whichever that is (RFC 9110 9.3.6)."""
        if not self._stream.takes_connect:
            return False
        self._stream.tunnel(_ESTABLISHED)
        rest = self._reader.rest()
        if rest:
            self.data_received(rest)
        return True

    def _ask(self, message: Message) -> None:
        """Ask the responder for the answer, and play it now or when it comes."""
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
        try:
            response = self._responder.respond(arrival)
        except Exception as error:
            response = _failed(error, arrival)
        if isinstance(response, Playback):
            self._play(response)
            return
        self._awaited = asyncio.ensure_future(response)
        self._awaited.add_done_callback(partial(self._responded, arrival))

    def _responded(self, arrival: Arrival, response: asyncio.Future[Playback]) -> None:
        """Play an answer that took time, unless the connection has ended meanwhile."""
        try:
            playback = response.result()
        except (Exception, asyncio.CancelledError) as error:
            if self._state is _CLOSED:
                return
            playback = _failed(error, arrival)
        if self._state is _CLOSED:
            return
        self._awaited = None
        self._play(playback)
        self._proceed()

    def _play(self, playback: Playback) -> None:
        self._state = after(self._state, _PLAYBACK)
        self._recording.refusal = playback.refusal
        self._steps = iter(playback.steps)
        self._play_on()

    def _play_on(self) -> None:
        """Play steps until one takes time; `_resume` continues from there."""
        for step in self._steps:
            if step.fault is not None and step.fault not in self._recording.faults:
                self._recording.faults += (step.fault,)
            if isinstance(step, Write):
                self._write(step.data)
            elif isinstance(step, Pause):
                loop = asyncio.get_running_loop()
                self._awaited = loop.call_later(step.seconds, self._resume)
                return
            elif isinstance(step, Close):
                self._close()
                return
            else:  # Reset
                self._finish()
                self._stream.reset()
                return
        if self._state in EXCHANGING:
            self._journal()
        else:  # what was sent late belongs to no exchange
            self._recording = Recording()
        self._state = after(self._state, _PLAYED)

    def _resume(self) -> None:
        self._awaited = None
        self._play_on()
        self._proceed()

    def _write(self, data: bytes) -> None:
        self._recording.sent += data
        self._stream.write(data)

    def _journal(self) -> None:
        """Record the exchange under way as far as it got, and begin an empty one."""
        self._responder.record(self._recording.exchange(self._stream, self._number))
        self._recording = Recording()

    def _finish_for_client(self) -> None:
        """The client ends the connection: also journal what it did not send to the end."""
        shaking = self._stream.shaking
        reason = "the client closed the connection during the handshake" if shaking else ""
        self._finish(reason, unread=self._reader.rest())

    def _close(self, failed_handshake: str = "") -> None:
        """Journal what is under way, and close in an orderly way."""
        self._finish(failed_handshake)
        self._stream.close()

    def _finish(self, failed_handshake: str = "", *, unread: bytes = b"") -> None:
        """Journal what is under way and enter CLOSED; does nothing in CLOSED.

        failed_handshake: why TLS failed, "" if it did not. unread: part of a request whose rest
        will not come.
        """
        if self._state is _CLOSED:
            return
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None
        if self._state in EXCHANGING:
            self._journal()
        elif self._state not in READING:
            self._recording = Recording()
        elif self._state is ConnectionState.CERTIFICATE_SHOWN and not unread:
            shown = f"no request after the certificate {self._stream.wrong!r} was shown"
            failed_handshake = failed_handshake or shown
        if unread:
            self._recording.received = unread
            self._recording.moment = self._responder.moment()
            self._journal()
        if failed_handshake:
            self._responder.handshake_failed(failed_handshake)
        self._state = after(self._state, _END)
        self._responder.disconnected(self.script_over)


def _failed(error: BaseException, arrival: Arrival) -> Playback:
    """The answer of a responder that failed: 500, with the traceback on stderr."""
    traceback.print_exception(error)
    return answer(refusal(DEFECT), arrival, _NO_REQUEST_ID)
