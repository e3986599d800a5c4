"""What the terminal says first of each lane: a line of counts, and its worst known failures.

Pure.
"""

import textwrap
from dataclasses import replace

from conformance.report.assemble import Report
from conformance.report.full_text import not_run_lines
from conformance.report.lane_cards import LaneCard, WorstFinding, lane_cards
from conformance.report.sections import LEGEND, PASSED_MEANS
from conformance.report.text_layout import Layout, shortened, table, text_of, wrapped

_OF_ONE = 2  # lines of a failure
_SLACK = 14  # columns that are lost where lines are wrapped
# Columns: filter of the page (see `LaneCard`) -> head.
_COLUMNS = {
    "FAIL": "new",
    "ok!": "stale",
    "ERR": "error",
    "known": "known",
    "note": "notes",
    "alone": "alone",
    "pass": "passed",
    "skip": "skipped",
    "-": "not run",
}
_ALWAYS = ("FAIL", "known", "note", "alone", "pass", "skip")
_MEANINGS = (
    f"known: {LEGEND['known']}; notes: {LEGEND['note']}; alone: differs from all other lanes, "
    f"which agree; {PASSED_MEANS}"
)


def lanes_text(report: Report, layout: Layout, *, most: int) -> str:
    """A line of counts for each lane, why some did not run, and the worst known failures.

    most: lines of the failures.
    """
    cards = lane_cards(report)
    filters = [name for name in _COLUMNS if name in _ALWAYS or any(_count(c, name) for c in cards)]
    heads = [head for name in filters for head in _heads(name)]
    rows = [
        (card.lane, [text for name in filters for text in _cells(card, name)]) for card in cards
    ]
    out = table("lane", rows, heads, layout)
    out += textwrap.wrap(_MEANINGS, layout.width)
    for lane in report.lanes:
        if lane.status != "ran":
            out += ["", *not_run_lines(lane, lane.lane + "  ", layout.width)]
    return text_of([*out, *_worst_known(cards, layout, most)])


def _worst_known(cards: list[LaneCard], layout: Layout, most: int) -> list[str]:
    """The worst known failures of each lane; a cause that an earlier lane has is not repeated."""
    out: list[str] = []
    said: dict[str, str] = {}
    for card in cards:
        worst = [one for one in card.worst if one.word == "known"]
        worst = worst[: max(0, most) // (_OF_ONE * len(cards))]
        out += ["", card.lane] if worst else []
        for one in worst:
            lane = said.setdefault(one.sentence, card.lane)
            out += _worst(one if lane == card.lane else replace(one, sentence=f"as {lane}"), layout)
    return out


def _count(card: LaneCard, name: str) -> int:
    return next((count for _, count, filter_ in card.counts if filter_ == name), 0)


def _heads(name: str) -> tuple[str, ...]:
    return ("known", "causes") if name == "known" else (_COLUMNS[name],)


def _cells(card: LaneCard, name: str) -> tuple[str, ...]:
    if card.not_run and name != "-":
        return ("-",) * len(_heads(name))
    count = str(_count(card, name))
    return (count, str(card.causes)) if name == "known" else (count,)


def _worst(one: WorstFinding, layout: Layout) -> list[str]:
    """The finding in at most `_OF_ONE` lines."""
    head = f"  {one.word}  "
    more = f" and {one.cases - 1} more" if one.cases > 1 else ""
    where = f"({one.case}{more})"
    room = max(40, _OF_ONE * (layout.width - len(head)) - len(where) - _SLACK)
    sentence = shortened(one.sentence, room)
    first, *rest = wrapped(f"{sentence} {where}", head, layout.width, break_words=False)
    return [first.replace(one.word, layout.colored(one.word, one.word), 1), *rest]
