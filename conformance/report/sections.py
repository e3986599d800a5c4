"""The content that the terminal and the summary page share: cells, rows, groups, sentences.

Pure. Results are counted, never given as a percentage.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.errors import ExitCode
from conformance.model.case import Level, Provenance, Source
from conformance.model.manifest import runner_of
from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.report.assemble import Report
from conformance.report.leak_notes import leak_notes
from conformance.results import AgreementRecord, LaneRecord

NOT_RUN = "-"
_CELLS = {Outcome.PASS: "ok", Outcome.FAIL: "FAIL", Outcome.ERROR: "ERR", Outcome.SKIP: "skip"}
_LISTED = {**_CELLS, Outcome.FAIL: "known", Outcome.PASS: "ok!"}
# Cells that need attention.
LOUD = ("FAIL", "ERR", "ok!")
LEGEND = {
    "FAIL": "a required expectation does not hold",
    "ERR": "could not be judged",
    "skip": "a capability is missing",
    "known": "fails as a known-failing list says",
    "ok!": "passes although a known-failing list says it fails",
    "note": "passes, with a recommendation not followed",
    NOT_RUN: "not run",
}
# The one definition of `passed`; counts of it come from `passed`.
PASSED_MEANS = (
    "passed: every required expectation holds; cases with a note, and those that a known-failing "
    "list still names, are counted as passed too"
)
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
    """A result other than a pass or a skip, with the lanes that have it on one case."""

    word: str  # the cell (`FAIL`, `ERR`, `ok!`, `known`), or `note`: a pass with findings
    case: str
    lanes: tuple[str, ...]
    findings: tuple[Finding, ...]
    # ERR: why; known and ok!: the reason in the known-failing list; FAIL: an entry that has expired
    reason: str

    @property
    def why(self) -> str:
        """The reason, with the remedy for `ok!`; may be empty."""
        if self.word == "ok!":
            return f"it passes; remove it from its known-failing list: {self.reason}"
        return self.reason


def cell(verdict: Verdict | None) -> str:
    """The cell for one trial; `LEGEND` explains all but `ok`."""
    if verdict is None:
        return NOT_RUN
    return (_CELLS if verdict.known_failing is None else _LISTED)[verdict.outcome]


def word_of(verdict: Verdict | None) -> str:
    """The cell for one trial, or `note` if it passes with findings that are only recommended."""
    text = cell(verdict)
    return "note" if text == "ok" and verdict is not None and verdict.findings else text


def passed(verdicts: Iterable[Verdict]) -> int:
    """The number of trials that passed; see `PASSED_MEANS`."""
    return sum(verdict.outcome is Outcome.PASS for verdict in verdicts)


def rows(verdicts: Iterable[Verdict], lanes: Sequence[str]) -> Rows:
    """The cells of each case, one for each lane; cases are sorted, `sen/9` before `sen/10`."""
    table: dict[str, dict[str, Verdict]] = {}
    for verdict in verdicts:
        table.setdefault(verdict.case, {})[verdict.lane] = verdict
    return {
        case: tuple(word_of(table[case].get(lane)) for lane in lanes)
        for case in sorted(table, key=by_number)
    }


def folded(table: Rows, *, loud_too: bool = False) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Rows of the matrix: label, cells, and the number of cases.

    Cases of one topic with the same cells become one row: `process/sen/*` if it has the whole
    topic, else `process/sen, other`. Loud ones have a row each, unless `loud_too`.
    """
    topics: dict[str, Rows] = {}
    for case, cells in table.items():
        topics.setdefault(topic_of(case), {})[case] = cells
    for topic, of_topic in topics.items():
        groups: dict[tuple[str, ...], list[str]] = {}
        for case, cells in of_topic.items():
            groups.setdefault(cells, []).append(case)
        for cells, cases in groups.items():
            loud = any(word in LOUD for word in cells)
            if len(cases) == 1 or (loud and not loud_too):
                yield from ((case, cells, 1) for case in cases)
            else:
                label = f"{topic}/*" if len(cases) == len(of_topic) else f"{topic}, other"
                yield label, cells, len(cases)


