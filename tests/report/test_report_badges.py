"""Badges: what a reader must not miss, as shields.io reads it and as an image."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from report.run_shown import LANES, REPORT, STRING, finished, shown

from conformance.model.verdict import Outcome, Verdict
from conformance.report.badges import badges

FAIL = {"outcome": Outcome.FAIL, "findings": (STRING,)}
REST = LANES[-1]


def badge(*verdicts: Verdict, **more: object) -> dict[str, object]:
    report = replace(shown(*verdicts, lanes=("rest",)), lanes=(REST,), **more)  # type: ignore[arg-type]
    found: dict[str, object] = json.loads(dict(badges(report))["rest.json"])
    return found


@pytest.mark.parametrize(
    ("given", "message", "color"),
    [
        ([{}, {}], "2 passed", "green"),
        ([{}, FAIL], "1 new failure", "red"),
        ([FAIL, FAIL], "2 new failures", "red"),
        ([{}, {**FAIL, "known_failing": "listed"}], "no new failures, 1 known", "yellow"),
        ([{"known_failing": "listed"}], "1 new failure", "red"),
        ([{}, {"outcome": Outcome.ERROR}], "1 not judged", "lightgrey"),
        ([{"outcome": Outcome.SKIP}], "all skipped", "lightgrey"),
        ([], "not run", "lightgrey"),
    ],
)
def test_a_badge_says_the_worst(given: list[dict[str, object]], message: str, color: str) -> None:
    verdicts = [finished(f"a/b/{n}", "rest", **more) for n, more in enumerate(given)]  # type: ignore[arg-type]
    found = badge(*verdicts)
    assert (found["message"], found["color"]) == (message, color)
    assert found["schemaVersion"] == 1
    assert found["label"] == "image/bodies rest"


def test_an_incomplete_run_has_no_green_badge() -> None:
    passed = finished("a/b/c", "rest")
    assert badge(passed, interrupted=True)["message"] == "incomplete"
    assert badge(passed, seconds=None)["message"] == "incomplete"


def test_each_lane_has_a_document_and_an_image_that_says_the_same() -> None:
    files = dict(badges(REPORT))
    assert {name.rpartition(".")[0] for name in files} == {lane.lane for lane in LANES}
    for lane in LANES:
        told = json.loads(files[f"{lane.lane}.json"])
        image = ET.fromstring(files[f"{lane.lane}.svg"])
        assert image.attrib["aria-label"] == f"{told['label']}: {told['message']}"


def test_an_image_fetches_nothing_and_has_no_script() -> None:
    for name, text in badges(REPORT):
        assert "href" not in text, name
        assert "<script" not in text, name
