"""The report as text for a terminal or a CI log.

Pure. By default it is short: a line for each lane, its worst known failures, new failures in full,
those that are alike once. A run of few trials is shown with the matrix of cases as well; verbose,
any run is, with each failure in full.
"""

from collections.abc import Iterator

from conformance.report.alike_results import alike_results
from conformance.report.assemble import Report
from conformance.report.full_text import (
    FEW,
    alike_lines,
    closing,
    findings,
    matrix,
    result_line,
    suspect_lines,
)
from conformance.report.fuzzing import fuzz_text
from conformance.report.lanes_text import lanes_text
from conformance.report.leak_notes import leak_notes
from conformance.report.observed import observed_text
from conformance.report.profiles import profile_text, short_versions_text, versions_text
from conformance.report.sections import LOUD, result_groups
from conformance.report.text_layout import Layout, text_of, wrapped

_NEW_SHOWN = 50  # groups of new failures that are shown in the short text
_LINES = 36  # lines of known failures and of differences between versions in the short text


def terminal_text(report: Report, layout: Layout, *, verbose: bool = False) -> str:
    """The text for a run or a fuzz."""
    if report.fuzz is not None:
        return fuzz_text(report)
    parts: tuple[str, ...]
    if verbose or len(report.verdicts) <= FEW:
        parts = (
            matrix(report, layout),
            findings(report, layout, verbose=verbose),
            text_of(list(observed_text(report.verdicts, layout))),
            profile_text(report.profiles, layout),
            versions_text(report.versions, layout.width),
            closing(report, layout),
        )
    else:
        versions = short_versions_text(report.versions, layout.width)
        parts = (
            lanes_text(report, layout, most=_LINES - versions.count("\n")),
            new_failures(report, layout),
            text_of(list(leak_lines(report, layout))),
            versions,
            text_of([*suspect_lines(report, layout), *result_line(report, layout)]),
        )
    return "\n".join(part for part in parts if part)


def leak_lines(report: Report, layout: Layout) -> Iterator[str]:
    """One line for each rule about leaks of which there are notes."""
    for one in leak_notes(report.verdicts):
        first, *rest = wrapped(one.text, "note  ", layout.width, break_words=False)
        yield from (first.replace("note", layout.colored("note", "note"), 1), *rest)


def new_failures(report: Report, layout: Layout) -> str:
    """The new failures, those that are alike reported once; the first of many; may be empty."""
    new = alike_results(g for g in result_groups(report.verdicts) if g.word in LOUD)
    out: list[str] = []
    for alike in new[:_NEW_SHOWN]:
        out += [*alike_lines(alike, report, layout), ""]
    if more := sum(len(alike.groups) for alike in new[_NEW_SHOWN:]):
        out.append(f"{more} more new failures: report.html, or with -v")
    return text_of(out)
