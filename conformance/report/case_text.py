"""One case of a run as text: each lane's result in full, and how the lanes differ.

Pure.
"""

from dataclasses import replace

from conformance.report.assemble import Report
from conformance.report.full_text import difference_lines, result_lines
from conformance.report.sections import result_groups, source_of, word_of
from conformance.report.text_layout import Layout, text_of, wrapped


def of_case(report: Report, case: str) -> Report:
    """The report with only the verdicts and the agreement of one case."""
    return replace(
        report,
        verdicts=tuple(verdict for verdict in report.verdicts if verdict.case == case),
        agreements=tuple(one for one in report.agreements if one.agreement.case == case),
    )


def case_text(report: Report, layout: Layout) -> str:
    """The results of a report that `of_case` made."""
    width = layout.width
    case = report.cases[report.verdicts[0].case]
    out = [case.case, *wrapped(case.title, "  ", width)]
    out += [*wrapped(source_of(case.provenance), "  source    ", width, break_words=False), ""]
    alike: dict[str, list[str]] = {}
    for verdict in report.verdicts:
        if (word := word_of(verdict)) in ("ok", "skip"):
            reason = f" ({verdict.reason})" if verdict.reason else ""
            alike.setdefault(word + reason, []).append(verdict.lane)
    for text, lanes in alike.items():
        out += wrapped(f"{text}: {', '.join(lanes)}", "", width)
    for group in result_groups(report.verdicts):
        out += ["", *result_lines(group, report, layout)]
    out += ["", *difference_lines(report.agreements, layout)]
    out += ["", f"evidence: {report.folder}/report.html#/case/{case.case}"]
    return text_of(out)
