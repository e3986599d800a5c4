"""One exchange while it happens, and the value that the journal gets when it is over.

What is written is recorded as it is written, so an exchange that breaks off halfway is journalled
with what was really sent.
"""

from conformance.mock.responder import Moment
from conformance.mock.stream import Stream
from conformance.model.http import CERTIFICATE, Exchange

_NEVER = Moment(clock=0, at=0.0)


class Recording:
    """The bytes and facts of the exchange under way; it may be sent to before its request is whole.

    A `100 Continue` is: it asks for the rest of the request, and belongs to its exchange.
    """

    __slots__ = ("faults", "moment", "received", "refusal", "sent")

    def __init__(self) -> None:
        # The request, or the part of it that was received.
        self.received = b""
        # When that was.
        self.moment = _NEVER
        self.sent = b""
        # Of the steps that were played, each named once.
        self.faults: tuple[str, ...] = ()
        # The code of the error with which the mock refuses the request.
        self.refusal: str | None = None

    def exchange(self, stream: Stream, connection: int) -> Exchange:
        """The exchange as it goes into the journal. connection: its number on the lane."""
        shown = () if stream.wrong is None else (CERTIFICATE + stream.wrong,)
        return redact(
            Exchange(
                received=self.received,
                sent=self.sent,
                scheme=stream.scheme,
                connection=connection,
                clock=self.moment.clock,
                at=self.moment.at,
                via=stream.via,
                sni=stream.sni,
                alpn=stream.alpn,
                faults=(*shown, *self.faults),
                refusal=self.refusal,
            )
        )


def redact(exchange: Exchange) -> Exchange:
    """Every exchange passes through here before it is journalled.

    Nothing has to be taken out today: the key pairs of a script are invented.
    """
    return exchange
