"""What shows that a call came through the proxy."""

import pytest

from conformance.model.http import Journal
from conformance.runner.proxy_probe import arrived


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
