"""The report as text in full: the matrix of cases, findings, differences, lanes, the result.

Pure.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from conformance.model.verdict import Finding
from conformance.report.alike_results import AlikeResults, alike_differences, alike_results
from conformance.report.assemble import Report
from conformance.report.known_causes import known_causes, upkeep_text
from conformance.report.profiles import few
from conformance.report.result_details import result_details
from conformance.report.sections import (
    LOUD,
    ResultGroup,
    agreement_text,
    by_number,
    counts_text,
    duration,
    folded,
    headline,
    is_derived,
    legend,
    loaded_text,
    not_run_reason,
    result_groups,
    rows,
    skipped,
    suspect_advice,
    suspects,
    topic_of,
)
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.report.wording import DERIVED_MEANS, deviation
from conformance.results import AgreementRecord, LaneRecord

FEW = 20  # trials of a run whose known failures are shown in full
_IN_FULL = 6  # notes or differences that are shown in full; more are abbreviated
_VALUE = 60  # characters of a value in a note
_OF_WORDS = ("why",)  # other details have ids and links, which must stay whole


def matrix(report: Report, layout: Layout) -> str:
    """A table of cases by lanes with a legend; empty if there are no verdicts."""
    cells = rows(report.verdicts, report.run.lanes)
    lines = [(f"{label} ({n})" if n > 1 else label, words) for label, words, n in folded(cells)]
    out = table("case", lines, report.run.lanes, layout)
    return text_of([*out, *textwrap.wrap(legend(cells), layout.width)])


def findings(report: Report, layout: Layout, *, verbose: bool = False) -> str:
    """The failures and errors with evidence and the command that repeats them; may be empty.

    Those that are alike are reported once; verbose: each in full. Notes if there are many, and
    known failures of a run of many trials, take one line each.
    """
    groups = result_groups(report.verdicts)
    notes = [group for group in groups if group.word == "note"]
    known = [group for group in groups if group.word == "known"]
    short = [*(notes if len(notes) > _IN_FULL else ())]
    short += known if len(report.verdicts) > FEW else []
    out: list[str] = []
    if not verbose:
        new = [group for group in groups if group.word in LOUD]
        short += new
        for alike in alike_results(new):
            out += [*alike_lines(alike, report, layout), ""]
    for group in groups:
        if group not in short:
            out += [*result_lines(group, report, layout), ""]
    if len(notes) > _IN_FULL:
        out += [*_notes(notes, layout), ""]
    if known and len(report.verdicts) > FEW:
        out += [*_known(report, layout), ""]
    if any(is_derived(report, group) for group in groups):
        out += [*textwrap.wrap(DERIVED_MEANS, layout.width), ""]
    for reason, counts in skipped(report.verdicts).items():
        lanes = ", ".join(f"{lane} ({count})" for lane, count in counts.items())
        out += wrapped(f"{reason}: {lanes}", "skip  ", layout.width)
    return text_of(out)


def _notes(notes: Iterable[ResultGroup], layout: Layout) -> Iterator[str]:
    yield layout.colored("note", "note") + " recommended only; in full in report.html"
    cases: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for group in notes:
        said = "; ".join(dict.fromkeys(_deviation(one) for one in group.findings))
        cases.setdefault((group.lanes, said), []).append(group.case)
    for (lanes, said), of in cases.items():
        yield from wrapped(f"{', '.join(lanes)}: {said} ({few(of)})", "  ", layout.width)


def _deviation(finding: Finding) -> str:
    values = (textwrap.shorten(text, _VALUE) for text in (finding.expected, finding.got))
    return deviation(finding.rule, *values)


def _known(report: Report, layout: Layout) -> Iterator[str]:
    """Known failures, grouped by cause."""
    yield layout.colored("known", "known") + " failures, as their lists say"
    for cause in known_causes(report):
        text = f"{', '.join(cause.cases)} on {', '.join(cause.lanes)}: {cause.reason}"
        more = upkeep_text(cause.entries)
        yield from wrapped(text + (f" ({more})" if more else ""), "  ", layout.width)


def result_lines(group: ResultGroup, report: Report, layout: Layout) -> Iterator[str]:
    """One result in full: findings, why, sources, and the command that repeats it."""
    return alike_lines(AlikeResults(groups=(group,)), report, layout)


def alike_lines(alike: AlikeResults, report: Report, layout: Layout) -> Iterator[str]:
    """One of the results in full, the names of others, and the commands that repeat them."""
    width, group = layout.width, alike.example
    yield f"{layout.colored(group.word, group.word)} {alike.heading()}"
    if len(alike.groups) > 1:
        yield from _labelled("example", group.case, width)
    yield from _labelled("shows", report.cases[group.case].title, width)
    yield from _labelled("on", ", ".join(group.lanes), width)
    for detail in result_details(alike, report):
        text = f"{', '.join(detail.cases)} {detail.text}".lstrip()
        if detail.finding is not None:
            yield from _finding(detail.finding, width)
        elif detail.command:
            yield f"  {detail.name:<9} {text}"
        else:
            words = detail.name in _OF_WORDS
            indent = 4 if detail.nested else 2
            yield from _labelled(detail.name, text, width, indent=indent, break_words=words)


def _finding(finding: Finding, width: int) -> Iterator[str]:
    yield f"  {finding.rule} ({finding.claim.value})"
    for name in ("where", "expected", "got", "why"):
        yield from _labelled(name, getattr(finding, name), width, indent=4)


def closing(report: Report, layout: Layout) -> str:
    """Differences, suspects, lanes, counts and the exit code in words."""
    width = layout.width
    out = [*difference_lines(report.agreements, layout), *suspect_lines(report, layout)]
    if out:
        out.append("")
    out += [*_lanes(report, width), ""]
    out += textwrap.wrap(counts_text(report), width)
    out += textwrap.wrap(agreement_text(report), width)
    return text_of([*out, *result_line(report, layout)])


def result_line(report: Report, layout: Layout) -> list[str]:
    """The exit code and the result in words."""
    head = f"exit {report.exit}: "
    first, *rest = wrapped(headline(report) + duration(report), head, layout.width)
    word = "ok" if report.exit == 0 else "FAIL"
    return [head + layout.colored(first.removeprefix(head), word), *rest]


def difference_lines(agreements: Sequence[AgreementRecord], layout: Layout) -> Iterator[str]:
    """The cases on which lanes differ, those that are alike once; many are counted by topic."""
    alike = alike_differences(agreements)
    if len(alike) > _IN_FULL:
        cases = sorted((case for one in alike for case in one.cases), key=by_number)
        topics = Counter(map(topic_of, cases))
        text = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        yield from wrapped(f"{text}; in full in report.html", "differ  ", layout.width)
        return
    for one in alike:
        yield f"{layout.colored('differ', 'note')} {few(one.cases)}"
        for lanes, words in one.groups:
            yield from wrapped(f"{', '.join(lanes)}: {words}", "  ", layout.width)


def suspect_lines(report: Report, layout: Layout) -> Iterator[str]:
    """The cases that every lane fails alike."""
    for case in suspects(report.agreements):
        yield f"{layout.colored('suspect', 'note')} {case}"
        yield from wrapped(suspect_advice(report, case), "  ", layout.width, break_words=False)


def _lanes(report: Report, width: int) -> Iterator[str]:
    names = max((len(lane.lane) for lane in report.lanes), default=0)
    for lane in report.lanes:
        head = lane.lane.ljust(names) + "  "
        if lane.status != "ran":
            yield from not_run_lines(lane, head, width)
        else:
            yield from wrapped(loaded_text(lane), head, width)


def not_run_lines(lane: LaneRecord, head: str, width: int) -> Iterator[str]:
    """Why a lane did not run, with the remedy."""
    reason, remedy = not_run_reason(lane)
    yield from wrapped(f"not run: {reason}", head, width)
    yield from (" " * len(head) + line for line in remedy)


def _labelled(
    name: str, text: str, width: int, *, indent: int = 2, break_words: bool = True
) -> list[str]:
    """A label of nine columns and the text, wrapped as `wrapped` does it."""
    return wrapped(text, f"{'':{indent}}{name:<9} ", width, break_words=break_words)
