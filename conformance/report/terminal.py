"""The report as text for a terminal or a CI log: matrix, findings, profiles, closing.

Pure.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from conformance.model.verdict import Finding
from conformance.report.assemble import Report
from conformance.report.fuzzing import fuzz_text
from conformance.report.observed import observed_text
from conformance.report.profiles import profile_text, versions_text
from conformance.report.sections import (
    ResultGroup,
    agreement_text,
    counts_text,
    differing,
    duration,
    folded,
    headline,
    legend,
    loaded_text,
    not_run_reason,
    result_groups,
    rows,
    skipped,
    source_of,
    sources_of,
    suspect_advice,
    suspects,
    topic_of,
)
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.results import AgreementRecord

_IN_FULL = 6  # notes or differences that are shown in full; more are abbreviated


def terminal_text(report: Report, layout: Layout) -> str:
    """The text for a run or a fuzz."""
    if report.fuzz is not None:
        return fuzz_text(report)
    parts = (
        matrix(report, layout),
        findings(report, layout),
        text_of(list(observed_text(report.verdicts, layout))),
        profile_text(report.profiles, layout),
        versions_text(report.versions, layout.width),
        closing(report, layout),
    )
    return "\n".join(part for part in parts if part)


def matrix(report: Report, layout: Layout) -> str:
    """A table of cases by lanes with a legend; empty if there are no verdicts."""
    cells = rows(report.verdicts, report.run.lanes)
    lines = [(f"{label} ({n})" if n > 1 else label, words) for label, words, n in folded(cells)]
    out = table("case", lines, report.run.lanes, layout)
    return text_of([*out, *textwrap.wrap(legend(cells), layout.width)])


def findings(report: Report, layout: Layout) -> str:
    """Each failure and error with its evidence and the command that repeats it; may be empty.

    Known failures and skips, and notes if there are many, take one line each.
    """
    groups = result_groups(report.verdicts)
    notes = [group for group in groups if group.word == "note"]
    abbreviated = len(notes) > _IN_FULL
    out: list[str] = []
    for group in groups:
        if group.word != "known" and not (abbreviated and group.word == "note"):
            out += [*_group(group, report, layout), ""]
    if abbreviated:
        out += [*_notes(notes, layout), ""]
    known = [group for group in groups if group.word == "known"]
    if known:
        out += [*_known(known, layout), ""]
    for reason, counts in skipped(report.verdicts).items():
        lanes = ", ".join(f"{lane} ({count})" for lane, count in counts.items())
        out += wrapped(f"{reason}: {lanes}", "skip  ", layout.width)
    return text_of(out)


def _notes(notes: Iterable[ResultGroup], layout: Layout) -> Iterator[str]:
    yield layout.colored("note", "note") + " recommended only; in full in summary.md"
    for group in notes:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in group.findings))
        yield from wrapped(f"{group.case} on {', '.join(group.lanes)}: {rules}", "  ", layout.width)


def _known(known: Iterable[ResultGroup], layout: Layout) -> Iterator[str]:
    """Known failures, grouped by lanes and reason."""
    groups: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for result in known:
        groups.setdefault((result.lanes, result.reason), []).append(result.case)
    yield layout.colored("known", "known") + " failures, as their lists say"
    for (lanes, reason), cases in groups.items():
        text = f"{', '.join(cases)} on {', '.join(lanes)}: {reason}"
        yield from wrapped(text, "  ", layout.width)


def _group(group: ResultGroup, report: Report, layout: Layout) -> Iterator[str]:
    width, case = layout.width, report.cases[group.case]
    yield f"{layout.colored(group.word, group.word)} {group.case}"
    yield from _labelled("shows", case.title, width)
    yield from _labelled("on", ", ".join(group.lanes), width)
    if group.why:
        yield from _labelled("why", group.why, width)
    sources = sources_of(group, case.provenance)
    for finding, source in sources:
        yield from _finding(finding, width)
        if source:
            yield from _labelled("source", source, width, indent=4, break_words=False)
    if not sources or not all(source for _, source in sources):
        yield from _labelled("source", source_of(case.provenance), width, break_words=False)
    yield f"  {'repeat':<9} {report.repeat(group.case, group.lanes)}"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    yield f"  {finding.rule} ({finding.claim.value})"
    for name in ("where", "expected", "got", "why"):
        yield from _labelled(name, getattr(finding, name), width, indent=4)


def closing(report: Report, layout: Layout) -> str:
    """Differences, suspects, lanes, counts and the exit code in words."""
    width = layout.width
    out = [*_differences(report.agreements, layout), *_suspects(report, layout)]
    if out:
        out.append("")
    out += [*_lanes(report, width), ""]
    out += textwrap.wrap(counts_text(report.counts), width)
    out += textwrap.wrap(agreement_text(report), width)
    result = layout.colored(headline(report), "ok" if report.exit == 0 else "FAIL")
    out.append(f"exit {report.exit}: {result}{duration(report)}")
    return text_of(out)


def _differences(agreements: Sequence[AgreementRecord], layout: Layout) -> Iterator[str]:
    records = differing(agreements)
    if len(records) > _IN_FULL:
        topics = Counter(topic_of(record.agreement.case) for record in records)
        text = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        yield from wrapped(f"{text}; in full in summary.md", "differ  ", layout.width)
        return
    for record in records:
        yield f"{layout.colored('differ', 'note')} {record.agreement.case}"
        for got, lanes in record.agreement.groups:
            yield from wrapped(f"{', '.join(lanes)}: {got}", "  ", layout.width)


def _suspects(report: Report, layout: Layout) -> Iterator[str]:
    for case in suspects(report.agreements):
        yield f"{layout.colored('suspect', 'note')} {case}"
        yield from wrapped(suspect_advice(report, case), "  ", layout.width, break_words=False)


def _lanes(report: Report, width: int) -> Iterator[str]:
    names = max((len(lane.lane) for lane in report.lanes), default=0)
    for lane in report.lanes:
        text, remedy = loaded_text(lane), list[str]()
        if lane.status != "ran":
            reason, remedy = not_run_reason(lane)
            text = f"not run: {reason}"
        yield from wrapped(text, lane.lane.ljust(names) + "  ", width)
        yield from (" " * names + "  " + line for line in remedy)


def _labelled(
    name: str, text: str, width: int, *, indent: int = 2, break_words: bool = True
) -> list[str]:
    """A label of nine columns and the text, wrapped as `wrapped` does it."""
    return wrapped(text, f"{'':{indent}}{name:<9} ", width, break_words=break_words)
