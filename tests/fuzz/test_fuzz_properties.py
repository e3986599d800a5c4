"""Every finding of a fuzz breaks a property that has a name."""

import pytest

from conformance.fuzz import property_of


@pytest.mark.parametrize(
    "rule",
    [
        "process.string", "process.canonical", "auth.signature", "auth.secret-leak",
        "naming.target", "transport.requests", "bodies.parsed", "errors.kind", "lane.death",
    ],
)  # fmt: skip
def test_every_kind_of_finding_breaks_a_property_that_has_a_name(rule: str) -> None:
    assert property_of(rule) != rule
