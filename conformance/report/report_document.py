"""The report as a JSON document, for programs.

Pure. Passes are counted, every other result is listed.
"""

from collections import Counter
from dataclasses import asdict
from typing import Any

from conformance.model.verdict import Verdict
from conformance.report.assemble import Report
from conformance.report.citation import bibtex, sentence
from conformance.report.known_causes import entries_of
from conformance.report.sections import headline, passed, result_groups, word_of
from conformance.results import LaneRecord


def report_document(report: Report) -> dict[str, Any]:
    """The document."""
    of_lanes: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        of_lanes.setdefault(verdict.lane, []).append(verdict)
    return {
        "run": report.run.id,
        "folder": report.folder,
        "suite": report.run.suite,
        "vectors": report.run.vectors,
        "mode": report.run.mode,
        "started": report.run.started,
        "seconds": report.seconds,
        "complete": not report.cut and not report.interrupted,
        "exit": int(report.exit),
        "result": headline(report),
        "counts": asdict(report.counts),
        "lanes": [_lane(lane, of_lanes.get(lane.lane, [])) for lane in report.lanes],
        "results": [
            {
                "result": _RESULTS[group.word],
                "case": group.case,
                "lanes": list(group.lanes),
                "reason": group.why,
                "known": [asdict(entry) for entry in entries_of(group, report)],
                "findings": [asdict(finding) for finding in group.findings],
                "repeat": report.repeat(group.case, group.lanes),
            }
            for group in result_groups(report.verdicts)
        ],
        "differ": [r.agreement.case for r in report.agreements if not r.agreement.agree],
        "suspect": [r.agreement.case for r in report.agreements if r.suspect],
        "fuzz": report.fuzz,
        "cite": {"sentence": sentence(report), "bibtex": bibtex(report)},
    }


_RESULTS = {
    "FAIL": "failure",
    "ERR": "error",
    "ok!": "unexpected-pass",
    "known": "known-failure",
    "note": "note",
}


def _lane(lane: LaneRecord, verdicts: list[Verdict]) -> dict[str, Any]:
    cells = Counter(map(word_of, verdicts))
    return {
        "lane": lane.lane,
        "status": lane.status,
        "reason": lane.reason,
        "sdk": lane.sdk,
        "version": lane.sdk_version,
        "checkout": None if lane.checkout is None else asdict(lane.checkout),
        "new": cells["FAIL"] + cells["ok!"],
        "known": cells["known"],
        "passed": passed(verdicts),
        "notes": cells["note"],
        "errors": cells["ERR"],
        "skipped": cells["skip"],
    }
