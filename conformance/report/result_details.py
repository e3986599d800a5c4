"""What a report says of a result in full, in its order: the walk that text and Markdown share.

Pure. Results that are alike are said once, with the names of other cases and one command for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.model.verdict import Finding
from conformance.report.alike_results import AlikeResults, repeat_all
from conformance.report.assemble import Report
from conformance.report.known_causes import entries_of, upkeep
from conformance.report.sections import source_of, sources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One thing that is said: a finding, or a text with its name."""

    name: str  # `why`, `source`, `owner`, `alike`, `repeat`, ...; of a finding empty
    text: str = ""
    cases: tuple[str, ...] = ()  # before the text
    finding: Finding | None = None
    nested: bool = False  # about the finding before it
    command: bool = False


def result_details(alike: AlikeResults, report: Report) -> Iterator[Detail]:
    """Everything but the heading and the title."""
    group, (names, more) = alike.example, alike.others
    case = report.cases[group.case]
    if group.why:
        yield Detail(name="why", text=group.why)
    sources = sources_of(group, case.provenance)
    for finding, source in sources:
        yield Detail(name="", finding=finding)
        if source:
            yield Detail(name="source", text=source, nested=True)
    if not sources or not all(source for _, source in sources):
        yield Detail(name="source", text=source_of(case.provenance))
    for name, value in upkeep(entries_of(group, report)):
        yield Detail(name=name, text=value)
    if names:
        text = f"(all are in report.html; to print one: oss-bodies show {report.folder}/CASE)"
        text = f"and {more} more {text}" if more else text
        yield Detail(name="alike", text=text, cases=names)
    yield Detail(name="repeat", text=report.repeat(group.case, group.lanes), command=True)
    if command := repeat_all(alike, report):
        yield Detail(name=f"all {len(alike.groups)}", text=command, command=True)
