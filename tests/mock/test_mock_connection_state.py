"""The table of a connection's states is whole, and each end of a script has its place in it."""

import pytest

from conformance.mock.connection_state import (
    EXCHANGING,
    READING,
    TRANSITIONS,
    ConnectionEvent,
    ConnectionState,
    after,
)

OPEN = [state for state in ConnectionState if state is not ConnectionState.CLOSED]
LATE = [ConnectionState.RESPONDING_LATE, ConnectionState.PLAYING_LATE]


def walk(*events: ConnectionEvent) -> ConnectionState:
    state = ConnectionState.IDLE
    for event in events:
        state = after(state, event)
    return state


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(ConnectionState)


def test_every_state_can_be_reached() -> None:
    reached = {ConnectionState.IDLE}
    for _ in ConnectionState:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == set(ConnectionState)


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize(
    "event", [ConnectionEvent.END, ConnectionEvent.REPLACED, ConnectionEvent.DISARMED]
)
def test_a_connection_and_its_script_can_end_in_every_open_state(
    state: ConnectionState, event: ConnectionEvent
) -> None:
    assert event in TRANSITIONS[state]


@pytest.mark.parametrize("event", ConnectionEvent)
def test_nothing_happens_to_a_closed_connection(event: ConnectionEvent) -> None:
    with pytest.raises(ValueError, match=f"{event} cannot happen in the state closed"):
        after(ConnectionState.CLOSED, event)


def test_a_request_and_its_answer_lead_back_to_idle() -> None:
    cycle = (ConnectionEvent.REQUEST, ConnectionEvent.PLAYBACK, ConnectionEvent.PLAYED)
    assert walk(*cycle) is ConnectionState.IDLE


@pytest.mark.parametrize("state", ConnectionState)
def test_a_request_is_read_exactly_where_no_answer_is_under_way(state: ConnectionState) -> None:
    assert (ConnectionEvent.REQUEST in TRANSITIONS[state]) == (state in READING)


@pytest.mark.parametrize("state", sorted(EXCHANGING))
def test_an_answer_under_way_when_another_script_is_armed_is_late(state: ConnectionState) -> None:
    assert after(state, ConnectionEvent.REPLACED) in LATE


@pytest.mark.parametrize("state", LATE)
def test_a_late_answer_is_given_up_when_the_next_script_ends(state: ConnectionState) -> None:
    assert after(state, ConnectionEvent.REPLACED) is ConnectionState.CLOSED


def test_silence_after_a_wrong_certificate_ends_with_the_script() -> None:
    shown = walk(ConnectionEvent.WRONG_CERTIFICATE)
    assert after(shown, ConnectionEvent.REPLACED) is ConnectionState.CLOSED
