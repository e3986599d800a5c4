"""A report as text for a terminal or a CI log: matrix, findings, profiles, closing.

Pure: a report in, text out, and the caller prints.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from conformance.model.verdict import Finding
from conformance.report.assemble import Report
from conformance.report.fuzzing import fuzz_text
from conformance.report.profiles import profile_text, versions_text
from conformance.report.sections import (
    LEGEND,
    ResultGroup,
    agreed,
    counted,
    differing,
    folded,
    headline,
    in_seconds,
    loaded,
    not_run,
    result_groups,
    rows,
    skipped,
    source_of,
    suspects,
)
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.results import AgreementRecord

_IN_FULL = 6  # more notes or differences than this take one line each


def terminal_text(report: Report, layout: Layout) -> str:
    """All that the terminal shows of a run or a fuzz."""
    if report.fuzz is not None:
        return fuzz_text(report)
    parts = (
        matrix(report, layout),
        findings(report, layout),
        profile_text(report.profiles, layout),
        versions_text(report.versions, layout.width),
        closing(report, layout),
    )
    return "\n".join(part for part in parts if part)


def matrix(report: Report, layout: Layout) -> str:
    """Cases by lanes, ending with a legend of the words it used; empty if there is no verdict."""
    cells = rows(report.verdicts, report.run.lanes)
    lines = [(f"{label} ({n})" if n > 1 else label, words) for label, words, n in folded(cells)]
    used = {word for words in cells.values() for word in words}
    legend = "; ".join(f"{word}: {text}" for word, text in LEGEND.items() if word in used)
    out = table("case", lines, report.run.lanes, layout)
    return text_of([*out, *textwrap.wrap(legend, layout.width)])


def findings(report: Report, layout: Layout) -> str:
    """Each failure and error with what a reader needs to judge it and the command to repeat it.

    Known failures, skips, and notes when there are many take one line each. Empty if there is
    nothing to say.
    """
    groups = result_groups(report.verdicts)
    notes = [group for group in groups if group.word == "note"]
    short = len(notes) > _IN_FULL
    out: list[str] = []
    for group in groups:
        if group.word != "known" and not (short and group.word == "note"):
            out += [*_group(group, report, layout), ""]
    if short:
        out += [*_notes(notes, layout), ""]
    known = [group for group in groups if group.word == "known"]
    if known:
        out += [*_known(known, layout), ""]
    for reason, by in skipped(report.verdicts).items():
        on = ", ".join(f"{lane} ({count})" for lane, count in by.items())
        out += wrapped(f"{reason}: {on}", "skip  ", layout.width)
    return text_of(out)


def _notes(notes: Iterable[ResultGroup], layout: Layout) -> Iterator[str]:
    yield layout.painted("note", "note") + " recommended only; in full in summary.md"
    for group in notes:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in group.findings))
        yield from wrapped(f"{group.case} on {', '.join(group.lanes)}: {rules}", "  ", layout.width)


def _known(known: Iterable[ResultGroup], layout: Layout) -> Iterator[str]:
    """Known failures; those with the same lanes and the same reason together."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for group in known:
        alike.setdefault((group.lanes, group.reason), []).append(group.case)
    yield layout.painted("known", "known") + " failures, as their lists say"
    for (lanes, reason), cases in alike.items():
        text = f"{', '.join(cases)} on {', '.join(lanes)}: {reason}"
        yield from wrapped(text, "  ", layout.width)


def _group(group: ResultGroup, report: Report, layout: Layout) -> Iterator[str]:
    width, case = layout.width, report.cases[group.case]
    yield f"{layout.painted(group.word, group.word)} {group.case}"
    yield from labelled("shows", case.title, width)
    yield from labelled("on", ", ".join(group.lanes), width)
    if group.why:
        yield from labelled("why", group.why, width)
    for finding in group.findings:
        yield from finding_lines(finding, width)
    yield from labelled("source", source_of(case.provenance), width, whole=True)
    yield f"  {'repeat':<9} {report.repeat(group.case, group.lanes)}"


def finding_lines(finding: Finding, width: int) -> Iterator[str]:
    """A finding: its rule, then where, expected, got and why."""
    yield f"  {finding.rule} ({finding.claim.value})"
    for name in ("where", "expected", "got", "why"):
        yield from labelled(name, getattr(finding, name), width, indent=4)


def closing(report: Report, layout: Layout) -> str:
    """Differences, suspects, lanes with what they loaded, counts, what the exit code says."""
    width = layout.width
    out = [*_differences(report.agreements, layout), *_suspects(report.agreements, layout)]
    if out:
        out.append("")
    out += [*_lanes(report, width), ""]
    out += textwrap.wrap(counted(report.counts), width)
    out += textwrap.wrap(agreed(report), width)
    said = layout.painted(headline(report), "ok" if report.exit == 0 else "FAIL")
    out.append(f"exit {report.exit}: {said}{in_seconds(report)}")
    return text_of(out)


def _differences(agreements: Sequence[AgreementRecord], layout: Layout) -> Iterator[str]:
    records = differing(agreements)
    if len(records) > _IN_FULL:
        topics = Counter("/".join(one.agreement.case.split("/")[:2]) for one in records)
        text = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        yield from wrapped(f"{text}; in full in summary.md", "differ  ", layout.width)
        return
    for record in records:
        yield f"{layout.painted('differ', 'note')} {record.agreement.case}"
        for got, lanes in record.agreement.groups:
            yield from wrapped(f"{', '.join(lanes)}: {got}", "  ", layout.width)


def _suspects(agreements: Sequence[AgreementRecord], layout: Layout) -> Iterator[str]:
    for case in suspects(agreements):
        yield f"{layout.painted('suspect', 'note')} {case}"
        yield from wrapped("every lane fails it alike: check the case first", "  ", layout.width)


def _lanes(report: Report, width: int) -> Iterator[str]:
    names = max((len(lane.lane) for lane in report.lanes), default=0)
    for lane in report.lanes:
        text, remedy = loaded(lane), list[str]()
        if lane.status != "ran":
            reason, remedy = not_run(lane)
            text = f"not run: {reason}"
        yield from wrapped(text, lane.lane.ljust(names) + "  ", width)
        yield from (" " * names + "  " + line for line in remedy)


def labelled(
    name: str, text: str, width: int, *, indent: int = 2, whole: bool = False
) -> list[str]:
    """A text behind its label, in a column of its own; whole: as in `wrapped`."""
    return wrapped(text, f"{'':{indent}}{name:<9} ", width, whole=whole)
