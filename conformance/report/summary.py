"""`summary.md`: the terminal's content in GitHub-flavoured Markdown, for a CI job's summary page.

Pure. The first lines carry the result; the matrix shows folded rows, as the terminal does.
Everything that came over the wire is put into code spans, so that it cannot be markup.
"""

from collections.abc import Iterable, Iterator, Sequence

from conformance.report.assemble import Report
from conformance.report.fuzzing import fuzz_text
from conformance.report.markdown import code, plain
from conformance.report.profiles import page
from conformance.report.sections import (
    LEGEND,
    LOUD,
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
from conformance.results import AgreementRecord, LaneRecord


def summary(report: Report) -> str:
    """The page."""
    return _fuzz(report) if report.fuzz is not None else _run(report)


def _fuzz(report: Report) -> str:
    return f"# Fuzzing, run {report.run.id}\n\n```text\n{fuzz_text(report)}```\n"


def _run(report: Report) -> str:
    where = f"Exit code {report.exit}{in_seconds(report)}, mode {report.run.mode}."
    agreement = agreed(report)
    out = [
        f"# OSS image/bodies conformance: {headline(report)}",
        "",
        f"{counted(report.counts)}. {where}",
        *(["", f"{agreement}."] if agreement else []),
        *("", "## Lanes", "", *_lanes(report.lanes)),
        *("", "## Cases", "", *_matrix(report)),
        *_findings(report),
        *_agreements(report.agreements),
        *_skipped(report),
    ]
    return "\n".join(out) + "\n" + page(report.profiles, report.versions)


def _lanes(lanes: Iterable[LaneRecord]) -> Iterator[str]:
    yield "| lane | what ran |"
    yield "|---|---|"
    for lane in lanes:
        if lane.status == "ran":
            yield f"| {plain(lane.lane)} | {plain(loaded(lane))} |"
        else:
            reason, remedy = not_run(lane)
            shown = f"<br>{code(' '.join(remedy), cell=True)}" if remedy else ""
            yield f"| {plain(lane.lane)} | **not run**: {plain(reason)}{shown} |"


def _matrix(report: Report) -> Iterator[str]:
    lanes = report.run.lanes
    table = rows(report.verdicts, lanes)
    if not table:
        yield "No case was judged."
        return
    yield "| case | " + " | ".join(map(plain, lanes)) + " |"
    yield "|---|" + "---|" * len(lanes)
    for label, cells, count in folded(table):
        shown = [f"**{word}**" if word in LOUD else word for word in cells]
        name = code(label, cell=True) + (f" ({count})" if count > 1 else "")
        yield f"| {name} | {' | '.join(shown)} |"
    used = {word for cells in table.values() for word in cells}
    legend = [f"{word}: {text}" for word, text in LEGEND.items() if word in used]
    if legend:
        yield ""
        yield "; ".join(legend) + "."


def _findings(report: Report) -> Iterator[str]:
    groups = result_groups(report.verdicts)
    if groups:
        yield from ("", "## Findings")
    for group in groups:
        yield ""
        yield from _group(group, report)


def _group(group: ResultGroup, report: Report) -> Iterator[str]:
    case = report.cases[group.case]
    yield f"### {group.word} {code(group.case)} on {plain(', '.join(group.lanes))}"
    yield from ("", plain(case.title), "")
    if group.why:
        yield f"- why: {plain(group.why)}"
    for finding in group.findings:
        yield f"- **{finding.rule}** ({finding.claim.value}) at {plain(finding.where)}"
        yield f"  - expected: {code(finding.expected)}"
        yield f"  - got: {code(finding.got)}"
        yield f"  - why it matters: {plain(finding.why)}"
    yield f"- source: {plain(source_of(case.provenance))}"
    if group.word != "known":
        yield f"- repeat: {code(report.repeat(group.case, group.lanes))}"


def _agreements(records: Sequence[AgreementRecord]) -> Iterator[str]:
    if any(record.suspect or not record.agreement.agree for record in records):
        yield from ("", "## Agreement", "")
    for case in suspects(records):
        yield f"- {code(case)}: every lane fails it alike, so the case itself is the suspect"
    for record in differing(records):
        yield f"- {code(record.agreement.case)}: the lanes differ"
        for got, lanes in record.agreement.groups:
            yield f"  - {plain(', '.join(lanes))}: {code(got)}"


def _skipped(report: Report) -> Iterator[str]:
    reasons = skipped(report.verdicts)
    if reasons:
        yield from ("", "## Skipped", "")
    for reason, by in reasons.items():
        on = ", ".join(f"{plain(lane)} ({count})" for lane, count in by.items())
        yield f"- {plain(reason)}: {on}"
