"""What every output says, before it is laid out: cells, folded rows, grouped findings, sentences.

Pure. The terminal and the summary page say the same because both take it from here. A row with a
failure or an error is never folded; verdicts with the same findings on several lanes make one
group, with all their lanes. Counts, never a percentage.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.errors import ExitCode
from conformance.model.case import Provenance
from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.report.assemble import Report
from conformance.results import AgreementRecord, Counts, LaneRecord

NOT_RUN = "-"
_CELLS = {Outcome.PASS: "ok", Outcome.FAIL: "FAIL", Outcome.ERROR: "ERR", Outcome.SKIP: "skip"}
_LISTED = {**_CELLS, Outcome.FAIL: "known", Outcome.PASS: "ok!"}
# Cells that need attention: their rows are never folded.
LOUD = ("FAIL", "ERR", "ok!")
LEGEND = {
    "FAIL": "a required expectation does not hold",
    "ERR": "could not be judged",
    "skip": "a capability is missing",
    "known": "fails as its known-failing list says",
    "ok!": "passes, though its known-failing list says it fails",
    NOT_RUN: "not run",
}
_EXITS = {
    ExitCode.PASSED: "conformant",
    ExitCode.FINDINGS: "findings",
    ExitCode.WRONG_INPUT: "the input is wrong",
    ExitCode.COULD_NOT_RUN: "something could not run",
    ExitCode.INTERRUPTED: "interrupted",
}
Rows = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """A result that is more than a pass or a skip, with the lanes that got it on one case."""

    word: str  # the cell (`FAIL`, `ERR`, `ok!`, `known`), or `note`: a pass with findings
    case: str
    lanes: tuple[str, ...]
    findings: tuple[Finding, ...]
    reason: str  # of ERR why; of known and ok! that of the known-failing list

    @property
    def why(self) -> str:
        """The reason as a sentence; empty if there is none."""
        return f"It passes; remove its entry: {self.reason}" if self.word == "ok!" else self.reason


def cell(verdict: Verdict | None) -> str:
    """The word for one trial: `ok`, `FAIL`, `ERR`, `skip`, `known`, `ok!` or `-`."""
    if verdict is None:
        return NOT_RUN
    return (_CELLS if verdict.known_failing is None else _LISTED)[verdict.outcome]


def rows(verdicts: Iterable[Verdict], lanes: Sequence[str]) -> Rows:
    """Case id -> its cells, one a lane; cases sorted by id, numbers in it by their value."""
    table: dict[str, dict[str, Verdict]] = {}
    for verdict in verdicts:
        table.setdefault(verdict.case, {})[verdict.lane] = verdict
    return {
        case: tuple(cell(table[case].get(lane)) for lane in lanes)
        for case in sorted(table, key=_by_number)
    }


def folded(table: Rows) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Lines of the matrix: label, cells and how many cases it stands for.

    Cases of one topic (the first two parts of the id) with the same quiet cells become one line,
    `process/sen/*` if it is the whole topic and `process/sen, other` if it is the rest of it.
    """
    topics: dict[str, Rows] = {}
    for case, cells in table.items():
        topics.setdefault("/".join(case.split("/")[:2]), {})[case] = cells
    for topic, inside in topics.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for case, cells in inside.items():
            loud = any(word in LOUD for word in cells)
            alike.setdefault((*cells, case) if loud else cells, []).append(case)
        for cases in alike.values():
            label = f"{topic}/*" if len(cases) == len(inside) else f"{topic}, other"
            yield cases[0] if len(cases) == 1 else label, inside[cases[0]], len(cases)


