"""`summary.md`: the report in GitHub-flavoured Markdown, for the summary page of a CI job.

Pure. It begins with the result, then the failures, those that are alike once, and is short enough
for a comment on GitHub: what does not fit is left to report.html. Values that a server or an SDK
has sent are in code spans or escaped, so that they cannot be markup, and shortened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from conformance.model.verdict import Finding
from conformance.report.alike_results import AlikeResults, alike_differences, alike_results
from conformance.report.assemble import Report
from conformance.report.citation import bibtex, sentence
from conformance.report.fuzzing import fuzz_text
from conformance.report.known_causes import KnownCause, known_causes, upkeep_text
from conformance.report.leak_notes import leak_notes
from conformance.report.markdown import code, lane_head, plain, with_links
from conformance.report.observed import observed_page
from conformance.report.profiles import profiles_page
from conformance.report.result_details import result_details
from conformance.report.sections import (
    LOUD,
    agreement_text,
    beneath_text,
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
    source_of,
    suspect_advice,
    suspects,
)
from conformance.report.sized_page import LONGEST, Section, sized
from conformance.report.wording import DERIVED_MEANS
from conformance.results import LaneRecord

_SHOWN = 600  # characters of a value
_CASES = 5  # cases of a reason
_FINDINGS = 6  # findings of a failure
_CLAIMS = 3  # claims that a known failure breaks
# Characters of sections that can be long; what one leaves is for those after it.
_FAILURES, _KNOWN, _MATRIX, _AGREEMENTS, _NOTES = 26_000, 24_000, 10_000, 5_000, 4_000
_PROFILES, _OBSERVED = 9_000, 3_000
# Sections of results, with their words.
_RESULTS = {"Findings": LOUD, "Known failures": ("known",), "Notes": ("note",)}
_NONE: Mapping[str, str] = MappingProxyType({})


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
        f"{counts_text(report)}. {ending}",
        *(["", f"{agreement.capitalize()}."] if agreement else []),
        *(f"\n**Note**: {plain(one.text)}." for one in leak_notes(report.verdicts)),
    ]
    results = result_groups(report.verdicts)
    groups = {
        title: [group for group in results if group.word in words]
        for title, words in _RESULTS.items()
    }
    derived = [name for name, of in groups.items() if any(is_derived(report, one) for one in of)]
    intro = dict.fromkeys(derived[:1], DERIVED_MEANS)  # where it is needed first
    new, notes = alike_results(groups["Findings"]), alike_results(groups["Notes"])
    return sized(
        [
            Section(blocks=("\n".join(top),)),
            _section("Lanes", ["\n".join(_lanes(report.lanes))]),
            _section("Findings", (_alike(one, report) for one in new), _FAILURES, intro),
            _section(
                "Known failures",
                ("\n".join(_known(cause, report)) for cause in known_causes(report)),
                _KNOWN,
                intro,
            ),
            _section("Cases", _matrix(report), _MATRIX),
            _section("Agreement", _agreements(report), _AGREEMENTS),
            _section("Skipped", _skipped(report)),
            _section("Notes", (_alike(one, report) for one in notes), _NOTES, intro),
            _lines(profiles_page(report.profiles, report.versions), _PROFILES),
            _lines(observed_page(report.verdicts), _OBSERVED),
            replace(_section("How to cite this run", [_citation(report)]), reserved=True),
        ]
    )


def _section(
    title: str, blocks: Iterable[str], most: int = LONGEST, intro: Mapping[str, str] = _NONE
) -> Section:
    """intro: a sentence below the title, by title."""
    below = f"\n{plain(intro[title])}\n" if title in intro else ""
    return Section(heading=f"\n## {title}\n{below}", blocks=tuple(blocks), most=most)


def _lines(text: str, most: int = LONGEST) -> Section:
    """A part with its own headings, line by line."""
    return Section(blocks=tuple(text.splitlines()), most=most)


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
    yield "| case | " + " | ".join(map(lane_head, lanes)) + " |"
    yield "|---|" + "---|" * len(lanes)
    for label, cells, count in folded(table, loud_too=True):
        shown = [f"**{word}**" if word in LOUD else word for word in cells]
        name = code(label, cell=True) + (f" ({count})" if count > 1 else "")
        yield f"| {name} | {' | '.join(shown)} |"
    if meanings := legend(table):
        yield from ("", f"{meanings}.")


def _known(cause: KnownCause, report: Report) -> Iterator[str]:
    """Known failures with one cause: what they break, whose claim that is, and the command for the
    first case."""
    yield f"- **{plain(', '.join(cause.lanes))}**: {plain(_short(cause.reason))}"
    for claim in cause.claims[:_CLAIMS]:
        source = with_links(_short(source_of(claim.source)))
        yield f"  - breaks {', '.join(map(code, claim.rules))} ({claim.level.value}); {source}"
    if text := upkeep_text(cause.entries):
        yield f"  - {with_links(_short(text))}"
    yield f"  - cases: {_cases(cause.cases)}"
    yield f"  - repeat: {code(report.repeat(cause.cases[0], cause.groups[0].lanes))}"


def _cases(cases: Sequence[str]) -> str:
    """The first of the cases, and how many there are."""
    more = f" and {len(cases) - _CASES} more" if len(cases) > _CASES else ""
    return ", ".join(map(code, cases[:_CASES])) + more


def _alike(alike: AlikeResults, report: Report) -> str:
    return "\n".join([*_alike_lines(alike, report), ""])


def _alike_lines(alike: AlikeResults, report: Report) -> Iterator[str]:
    group = alike.example
    case, several = report.cases[group.case], len(alike.groups) > 1
    heading = plain(alike.heading()) if several else code(group.case)
    yield f"### {group.word} {heading} on {plain(', '.join(group.lanes))}"
    first = f"{code(group.case)}: " if several else ""
    yield from ("", first + plain(_short(case.title)), "")
    shown = 0
    for detail in result_details(alike, report):
        shown += detail.finding is not None
        if shown > _FINDINGS and (detail.finding is not None or detail.nested):
            continue
        if detail.finding is not None:
            yield from _finding(detail.finding)
        elif detail.command:
            all_of = "" if detail.name == "repeat" else "repeat "
            yield f"- {all_of}{detail.name}: {code(detail.text)}"
        else:
            cases = ", ".join(map(code, detail.cases))
            text = f"{cases} {with_links(_short(detail.text))}".lstrip()
            yield f"{'  ' * detail.nested}- {detail.name}: {text}"
    if shown > _FINDINGS:
        yield f"- {shown - _FINDINGS} more findings"


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- **{finding.rule}** ({finding.claim.value}) at {plain(_short(finding.where))}"
    yield f"  - expected: {code(_short(finding.expected))}"
    yield f"  - got: {code(_short(finding.got))}"
    yield f"  - why it matters: {with_links(_short(finding.why))}"


def _agreements(report: Report) -> Iterator[str]:
    for case in suspects(report.agreements):
        yield f"- {code(case)}: {plain(suspect_advice(report, case))}"
    for one in alike_differences(report.agreements):
        total = f" ({len(one.cases)} cases)" if len(one.cases) > 1 else ""
        lines = [f"- {_cases(one.cases)}{total}: the lanes differ"]
        for lanes, words in one.groups:
            lines.append(f"  - {plain(', '.join(lanes))}: {code(_short(words))}")
        yield "\n".join(lines)


def _skipped(report: Report) -> Iterator[str]:
    for reason, counts in skipped(report.verdicts).items():
        lanes = ", ".join(f"{plain(lane)} ({count})" for lane, count in counts.items())
        yield f"- {plain(_short(reason))}: {lanes}"
