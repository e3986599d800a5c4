"""`summary.md`: the report in GitHub-flavoured Markdown, for the summary page of a CI job.

Pure. It begins with the result, then the failures, those that are alike once, and is short enough
for a comment on GitHub: what does not fit is left to report.html. Values that a server or an SDK
has sent are in code spans or escaped, so that they cannot be markup, and shortened.
"""

from collections.abc import Iterable, Iterator

from conformance.model.case import Level
from conformance.report.alike_results import (
    AlikeResults,
    alike_results,
    repeat_all,
    where_all,
)
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
    beneath_text,
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
from conformance.report.sized_page import LONGEST, Section, sized
from conformance.report.wording import got_words
from conformance.results import LaneRecord

_SHOWN = 600  # characters of a value
_CASES = 5  # cases of a reason
_FINDINGS = 6  # findings of a failure
# Characters of sections that can be long; what one leaves is for those after it.
_FAILURES, _KNOWN, _MATRIX, _AGREEMENTS, _NOTES = 26_000, 14_000, 10_000, 5_000, 4_000
_OBSERVED = 4_000


def summary(report: Report) -> str:
    """The page for a run or a fuzz."""
    return _fuzz(report) if report.fuzz is not None else _run(report)


def _fuzz(report: Report) -> str:
    lines = fuzz_text(report).splitlines()
    heading = f"# Fuzzing, run {report.run.id}\n\n```text"
    text = Section(heading=heading, blocks=tuple(map(_short, lines)), most=LONGEST - 1000)
    return sized([text, Section(blocks=("```",))])


def _run(report: Report) -> str:
    ending = f"Exit code {report.exit}{duration(report)}, mode {report.run.mode}."
    agreement = agreement_text(report)
    top = [
        f"# OSS image/bodies conformance: {headline(report)}",
        "",
        f"{counts_text(report.counts)}. {ending}",
        *(["", f"{agreement.capitalize()}."] if agreement else []),
    ]
    groups = result_groups(report.verdicts)
    new = alike_results(group for group in groups if group.word in LOUD)
    notes = alike_results(group for group in groups if group.word == "note")
    profiles = profiles_page(report.profiles, report.versions)
    return sized(
        [
            Section(blocks=("\n".join(top),)),
            _section("Lanes", ["\n".join(_lanes(report.lanes))]),
            _section("Findings", (_block(_alike(alike, report)) for alike in new), _FAILURES),
            _section("Known failures", _known(groups, report), _KNOWN),
            _section("Cases", _matrix(report), _MATRIX),
            _section("Agreement", _agreements(report), _AGREEMENTS),
            _section("Skipped", _skipped(report)),
            _section("Notes", (_block(_alike(alike, report)) for alike in notes), _NOTES),
            _lines(profiles),
            _lines(observed_page(report.verdicts), _OBSERVED),
            _section("How to cite this run", [_citation(report)]),
        ]
    )


def _section(title: str, blocks: Iterable[str], most: int = LONGEST) -> Section:
    return Section(heading=f"\n## {title}\n", blocks=tuple(blocks), most=most)


def _lines(text: str, most: int = LONGEST) -> Section:
    """A part with its own headings, line by line."""
    return Section(blocks=tuple(text.splitlines()), most=most)


def _block(lines: Iterable[str]) -> str:
    return "\n".join([*lines, ""])


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"


def _citation(report: Report) -> str:
    return f"{plain(sentence(report))}\n\n```bibtex\n{bibtex(report)}\n```\n"


def _lanes(lanes: Iterable[LaneRecord]) -> Iterator[str]:
    yield "| lane | what ran |"
    yield "|---|---|"
    for lane in lanes:
        if lane.status == "ran":
            shown = "".join(f"<br>{plain(text)}" for text in beneath_text(lane))
            yield f"| {plain(lane.lane)} | {plain(loaded_text(lane))}{shown} |"
        else:
            reason, remedy = not_run_reason(lane)
            shown = f"<br>{code(_short(' '.join(remedy)), cell=True)}" if remedy else ""
            yield f"| {plain(lane.lane)} | **not run**: {plain(_short(reason))}{shown} |"


