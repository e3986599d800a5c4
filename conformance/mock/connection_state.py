"""The states of a connection and the events that move it from one to the next.

Pure: no bytes, no sockets. A connection reads until a request is complete, asks the responder,
plays its answer, and reads the next request:

    IDLE --REQUEST--> RESPONDING --PLAYBACK--> PLAYING --PLAYED--> IDLE

Three events interrupt this cycle.

*The connection ends* (END): the client closes it, TLS fails, or the answer closes it. This can
happen in every state and leads to CLOSED, which is final. The current exchange (in RESPONDING or
PLAYING) is journalled as far as it was sent.

*The script ends before the answer is complete.* If no script follows (DISARMED), the connection is
closed. If another one does (REPLACED), the exchange is journalled as it is, and the rest of the
answer is still sent: a client that reuses the connection has to receive the late answer before the
next one. The states for this are RESPONDING_LATE and PLAYING_LATE; bytes sent in them belong to no
exchange. What follows a pause in PLAYING_LATE is held until the client sends something more: if it
came while the connection is idle, what the client does with it would depend on which is faster. An
answer that is still incomplete when the next script ends is abandoned.

*The mock presents a certificate other than `trusted`* (WRONG_CERTIFICATE). The client has to reject
it, and can do so without sending anything: in TLS 1.3 the server completes its handshake before
the client verifies the certificate. CERTIFICATE_SHOWN is therefore like IDLE, except that the
outcome is unknown: a request shows that the client accepted the certificate; if the connection or
the script ends without one, the handshake has failed.
"""

from enum import StrEnum


class ConnectionState(StrEnum):
    """Where a connection is in the cycle above."""

    IDLE = "idle"
    CERTIFICATE_SHOWN = "certificate-shown"
    RESPONDING = "responding"
    PLAYING = "playing"
    RESPONDING_LATE = "responding-late"
    PLAYING_LATE = "playing-late"
    CLOSED = "closed"


class ConnectionEvent(StrEnum):
    """What happens to a connection."""

    WRONG_CERTIFICATE = "wrong-certificate"  # a certificate other than `trusted` is presented
    REQUEST = "request"  # a request is complete, or malformed
    PLAYBACK = "playback"  # the responder has answered
    PLAYED = "played"  # the last step of the answer is done
    REPLACED = "replaced"  # another script was armed
    DISARMED = "disarmed"  # the script was removed
    END = "end"  # the connection ends


_S, _E = ConnectionState, ConnectionEvent

TRANSITIONS: dict[ConnectionState, dict[ConnectionEvent, ConnectionState]] = {
    _S.IDLE: {
        _E.WRONG_CERTIFICATE: _S.CERTIFICATE_SHOWN,
        _E.REQUEST: _S.RESPONDING,
        _E.REPLACED: _S.IDLE,
        _E.DISARMED: _S.IDLE,
        _E.END: _S.CLOSED,
    },
    _S.CERTIFICATE_SHOWN: {
        _E.REQUEST: _S.RESPONDING,
        _E.REPLACED: _S.CLOSED,
        _E.DISARMED: _S.CLOSED,
        _E.END: _S.CLOSED,
    },
    _S.RESPONDING: {
        _E.PLAYBACK: _S.PLAYING,
        _E.REPLACED: _S.RESPONDING_LATE,
        _E.DISARMED: _S.CLOSED,
        _E.END: _S.CLOSED,
    },
    _S.PLAYING: {
        _E.PLAYED: _S.IDLE,
        _E.REPLACED: _S.PLAYING_LATE,
        _E.DISARMED: _S.CLOSED,
        _E.END: _S.CLOSED,
    },
    _S.RESPONDING_LATE: {
        _E.PLAYBACK: _S.PLAYING_LATE,
        _E.REPLACED: _S.CLOSED,
        _E.DISARMED: _S.CLOSED,
        _E.END: _S.CLOSED,
    },
    _S.PLAYING_LATE: {
        _E.PLAYED: _S.IDLE,
        _E.REPLACED: _S.CLOSED,
        _E.DISARMED: _S.CLOSED,
        _E.END: _S.CLOSED,
    },
    _S.CLOSED: {},
}

# The next request may be read.
READING = frozenset({_S.IDLE, _S.CERTIFICATE_SHOWN})
# An exchange has begun and is not in the journal yet.
EXCHANGING = frozenset({_S.RESPONDING, _S.PLAYING})


def after(state: ConnectionState, event: ConnectionEvent) -> ConnectionState:
    """The next state; raises ValueError for an event that cannot happen in this state."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise ValueError(f"the event {event} cannot happen in the state {state}") from None