def result_groups(verdicts: Iterable[Verdict]) -> list[ResultGroup]:
    """Everything but passes and skips; lanes with the same result together, failures first."""
    groups: dict[tuple[str, str, tuple[Finding, ...], str], list[str]] = {}
    for verdict in verdicts:
        word = cell(verdict)
        if word == "ok" and verdict.findings:
            word = "note"
        if word not in (*LOUD, "known", "note"):
            continue
        reason = verdict.reason or verdict.known_failing or ""
        key = (word, verdict.case, verdict.findings, reason)
        groups.setdefault(key, []).append(verdict.lane)
    order = (*LOUD, "note", "known")
    return sorted(
        (
            ResultGroup(
                word=word, case=case, lanes=tuple(sorted(lanes)), findings=findings, reason=reason
            )
            for (word, case, findings, reason), lanes in groups.items()
        ),
        key=lambda group: (order.index(group.word), _by_number(group.case), group.lanes),
    )


def skipped(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    """Reason of the skip -> lane -> number of cases."""
    reasons: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.SKIP:
            lanes = reasons.setdefault(verdict.reason, {})
            lanes[verdict.lane] = lanes.get(verdict.lane, 0) + 1
    return reasons


def source_of(provenance: Provenance) -> str:
    """Source, note, reference and date of a case in one line."""
    place = ", ".join(
        part for part in (provenance.reference, provenance.region, provenance.date) if part
    )
    return f"{provenance.source.value}: {provenance.note}" + (f" ({place})" if place else "")


def headline(report: Report) -> str:
    """What the exit code means for this run: `no new failures (39 known)`."""
    known = report.counts.known_failing
    if report.exit == ExitCode.PASSED and known:
        meaning = f"no new failures ({known} known)"
    else:
        meaning = _EXITS[ExitCode(report.exit)]
    if report.cut:
        return f"cut before its end, {meaning}"
    stopped = report.interrupted and report.exit != ExitCode.INTERRUPTED
    return f"interrupted, {meaning}" if stopped else meaning


def in_seconds(report: Report) -> str:
    """How long the run took; nothing if it was cut."""
    return "" if report.seconds is None else f", {report.seconds:.1f} s"


def counted(counts: Counts) -> str:
    """`12 trials: 9 pass, 2 fail (1 known), 1 error, 0 skip; 5 not run`."""
    trials = counts.passed + counts.fail + counts.error + counts.skip
    known = f" ({counts.known_failing} known)" if counts.known_failing else ""
    not_run = f"; {counts.not_run} not run" if counts.not_run else ""
    return (
        f"{trials} {'trial' if trials == 1 else 'trials'}: {counts.passed} pass, "
        f"{counts.fail} fail{known}, {counts.error} error, {counts.skip} skip{not_run}"
    )


def agreed(report: Report) -> str:
    """On how many cases the lanes agree, and how many all of them fail alike; maybe empty."""
    counts, suspected = report.counts, len(suspects(report.agreements))
    if not (counts.agree or counts.differ):
        return ""
    alike = f"; suspect, because every lane fails alike: {suspected}" if suspected else ""
    agree = f"{counts.agree} cases on which the lanes agree"
    return f"{agree}, {counts.differ} on which they differ{alike}"


def loaded(lane: LaneRecord) -> str:
    """What a lane ran with: the SDK that was loaded, the runtime, the image."""
    sdk = "no SDK" if lane.sdk is None else f"{lane.sdk} {lane.sdk_version or '(unknown version)'}"
    image = f"image {lane.image[:19]}" if lane.image else ""
    return ", ".join(part for part in (sdk, lane.runtime, image) if part)


def not_run(lane: LaneRecord) -> tuple[str, list[str]]:
    """Why a lane did not run, and the lines of the remedy."""
    first, *remedy = (lane.reason or "no reason was given").splitlines()
    return first, [line.strip() for line in remedy]


def differing(records: Iterable[AgreementRecord]) -> list[AgreementRecord]:
    """The cases on which lanes differ, in the order of their ids."""
    differ = (record for record in records if not record.agreement.agree)
    return sorted(differ, key=lambda record: _by_number(record.agreement.case))


def suspects(records: Iterable[AgreementRecord]) -> list[str]:
    """Ids of the cases that every lane failed alike."""
    return sorted((r.agreement.case for r in records if r.suspect), key=_by_number)


def _by_number(case: str) -> list[tuple[int, int, str]]:
    """Sorts `sen/9` before `sen/10`."""
    parts = case.split("/")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
