"""The time for a call follows from what the call may wait for."""

from dataclasses import replace

import pytest
from engine.doubles import CASE

from conformance.engine.call_limit import BUSY, call_limit
from conformance.model.case import JSON, Consume, Turn

(ONCE,) = CASE.turns
UNSET = replace(ONCE.input, connect_timeout=None, read_timeout=None)


def turn(*faults: tuple[str, JSON]) -> Turn:
    (reply,) = ONCE.script.replies
    script = replace(ONCE.script, replies=(replace(reply, body=b"12345", faults=faults),))
    return replace(ONCE, input=UNSET, script=script)


def test_without_anything_to_wait_for_it_is_the_time_of_a_busy_machine() -> None:
    assert call_limit(turn()) == BUSY


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (("delay", 2.5), 2.5),
        (("stall", {"after": 3, "seconds": 4}), 4),
        (("drip", {"bytes": 2, "pause": 0.5}), 1.5),
        (("cut", 3), 0),
    ],
)
def test_the_pauses_of_the_script_are_added(fault: tuple[str, JSON], seconds: float) -> None:
    assert call_limit(turn(fault)) == BUSY + seconds


def test_the_timeouts_are_added_for_each_attempt() -> None:
    given = replace(UNSET, connect_timeout=1000, read_timeout=500)
    assert call_limit(replace(turn(), input=given)) == BUSY + 6


def test_of_several_calls_at_once_the_longest_counts() -> None:
    slow = replace(UNSET, consume=Consume(limit=None, pause=700))
    assert call_limit(replace(turn(), calls=(UNSET, slow, UNSET))) == BUSY + 0.7
