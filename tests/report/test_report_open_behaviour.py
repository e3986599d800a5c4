"""Behaviour that the documentation leaves open, in rows of plain words."""

import pytest
from report.run_shown import GO, PROFILES, behaves

from conformance.report.open_behaviour import open_behaviour
from conformance.results import LaneProfile


def test_statuses_with_the_same_values_share_a_row_in_plain_words() -> None:
    rows = {row.label: row for group in open_behaviour(PROFILES) for row in group.rows}
    assert not rows["Retries on status 400, 404"].differs
    assert rows["Retries on status 503"].differs
    assert rows["Accept-Encoding of a request"].differs


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("retries-on-503-with-html", "Retries on status 503 with an HTML page"),
        (
            "retries-on-reset-with-reused-client",
            "Retries if the connection is reset on a kept client",
        ),
        ("attempts-on-persistent-500", "Requests sent if every response has status 500"),
        ("decodes-gzip", "Content coded with gzip"),
        ("decodes-gzip-members", "Content coded with gzip, in several members"),
        ("errors-outside-the-sdk-types", "Errors outside the SDK's documented types"),
        ("something-new", "Something new"),
    ],
)
def test_a_behaviour_has_plain_words(name: str, label: str) -> None:
    (group,) = open_behaviour([LaneProfile(lane=GO, items=(behaves(name, "yes"),))])
    assert [row.label for row in group.rows] == [label]


def test_values_have_plain_words_and_a_lane_that_shows_none_has_a_dash() -> None:
    gzip = behaves("decodes-gzip", "returned encoded")
    fields = behaves("error-fields", "status, request_id")
    lanes = [LaneProfile(lane=GO, items=(gzip, fields)), LaneProfile(lane="rest", items=())]
    rows = {row.label: row.texts for group in open_behaviour(lanes) for row in group.rows}
    assert rows["Content coded with gzip"] == ("not decoded", "-")
    assert rows["Fields of a service error that a program can read"][0] == "status, request id"
