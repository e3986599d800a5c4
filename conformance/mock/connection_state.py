"""The states of a connection and the events that move it from one to the next.

Pure: no bytes, no sockets. HTTP/1.1 as it is spoken here is a cycle. A connection reads until a
request is whole, asks the responder, plays what the responder answers, and reads on:

    IDLE --REQUEST--> RESPONDING --PLAYBACK--> PLAYING --PLAYED--> IDLE

Three things interrupt the cycle.

*The connection ends* (END): the client closes it, TLS fails, or the answer itself says so. Every
state leads to CLOSED, and CLOSED leads nowhere. An exchange under way, which is one in RESPONDING
or PLAYING, is journalled as far as it got.

*The script ends while an answer is under way.* If nothing is armed after it (DISARMED), the
connection is closed. If another script is (REPLACED), the exchange is journalled as it stands, and
the rest of the answer is still sent: a client that reuses the connection has to receive the late
answer before its next one. What is sent then belongs to no exchange: the states RESPONDING_LATE and
PLAYING_LATE. An answer that is not through when the next script ends is given up.

*The client was shown a certificate other than the right one* (WRONG_CERTIFICATE). It has to refuse
that certificate, and it can do so without a word: TLS 1.3 lets the server finish its handshake
before the client has verified anything. So CERTIFICATE_SHOWN is IDLE with a question open. A
request answers it, any end without one is a failed handshake, and silence until the script ends
counts as an end.
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

    WRONG_CERTIFICATE = "wrong-certificate"  # TLS begins with another certificate than `trusted`
    REQUEST = "request"  # a request is whole, or malformed
    PLAYBACK = "playback"  # the responder has answered
    PLAYED = "played"  # the last step of the answer is done
    REPLACED = "replaced"  # the script has ended, another is armed
    DISARMED = "disarmed"  # the script has ended, none is armed
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
# An exchange is under way; the journal does not have it yet.
EXCHANGING = frozenset({_S.RESPONDING, _S.PLAYING})


def after(state: ConnectionState, event: ConnectionEvent) -> ConnectionState:
    """The state that follows; raises ValueError for an event that cannot happen in this state."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise ValueError(f"the event {event} cannot happen in the state {state}") from None
