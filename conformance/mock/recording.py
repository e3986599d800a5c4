"""Records an exchange while it takes place and returns the value for the journal.

Bytes are recorded as they are written, so that the journal of an interrupted exchange holds exactly
what was sent.
"""

from conformance.mock.responder import Moment
from conformance.mock.stream import Stream
from conformance.model.http import CERTIFICATE, Exchange

_NEVER = Moment(clock=0, at=0.0)


class Recording:
    """The current exchange.

    Bytes may be sent before the request is complete: a `100 Continue`, which asks for the rest of
    the request and belongs to its exchange.
    """

    __slots__ = ("faults", "moment", "omitted", "received", "refusal", "sent", "trouble")

    def __init__(self) -> None:
        # The request, possibly incomplete.
        self.received = b""
        # When it was received.
        self.moment = _NEVER
        self.sent = b""
        # The faults that were played, each once.
        self.faults: tuple[str, ...] = ()
        # The error code if the mock refused the request.
        self.refusal: str | None = None
        # Of an exchange with the live service: see `Exchange`.
        self.trouble: str | None = None
        self.omitted = 0

    def exchange(self, stream: Stream, connection: int) -> Exchange:
        """The exchange for the journal. connection: its number on the lane."""
        wrong = stream.wrong_certificate
        presented = () if wrong is None else (CERTIFICATE + wrong,)
        return Exchange(
            received=self.received,
            sent=self.sent,
            scheme=stream.scheme,
            connection=connection,
            clock=self.moment.clock,
            at=self.moment.at,
            via=stream.via,
            authority=stream.authority,
            port=stream.port,
            sni=stream.sni,
            alpn=stream.alpn,
            faults=(*presented, *self.faults),
            refusal=self.refusal,
            trouble=self.trouble,
            omitted=self.omitted,
        )
