"""`summary.md`: the report in GitHub-flavoured Markdown, for the summary page of a CI job.

Pure. It begins with the result. Values that a server or an SDK has sent are in code spans or
escaped, so that they cannot be markup.
"""

from collections.abc import Iterable, Iterator

from conformance.report.assemble import Report
from conformance.report.citation import bibtex, sentence
from conformance.report.fuzzing import fuzz_text
from conformance.report.markdown import code, plain
from conformance.report.observed import observed_page
from conformance.report.profiles import profiles_page
from conformance.report.sections import (
    LOUD,
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
)
from conformance.results import LaneRecord


def summary(report: Report) -> str:
    """The page for a run or a fuzz."""
    return _fuzz(report) if report.fuzz is not None else _run(report)


def _fuzz(report: Report) -> str:
    return f"# Fuzzing, run {report.run.id}\n\n```text\n{fuzz_text(report)}```\n"


def _run(report: Report) -> str:
    ending = f"Exit code {report.exit}{duration(report)}, mode {report.run.mode}."
    agreement = agreement_text(report)
    out = [
        f"# OSS image/bodies conformance: {headline(report)}",
        "",
        f"{counts_text(report.counts)}. {ending}",
        *(["", f"{agreement.capitalize()}."] if agreement else []),
        *("", "## Lanes", "", *_lanes(report.lanes)),
        *("", "## Cases", "", *_matrix(report)),
        *_findings(report),
        *_agreements(report),
        *_skipped(report),
    ]
    profiles = profiles_page(report.profiles, report.versions)
    pages = profiles + observed_page(report.verdicts) + _citation(report)
    return "\n".join(out) + "\n" + pages


def _citation(report: Report) -> str:
    entry = f"```bibtex\n{bibtex(report)}\n```"
    return f"\n## How to cite this run\n\n{plain(sentence(report))}\n\n{entry}\n"


def _lanes(lanes: Iterable[LaneRecord]) -> Iterator[str]:
    yield "| lane | what ran |"
    yield "|---|---|"
    for lane in lanes:
        if lane.status == "ran":
            yield f"| {plain(lane.lane)} | {plain(loaded_text(lane))} |"
        else:
            reason, remedy = not_run_reason(lane)
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
    if meanings := legend(table):
        yield from ("", f"{meanings}.")


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
    sources = sources_of(group, case.provenance)
    for finding, source in sources:
        yield f"- **{finding.rule}** ({finding.claim.value}) at {plain(finding.where)}"
        yield f"  - expected: {code(finding.expected)}"
        yield f"  - got: {code(finding.got)}"
        yield f"  - why it matters: {plain(finding.why)}"
        if source:
            yield f"  - source: {plain(source)}"
    if not sources or not all(source for _, source in sources):
        yield f"- source: {plain(source_of(case.provenance))}"
    if group.word != "known":
        yield f"- repeat: {code(report.repeat(group.case, group.lanes))}"


def _agreements(report: Report) -> Iterator[str]:
    records = report.agreements
    if any(record.suspect or not record.agreement.agree for record in records):
        yield from ("", "## Agreement", "")
    for case in suspects(records):
        yield f"- {code(case)}: {plain(suspect_advice(report, case))}"
    for record in differing(records):
        yield f"- {code(record.agreement.case)}: the lanes differ"
        for got, lanes in record.agreement.groups:
            yield f"  - {plain(', '.join(lanes))}: {code(got)}"


def _skipped(report: Report) -> Iterator[str]:
    reasons = skipped(report.verdicts)
    if reasons:
        yield from ("", "## Skipped", "")
    for reason, counts in reasons.items():
        lanes = ", ".join(f"{plain(lane)} ({count})" for lane, count in counts.items())
        yield f"- {plain(reason)}: {lanes}"