def legend(table: Rows) -> str:
    """The meaning of the words in a matrix."""
    used = {word for cells in table.values() for word in cells}
    return "; ".join(f"{word}: {text}" for word, text in LEGEND.items() if word in used)


def result_groups(verdicts: Iterable[Verdict]) -> list[ResultGroup]:
    """All results other than passes and skips, failures first; lanes with the same are grouped."""
    groups: dict[tuple[str, str, tuple[Finding, ...], str], list[str]] = {}
    for verdict in verdicts:
        word = word_of(verdict)
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
        key=lambda group: (order.index(group.word), by_number(group.case), group.lanes),
    )


def skipped(verdicts: Iterable[Verdict]) -> dict[str, Counter[str]]:
    """For each reason of a skip: how many cases each lane skipped."""
    reasons: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.SKIP:
            reasons.setdefault(verdict.reason, Counter())[verdict.lane] += 1
    return reasons


def source_of(provenance: Provenance) -> str:
    """Source, note, reference and date of a case in one line."""
    details = ", ".join(filter(None, (provenance.reference, provenance.region, provenance.date)))
    return f"{provenance.source.value}: {provenance.note}" + (f" ({details})" if details else "")


def sources_of(group: ResultGroup, case: Provenance) -> list[tuple[Finding, str]]:
    """Each finding with its source; "" if that is the case's, which is given once for all."""
    return [
        (finding, "" if finding.source in (None, case) else source_of(finding.source))
        for finding in group.findings
    ]


def is_derived(report: Report, group: ResultGroup) -> bool:
    """Whether a result rests on a conclusion of the suite, see `wording.DERIVED_MEANS`."""
    case = report.cases[group.case].provenance
    return any((one.source or case).source is Source.DERIVED for one in group.findings)


def suspect_advice(report: Report, case: str) -> str:
    """What to check first about a case that every lane fails alike: it, or the rule it fails by."""
    sources = {
        source_of(finding.source)
        for verdict in report.verdicts
        if verdict.case == case
        for finding in verdict.findings
        if finding.source is not None and finding.source != report.cases[case].provenance
        if finding.claim is Level.REQUIRED  # what a case fails by, see judge.agreement.suspect
    }
    advice = "every lane fails it in the same way, so check the case first"
    return advice + "".join(f"; a rule of every case: {source}" for source in sorted(sources))


def headline(report: Report) -> str:
    """The result of the run in words, such as `no new failures; 12 known: java 10, go 2`."""
    meaning, known = _EXITS[ExitCode(report.exit)], report.counts.known_failing
    if known:
        counts = Counter(verdict.lane for verdict in report.verdicts if cell(verdict) == "known")
        names = short_names(report.run.lanes)
        by_lane = ", ".join(f"{names[lane]} {count}" for lane, count in counts.most_common())
        meaning = "no new failures" if report.exit == ExitCode.PASSED else meaning
        meaning += f"; {known} known" + (f": {by_lane}" if by_lane else "")
    if leaks := leak_notes(report.verdicts):
        meaning = "no failures" if meaning == _EXITS[ExitCode.PASSED] else meaning
        meaning += "; notes: " + ", ".join(f"{one.rule} in {one.count}" for one in leaks)
    if report.cut:
        return f"results incomplete, {meaning}"
    if report.interrupted and report.exit != ExitCode.INTERRUPTED:
        return f"interrupted, {meaning}"
    return meaning


def short_names(lanes: Sequence[str]) -> dict[str, str]:
    """The name of each lane, without its version if no other lane has the same runner."""
    runners = Counter(map(runner_of, lanes))
    return {lane: runner_of(lane) if runners[runner_of(lane)] == 1 else lane for lane in lanes}


