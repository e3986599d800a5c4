"""The report for programs."""

import json

from report.run_shown import GO, PHP, REPORT, shown

from conformance.report.report_document import report_document

DOCUMENT = json.loads(json.dumps(report_document(REPORT)))


def test_lanes_have_their_counts() -> None:
    lanes = {lane["lane"]: lane for lane in DOCUMENT["lanes"]}
    assert (lanes[GO]["new"], lanes[PHP]["new"], lanes[PHP]["known"]) == (2, 1, 1)
    assert lanes["java@3.17.4"]["status"] == "not-run"


def test_every_result_but_passes_and_skips_is_listed_with_its_repeat_command() -> None:
    kinds = {one["result"] for one in DOCUMENT["results"]}
    assert kinds == {"failure", "error", "unexpected-pass", "known-failure", "note"}
    assert all(one["repeat"].startswith("oss-bodies run ") for one in DOCUMENT["results"])
    assert (DOCUMENT["exit"], DOCUMENT["differ"]) == (1, ["process/sen/50"])


def test_a_run_without_verdicts_has_a_document() -> None:
    assert report_document(shown())["results"] == []
