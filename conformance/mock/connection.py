"""One connection: requests to a desk, the desk's plans played step by step.

One request is answered before the next one is read, so pipelined requests wait
in the reader. What is written is kept, and so an exchange that is broken off halfway is journalled
with what was really sent. A client that was shown a wrong certificate and asks for nothing has
refused it, with an alert, by going away, or by saying nothing until its script is over.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import cast

from conformance.mock.responder import Responder
from conformance.mock.steps import Arrival, Close, Pause, Reset, Step, Write
from conformance.mock.stream import Accepts, Stream
from conformance.mock.tls import TlsError
from conformance.mock.wire import Message, Reader
from conformance.model.http import CERTIFICATE, Exchange

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Connection(asyncio.Protocol):
    """One accepted connection. `desk_for` is asked once, with the client's address."""

    def __init__(self, door: Accepts, desk_for: Callable[[str], Responder]) -> None:
        self._door = door
        self._desk_for = desk_for
        self._reader = Reader()
        self._over = False
        self._heard = False  # a request has come, or it is told that none will
        self._message: Message | None = None  # the request that is being answered
        self._refusal: str | None = None
        self._steps: Iterator[Step] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        self._sent = b""
        self._faults: tuple[str, ...] = ()
        self._unseen = False  # an answer outlives its script

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find the desk by the address that the client comes from."""
        peer = transport.get_extra_info("peername")
        self._desk = self._desk_for(peer[0] if peer else "")
        self._carrier = Stream(
            cast(asyncio.Transport, transport), self._door, self._desk.certificate
        )
        self._number = self._desk.connected()

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are whole."""
        if self._over:
            return
        try:
            content = self._carrier.receive(data)
        except TlsError as error:
            self._failed(str(error))
            self._end()
            return
        if self._silent:
            self._desk.playing(self.script_over, on=True)
        if content:
            self._reader.feed(content)
            self._pump()
        if self._carrier.ended and self._message is None:
            self._broken_off()
            self._end()

    def eof_received(self) -> bool:
        """The client has no more to say; an answer under way is still played to its end."""
        return self._message is not None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Journal what was under way: a half-played answer, a half-sent request, a handshake."""
        self._finish()
        if not self._over:
            self._broken_off()
        if self._carrier.shaking and not self._over:
            self._failed("the client closed the connection during the handshake")
        self._refused()
        self._stop()
        self._over = True

    def script_over(self, last: bool) -> None:
        """Journal the answer that is being played as it stands, and close if nothing follows.

        If another script follows the rest is played all the same, unseen: a late answer is late
        for whoever kept the connection, and the next request on it waits.
        """
        if last or self._message is None:
            self._end()
            return
        steps, timer, self._timer = self._steps, self._timer, None
        self._finish()
        self._steps, self._timer, self._unseen = steps, timer, True

    @property
    def _silent(self) -> bool:
        """Whether the client was shown a wrong certificate and has not asked for anything yet."""
        return self._carrier.wrong is not None and not self._heard

    def _listened(self) -> None:
        if self._silent:
            self._heard = True
            self._desk.playing(self.script_over, on=False)

    def _failed(self, words: str) -> None:
        self._listened()
        self._desk.failed(words)

    def _refused(self) -> None:
        """Journal it when a client was shown a wrong certificate and asked for nothing."""
        if self._silent:
            self._failed(f"no request after the certificate {self._carrier.wrong!r} was shown")

    def _pump(self) -> None:
        """Answer what is whole, unless an answer is being played."""
        while self._message is None and not self._over and not self._unseen:
            message = self._reader.next()
            if message is None:
                return
            request = message.request
            if not message.whole:
                self._write(_CONTINUE)
            elif request is not None and request.method == "CONNECT" and self._tunnels():
                return
            else:
                self._begin(message)

    def _tunnels(self) -> bool:
        """Be the server that a CONNECT names, whichever it is (RFC 9110 9.3.6)."""
        if not self._carrier.takes_connect:
            return False
        self._carrier.tunnel(_ESTABLISHED)
        rest = self._reader.rest()
        if rest:
            self.data_received(rest)
        return True

    def _begin(self, message: Message) -> None:
        self._listened()
        self._message, self._moment = message, self._desk.moment()
        arrival = Arrival(
            request=message.request,
            scheme=self._carrier.scheme,
            clock=self._moment.clock,
            problem=message.problem,
            keep=message.keep,
        )
        plan = self._desk.answer(arrival)
        self._refusal, self._steps = plan.refusal, iter(plan.steps)
        self._play()

    def _play(self) -> None:
        """Play steps until one takes time; `_resume` goes on from there."""
        for step in self._steps:
            if step.fault is not None and step.fault not in self._faults:
                self._faults += (step.fault,)
            if isinstance(step, Write):
                self._write(step.data)
            elif isinstance(step, Pause):
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(step.seconds, self._resume)
                self._desk.playing(self.script_over, on=True)
                return
            elif isinstance(step, Close):
                self._end()
                return
            elif isinstance(step, Reset):
                self._finish()
                self._over = True
                self._carrier.reset()
                return
        self._finish()
        if self._unseen:
            self._unseen, self._sent, self._faults = False, b"", ()

    def _resume(self) -> None:
        self._timer = None
        self._desk.playing(self.script_over, on=False)
        self._play()
        self._pump()

    def _write(self, data: bytes) -> None:
        self._sent += data
        self._carrier.write(data)

    def _broken_off(self) -> None:
        """Journal a request of which the rest will not come."""
        rest = self._reader.rest()
        if rest:
            self._message = Message(raw=rest, request=None)
            self._moment, self._refusal = self._desk.moment(), None
            self._finish()

    def _end(self) -> None:
        """Journal what is under way, and close."""
        self._finish()
        self._stop()
        self._refused()
        self._over = True
        self._carrier.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._desk.playing(self.script_over, on=False)

    def _finish(self) -> None:
        """Journal the exchange under way, if there is one."""
        message, self._message = self._message, None
        if message is None:
            return
        self._stop()
        self._listened()
        carrier, (clock, at) = self._carrier, self._moment
        shown = () if carrier.wrong is None else (CERTIFICATE + carrier.wrong,)
        exchange = Exchange(
            received=message.raw,
            sent=self._sent,
            scheme=carrier.scheme,
            connection=self._number,
            clock=clock,
            at=at,
            via=carrier.via,
            sni=carrier.sni,
            alpn=carrier.alpn,
            faults=(*shown, *self._faults),
            refusal=self._refusal,
        )
        self._steps, self._sent, self._faults = iter(()), b"", ()
        self._desk.record(exchange)
