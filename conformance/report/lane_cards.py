"""What is said first of each lane: what it loaded, counts, and its worst findings.

Pure. Counts only, no percentage.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.documents.escape import visible
from conformance.model.verdict import Outcome, Verdict
from conformance.report.alike_results import alike_results
from conformance.report.assemble import Report
from conformance.report.sections import (
    ResultGroup,
    alone,
    loaded_text,
    not_run_reason,
    passed,
    result_groups,
    word_of,
)
from conformance.report.text_layout import shortened
from conformance.report.wording import deviation
from conformance.results import LaneRecord

_WORST = 3
_SENTENCE, _VALUE = 240, 60  # characters of a sentence, and of a value in it


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstFinding:
    """A finding of a lane in a sentence."""

    word: str  # the cell: `FAIL`, `known`, ...
    sentence: str
    case: str  # one that shows it
    cases: int  # number of cases with the same


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCard:
    """One lane on the first screen of the page, and in the terminal."""

    lane: str
    loaded: str  # SDK and runtime
    checksum: str
    not_run: str  # why the lane did not run; empty: it ran
    remedy: tuple[str, ...]
    counts: tuple[tuple[str, int, str], ...]  # label, number, filter of the cases
    causes: int  # of its known failures
    worst: tuple[WorstFinding, ...]


def lane_cards(report: Report) -> list[LaneCard]:
    """The cards in the order of the lanes."""
    differs = alone(report)
    lone = Counter(differs.values())
    passing = Counter(
        one.lane
        for one in report.verdicts
        if differs.get(one.case) == one.lane and one.outcome is Outcome.PASS
    )
    by_lane: dict[str, list[Verdict]] = {record.lane: [] for record in report.lanes}
    for verdict in report.verdicts:
        by_lane.setdefault(verdict.lane, []).append(verdict)
    return [
        _card(report, lane, by_lane[lane.lane], (lone[lane.lane], passing[lane.lane]))
        for lane in report.lanes
    ]


def _card(
    report: Report, lane: LaneRecord, verdicts: list[Verdict], lone: tuple[int, int]
) -> LaneCard:
    """lone: the cases in which the lane differs from all others, and those of them it passes."""
    reason, remedy = not_run_reason(lane) if lane.status != "ran" else ("", [])
    words = Counter(word_of(verdict) for verdict in verdicts)
    differs, passing = lone
    passes = f" (passes in {passing} of these cases)" if differs else ""
    counts = [
        ("new failures", words["FAIL"], "FAIL"),
        ("known failures", words["known"], "known"),
        ("stale known failures", words["ok!"], "ok!"),
        ("not judged", words["ERR"], "ERR"),
        ("notes", words["note"], "note"),
        ("passed", passed(verdicts), "pass"),
        ("skipped", words["skip"], "skip"),
        ("not run", max(0, len(report.cases) - len(verdicts)), "-"),
    ]
    always = ("FAIL", "known", "note", "pass", "skip", "-")
    return LaneCard(
        lane=lane.lane,
        loaded=loaded_text(lane),
        checksum=lane.checksum or "",
        not_run=reason,
        remedy=tuple(remedy),
        counts=(
            *(one for one in counts if one[1] or one[2] in always),
            (f"differs from all others{passes}", differs, "alone"),
        ),
        causes=len({one.known_failing for one in verdicts if word_of(one) == "known"}),
        worst=tuple(_worst(verdicts, {name: one.title for name, one in report.cases.items()})),
    )


def _worst(verdicts: list[Verdict], titles: Mapping[str, str]) -> Iterator[WorstFinding]:
    """The worst findings, those that are alike once."""
    for alike in alike_results(result_groups(verdicts))[:_WORST]:
        first = alike.example
        sentence = _clipped(_sentence(first, titles[first.case]), _SENTENCE)
        yield WorstFinding(
            word=first.word, sentence=sentence, case=first.case, cases=len(alike.groups)
        )


def _sentence(group: ResultGroup, title: str) -> str:
    if group.word in ("known", "ok!"):
        return group.reason
    if group.findings:
        first = group.findings[0]
        shown = (_clipped(text, _VALUE) for text in (first.expected, first.got))
        return f"{title} Here: {deviation(first.rule, *shown)}."
    return group.reason or title


def _clipped(text: str, longest: int) -> str:
    return visible(shortened(text, longest))
