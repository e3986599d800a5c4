"""`summary.md`: the terminal's content in GitHub-flavoured Markdown, for a CI job's summary page.

Pure. The first lines carry the result; the matrix shows folded rows, as the terminal
does. Everything that came over the wire is put into code spans, so that it cannot be markup.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.model.case import Case
from conformance.model.verdict import Verdict
from conformance.report.sections import (
    EXITS,
    LEGEND,
    Place,
    ResultGroup,
    again,
    agreed,
    counted,
    differing,
    folded,
    loaded,
    provenance_of,
    result_groups,
    rows,
    skipped,
    suspects,
)
from conformance.results import AgreementRecord, End, LaneRecord

_BOLD = ("FAIL", "ERR", "ok!")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def summary(  # noqa: PLR0913, PLR0917 - one for each part of the page
    end: End,
    lanes: Sequence[LaneRecord],
    verdicts: Sequence[Verdict],
    agreements: Sequence[AgreementRecord],
    cases: Mapping[str, Case],
    place: Place,
) -> str:
    """The page. cases: the corpus at hand, for titles and provenance; place: where it ran."""
    meaning = EXITS.get(end.exit, "unknown")
    stopped = "interrupted, " if end.interrupted and end.exit != 130 else ""
    out = [
        f"# OSS image/bodies conformance: {stopped}{meaning}",
        "",
        f"{counted(end.counts)}. Exit code {end.exit}, {end.seconds:.1f} s, mode {place.mode}.",
    ]
    if end.counts.agree or end.counts.differ:
        out += ["", f"{agreed(end.counts, len(suspects(agreements)))}."]
    out += ["", "## Lanes", "", *_lanes(lanes)]
    out += ["", "## Cases", "", *_matrix(verdicts, [lane.lane for lane in lanes])]
    items = result_groups(verdicts)
    if items:
        out += ["", "## Findings"]
        for item in items:
            out += ["", *_told(item, cases, place)]
    if any(record.suspect or not record.agreement.agree for record in agreements):
        out += ["", "## Agreement", "", *_agreements(agreements)]
    reasons = skipped(verdicts)
    if reasons:
        out += ["", "## Skipped", ""]
        for reason, by in reasons.items():
            on = ", ".join(f"{plain(lane)} ({count})" for lane, count in by.items())
            out.append(f"- {plain(reason)}: {on}")
    return "\n".join(out) + "\n"


def _lanes(lanes: Iterable[LaneRecord]) -> Iterator[str]:
    yield "| lane | what ran |"
    yield "|---|---|"
    for lane in lanes:
        if lane.status == "ran":
            yield f"| {plain(lane.lane)} | {plain(loaded(lane))} |"
        else:
            first, _, rest = (lane.reason or "no reason was given").partition("\n")
            mend = f"<br>{code(' '.join(rest.split()), cell=True)}" if rest.strip() else ""
            yield f"| {plain(lane.lane)} | **not run**: {plain(first)}{mend} |"


def _matrix(verdicts: Iterable[Verdict], lanes: Sequence[str]) -> Iterator[str]:
    table = rows(verdicts, lanes)
    if not table:
        yield "No case was judged."
        return
    yield "| case | " + " | ".join(map(plain, lanes)) + " |"
    yield "|---|" + "---|" * len(lanes)
    for label, cells, count in folded(table):
        shown = [f"**{word}**" if word in _BOLD else word for word in cells]
        name = code(label, cell=True) + (f" ({count})" if count > 1 else "")
        yield f"| {name} | {' | '.join(shown)} |"
    used = {word for cells in table.values() for word in cells}
    legend = [f"{word}: {text}" for word, text in LEGEND.items() if word in used]
    if legend:
        yield ""
        yield "; ".join(legend) + "."


def _told(item: ResultGroup, cases: Mapping[str, Case], place: Place) -> Iterator[str]:
    yield f"### {item.word} {code(item.case)} on {plain(', '.join(item.lanes))}"
    yield ""
    case = cases.get(item.case)
    if case is not None:
        yield f"{plain(case.title)}"
        yield ""
    if item.reason:
        passes = "It passes; take it off the list: " if item.word == "ok!" else ""
        yield f"- why: {passes}{plain(item.reason)}"
    for finding in item.findings:
        yield f"- **{finding.rule}** ({finding.claim.value}) at {plain(finding.where)}"
        yield f"  - expected: {code(finding.expected)}"
        yield f"  - got: {code(finding.got)}"
        yield f"  - why it matters: {plain(finding.why)}"
    word = provenance_of(item.case, cases)
    if word is not None:
        yield f"- on whose word: {plain(word)}"
    if item.word != "known":
        yield f"- again: {code(again(item.case, item.lanes, place))}"


def _agreements(records: Sequence[AgreementRecord]) -> Iterator[str]:
    for case in suspects(records):
        yield f"- {code(case)}: every lane fails it alike, so the case itself is the suspect"
    for record in differing(records):
        yield f"- {code(record.agreement.case)}: the lanes differ"
        for got, lanes in record.agreement.groups:
            yield f"  - {plain(', '.join(lanes))}: {code(got)}"


def plain(text: str) -> str:
    """Text on one line that is no markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str, *, cell: bool = False) -> str:
    """A code span on one line that holds any text; in a table its pipes are escaped (GFM 4.10)."""
    line = " ".join(text.splitlines())
    if cell:
        line = line.replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    fence = "`" * ticks
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