def _matrix(report: Report) -> Iterator[str]:
    lanes = report.run.lanes
    table = rows(report.verdicts, lanes)
    if not table:
        yield "No case was judged."
        return
    yield "| case | " + " | ".join(map(plain, lanes)) + " |"
    yield "|---|" + "---|" * len(lanes)
    for label, cells, count in folded(table, loud_too=True):
        shown = [f"**{word}**" if word in LOUD else word for word in cells]
        name = code(label, cell=True) + (f" ({count})" if count > 1 else "")
        yield f"| {name} | {' | '.join(shown)} |"
    if meanings := legend(table):
        yield from ("", f"{meanings}.")


def _known(groups: Iterable[ResultGroup], report: Report) -> Iterator[str]:
    """Known failures, one line for a reason, with the command for its first case.

    What breaks a must comes first, and then what shows in most cases: a page that is full leaves
    the least.
    """
    reasons: dict[str, list[ResultGroup]] = {}
    for group in groups:
        if group.word == "known":
            reasons.setdefault(group.reason, []).append(group)
    for reason, same in sorted(reasons.items(), key=_weight):
        lanes = ", ".join(sorted({lane for group in same for lane in group.lanes}))
        cases = list(dict.fromkeys(group.case for group in same))
        more = f" and {len(cases) - _CASES} more" if len(cases) > _CASES else ""
        shown = ", ".join(map(code, cases[:_CASES])) + more
        repeat = code(report.repeat(same[0].case, same[0].lanes))
        yield f"- {plain(lanes)}: {plain(_short(reason))} {shown}; repeat: {repeat}"


def _weight(known: tuple[str, list[ResultGroup]]) -> tuple[bool, int]:
    findings = (finding for group in known[1] for finding in group.findings)
    required = any(finding.claim is Level.REQUIRED for finding in findings)
    return not required, -len({group.case for group in known[1]})


def _alike(alike: AlikeResults, report: Report) -> Iterator[str]:
    group, (names, more) = alike.example, alike.others
    case = report.cases[group.case]
    heading = plain(alike.heading) if names else code(group.case)
    yield f"### {group.word} {heading} on {plain(', '.join(group.lanes))}"
    first = f"{code(group.case)}: " if names else ""
    yield from ("", first + plain(_short(case.title)), "")
    if group.why:
        yield f"- why: {plain(_short(group.why))}"
    sources = sources_of(group, case.provenance)
    for finding, source in sources[:_FINDINGS]:
        yield f"- **{finding.rule}** ({finding.claim.value}) at {plain(_short(finding.where))}"
        yield f"  - expected: {code(_short(finding.expected))}"
        yield f"  - got: {code(_short(finding.got))}"
        yield f"  - why it matters: {plain(_short(finding.why))}"
        if source:
            yield f"  - source: {plain(source)}"
    if len(sources) > _FINDINGS:
        yield f"- {len(sources) - _FINDINGS} more findings"
    if not sources or not all(source for _, source in sources):
        yield f"- source: {plain(source_of(case.provenance))}"
    if names:
        text = ", ".join(map(code, names)) + (f" and {more} more" if more else "")
        yield f"- alike: {text} ({plain(where_all(report))})"
    yield f"- repeat: {code(report.repeat(group.case, group.lanes))}"
    if command := repeat_all(alike, report):
        yield f"- repeat all {len(alike.groups)}: {code(command)}"


def _agreements(report: Report) -> Iterator[str]:
    for case in suspects(report.agreements):
        yield f"- {code(case)}: {plain(suspect_advice(report, case))}"
    for record in differing(report.agreements):
        lines = [f"- {code(record.agreement.case)}: the lanes differ"]
        for got, lanes in record.agreement.groups:
            lines.append(f"  - {plain(', '.join(lanes))}: {code(_short(got_words(got)))}")
        yield "\n".join(lines)


def _skipped(report: Report) -> Iterator[str]:
    for reason, counts in skipped(report.verdicts).items():
        lanes = ", ".join(f"{plain(lane)} ({count})" for lane, count in counts.items())
        yield f"- {plain(_short(reason))}: {lanes}"
