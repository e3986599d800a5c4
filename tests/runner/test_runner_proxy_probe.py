"""What shows that a call came through the proxy."""

import pytest

from conformance.model.http import Journal
from conformance.model.message import Answer, Failure, Unsupported
from conformance.model.verdict import Problem
from conformance.runner.proxy_probe import arrived, not_used, probes


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        (Journal(), False),
        (Journal(handshakes=("unknown ca",)), True),
        (Journal(exceeded="more than 100 connections"), True),
    ],
)
def test_whatever_the_proxy_saw_of_a_call_shows_that_it_was_used(
    journal: Journal, expected: bool
) -> None:
    """A client that only opens connections until it is past the bounds used it, too."""
    assert arrived(journal) is expected


@pytest.mark.parametrize(
    ("outcome", "quoted"),
    [
        (Problem(step="death", reason="it exited with 2", remedy=""), "(it exited with 2)"),
        (Failure(origin="client", error_class="E", text="https only"), "answered E: 'https only'"),
        (Unsupported(reason=""), "answered: unsupported"),
    ],
)
def test_the_reason_says_what_the_runner_answered_instead(
    outcome: Answer | Problem, quoted: str
) -> None:
    assert quoted in not_used(probes()[0], outcome).reason