def duration(report: Report) -> str:
    """The duration of the run, to be added to a sentence; empty if it is not known."""
    return "" if report.seconds is None else f", {report.seconds:.1f} s"


def counts_text(report: Report) -> str:
    """`12 trials: 9 passed (1 with a note), 2 failed (1 known), 1 error, 0 skipped; 5 not run`."""
    counts = report.counts
    notes = sum(word_of(verdict) == "note" for verdict in report.verdicts)
    noted = f" ({notes} with a note)" if notes else ""
    trials = counts.passed + counts.fail + counts.error + counts.skip
    known = f" ({counts.known_failing} known)" if counts.known_failing else ""
    not_run = f"; {counts.not_run} not run" if counts.not_run else ""
    return (
        f"{trials} trial{'' if trials == 1 else 's'}: {counts.passed} passed{noted}, "
        f"{counts.fail} failed{known}, {counts.error} error{'' if counts.error == 1 else 's'}, "
        f"{counts.skip} skipped{not_run}"
    )


def agreement_text(report: Report) -> str:
    """The numbers of cases on which the lanes agree and differ, and of suspects; may be empty."""
    counts, suspected = report.counts, len(suspects(report.agreements))
    if not (counts.agree or counts.differ):
        return ""
    text = f"lanes agree on {counts.agree} cases and differ on {counts.differ}"
    return text + (f"; suspect, because every lane fails alike: {suspected}" if suspected else "")


def loaded_text(lane: LaneRecord) -> str:
    """The SDK that a lane loaded, its runtime and its image."""
    sdk = "no SDK" if lane.sdk is None else f"{lane.sdk} {lane.sdk_version or '(unknown version)'}"
    image = f"image {lane.image[:19]}" if lane.image else ""
    return ", ".join(part for part in (sdk, _checkout(lane), lane.runtime, image) if part)


def _checkout(lane: LaneRecord) -> str:
    """The commit of a checkout, if it is known, and its files."""
    if lane.checkout is None:
        return ""
    files = f"files sha256:{lane.checkout.tree[:12]}"
    return files if lane.checkout.describe is None else f"{lane.checkout.describe} ({files})"


def beneath_text(lane: LaneRecord) -> list[str]:
    """The libraries that a lane loaded under its SDK, and what the SDK says of its defaults."""
    named = (("with", lane.dependencies), ("defaults:", lane.defaults))
    return [
        f"{label} {', '.join(f'{name} {value}' for name, value in pairs)}"
        for label, pairs in named
        if pairs
    ]


def not_run_reason(lane: LaneRecord) -> tuple[str, list[str]]:
    """Why a lane did not run, and the lines of the remedy."""
    first, *remedy = (lane.reason or "no reason was given").splitlines()
    return first, [line.strip() for line in remedy]


def differing(records: Iterable[AgreementRecord]) -> list[AgreementRecord]:
    """The cases on which lanes differ, sorted by id."""
    differ = (record for record in records if not record.agreement.agree)
    return sorted(differ, key=lambda record: by_number(record.agreement.case))


def suspects(records: Iterable[AgreementRecord]) -> list[str]:
    """The ids of the cases that every lane failed in the same way, sorted."""
    return sorted((r.agreement.case for r in records if r.suspect), key=by_number)


def alone(report: Report) -> dict[str, str]:
    """The lane that differs from all others, which agree, by case; only with three or more."""
    found = {}
    for record in report.agreements:
        groups = record.agreement.groups
        if len(groups) == 2:
            (lone, *rest), others = sorted((lanes for _, lanes in groups), key=len)
            if not rest and len(others) > 1:
                found[record.agreement.case] = lone
    return found


def topic_of(case: str) -> str:
    """The first two parts of a case id, such as `process/sen`."""
    return "/".join(case.split("/")[:2])


def by_number(case: str) -> list[tuple[int, int, str]]:
    """A sort key for case ids that compares numbers in them by value."""
    parts = case.split("/")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
