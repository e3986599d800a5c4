"""`badges/`: for each lane an endpoint document of shields.io and a plain SVG image.

Pure. A badge says what a reader must not miss first: new failures, then what could not be judged,
then known failures.
"""

import json
from collections import Counter
from collections.abc import Iterator
from html import escape

from conformance.documents.escape import visible
from conformance.report.assemble import Report
from conformance.report.sections import cell
from conformance.results import LaneRecord

_LABEL = "image/bodies"
# Names of shields.io, and the same as colours.
_COLORS = {"red": "#c62828", "yellow": "#8a6d00", "green": "#2e7d32", "lightgrey": "#616161"}
_WIDTH, _PADDING = 7, 10  # of a character in Verdana 11, and on both sides of a text


def badges(report: Report) -> Iterator[tuple[str, str]]:
    """Name and content of each file."""
    cells: dict[str, Counter[str]] = {lane.lane: Counter() for lane in report.lanes}
    for verdict in report.verdicts:
        cells.setdefault(verdict.lane, Counter())[cell(verdict)] += 1
    for lane in report.lanes:
        label = visible(f"{_LABEL} {lane.lane}")
        message, color = _message(lane, cells[lane.lane], partial=report.cut or report.interrupted)
        endpoint = {"schemaVersion": 1, "label": label, "message": message, "color": color}
        name = lane.lane.replace("/", "-")
        yield f"{name}.json", json.dumps(endpoint, indent=2) + "\n"
        yield f"{name}.svg", _svg(label, message, _COLORS[color])


def _message(lane: LaneRecord, cells: Counter[str], *, partial: bool) -> tuple[str, str]:
    new, known = cells["FAIL"] + cells["ok!"], cells["known"]
    if new:
        return f"{new} new failure{'s' * (new > 1)}", "red"
    unclear = (
        (lane.status != "ran" or not cells, "not run"),
        (cells["ERR"], f"{cells['ERR']} not judged"),
        (partial, "incomplete"),
        (not known and not cells["ok"], "all skipped"),
    )
    for applies, message in unclear:
        if applies:
            return message, "lightgrey"
    if known:
        return f"no new failures, {known} known", "yellow"
    return f"{cells['ok']} passed", "green"


def _svg(label: str, message: str, color: str) -> str:
    left, right = (len(text) * _WIDTH + _PADDING for text in (label, message))
    title = escape(f"{label}: {message}")
    texts = "".join(
        f'<text x="{x}" y="14" textLength="{len(text) * _WIDTH}">{escape(text)}</text>'
        for x, text in ((left / 2, label), (left + right / 2, message))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="20" fill="#424242"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{color}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        f'font-size="11">{texts}</g></svg>\n'
    )
