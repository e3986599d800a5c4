"""One exchange while it happens, and the value that the journal gets when it is over.

What is written is recorded as it is written, so an exchange that breaks off halfway is journalled
with what was really sent.
"""

from conformance.mock.responder import Moment
from conformance.mock.stream import Stream
from conformance.model.http import CERTIFICATE, Exchange


class Recording:
    """The bytes and facts of the exchange under way; it may be sent to before its request is whole.

    A `100 Continue` is: it asks for the rest of the request, and belongs to its exchange.
    """

    __slots__ = ("_faults", "_moment", "_received", "_sent", "refusal")

    def __init__(self) -> None:
        self._received = b""
        self._sent = b""
        self._moment = Moment(clock=0, at=0.0)
        self._faults: tuple[str, ...] = ()
        # The code of the error that the mock itself answers with, None if it does not.
        self.refusal: str | None = None

    def begin(self, received: bytes, moment: Moment) -> None:
        """The request has come, or as much of it as will come."""
        self._received, self._moment = received, moment

    def write(self, data: bytes) -> None:
        """These bytes were sent."""
        self._sent += data

    def play(self, fault: str) -> None:
        """A step of this fault was played; a fault is named once, however many steps it has."""
        if fault not in self._faults:
            self._faults += (fault,)

    def exchange(self, stream: Stream, connection: int) -> Exchange:
        """The exchange as it goes into the journal. connection: its number on the lane."""
        shown = () if stream.wrong is None else (CERTIFICATE + stream.wrong,)
        return redact(
            Exchange(
                received=self._received,
                sent=self._sent,
                scheme=stream.scheme,
                connection=connection,
                clock=self._moment.clock,
                at=self._moment.at,
                via=stream.via,
                sni=stream.sni,
                alpn=stream.alpn,
                faults=(*shown, *self._faults),
                refusal=self.refusal,
            )
        )


def redact(exchange: Exchange) -> Exchange:
    """Every exchange passes through here before it is journalled.

    Nothing has to be taken out today: the key pairs of a script are invented.
    """
    return exchange
