"""What every report says, before it is laid out: cells, folded rows, grouped findings, sentences.

Pure. The terminal and the summary page say the same because both take it from here. A
row with a failure or an error is never folded; verdicts with the same findings on several lanes
are told once, with all their lanes. Counts, never a percentage.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.model.case import Case, Provenance
from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.results import AgreementRecord, Counts, LaneRecord

NOT_RUN = "-"
_CELLS = {Outcome.PASS: "ok", Outcome.FAIL: "FAIL", Outcome.ERROR: "ERR", Outcome.SKIP: "skip"}
_LISTED = {**_CELLS, Outcome.FAIL: "known", Outcome.PASS: "ok!"}
# Cells that a reader has to look at: their rows are never folded.
LOUD = ("FAIL", "ERR", "ok!")
LEGEND = {
    "FAIL": "a required expectation does not hold",
    "ERR": "we could not tell",
    "skip": "a capability is missing",
    "known": "fails as its known-failing list says",
    "ok!": "passes, though its known-failing list says it fails",
    NOT_RUN: "not run",
}
EXITS = {
    0: "conformant",
    1: "findings",
    2: "the input is wrong",
    3: "something could not run",
    130: "interrupted",
}
Rows = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """What one or more lanes got alike on one case, worth telling.

    word: the cell (`FAIL`, `ERR`, `ok!`, `known`) or `note` for recommended findings of a pass.
    reason: for ERR why; for known and ok! the list's reason.
    """

    word: str
    case: str
    lanes: tuple[str, ...]
    findings: tuple[Finding, ...]
    reason: str


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
    """Everything but plain passes and skips, lanes that got the same together, loudest first."""
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
        key=lambda item: (order.index(item.word), _by_number(item.case)),
    )


def skipped(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    """Reason of the skip -> lane -> number of cases."""
    reasons: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.SKIP:
            lanes = reasons.setdefault(verdict.reason, {})
            lanes[verdict.lane] = lanes.get(verdict.lane, 0) + 1
    return reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how a run took place, as far as a command must say it to see the same again.

    mode: `container` or `host`. runners: (lane, folder) of runners from elsewhere. more: options
    that were not left at their defaults.
    """

    mode: str
    runners: tuple[tuple[str, str], ...] = ()
    more: tuple[str, ...] = ()


def again(case: str, lanes: Iterable[str], place: Place) -> str:
    """The command that runs just these trials again, beside the run's own folder."""
    wanted = list(lanes)
    folders = dict.fromkeys(folder for lane, folder in place.runners if lane in wanted)
    named = [part for folder in folders for part in ("--runner", folder)]
    named += [part for lane in wanted for part in ("--lane", lane)]
    words = ["oss-bodies", "run", *named, "--case", case, "--in", place.mode, *place.more]
    return shlex.join([*words, "--out", "oss-bodies-again"])


def on_whose_word(provenance: Provenance) -> str:
    """Source, note, reference and date of a case in one line."""
    place = ", ".join(
        part for part in (provenance.reference, provenance.region, provenance.date) if part
    )
    return f"{provenance.source.value}: {provenance.note}" + (f" ({place})" if place else "")


def counted(counts: Counts) -> str:
    """`12 trials: 9 pass, 2 fail (1 known), 1 error, 0 skip; 5 not run`."""
    trials = counts.passed + counts.fail + counts.error + counts.skip
    known = f" ({counts.known_failing} known)" if counts.known_failing else ""
    not_run = f"; {counts.not_run} not run" if counts.not_run else ""
    return (
        f"{trials} {'trial' if trials == 1 else 'trials'}: {counts.passed} pass, "
        f"{counts.fail} fail{known}, {counts.error} error, {counts.skip} skip{not_run}"
    )


def agreed(counts: Counts, suspected: int) -> str:
    """How many cases the lanes agree on, and how many all of them fail alike."""
    alike = f"; suspect, since every lane fails alike: {suspected}" if suspected else ""
    result_groups = (
        f"{counts.agree} cases on which the lanes agree, {counts.differ} on which they differ"
    )
    return result_groups + alike


def loaded(lane: LaneRecord) -> str:
    """What a lane ran with: the SDK that was loaded, the runtime, the image."""
    version = lane.sdk_version or "(version not told)"
    sdk = "no SDK" if lane.sdk is None else f"{lane.sdk} {version}"
    image = f"image {lane.image[:19]}" if lane.image else ""
    return ", ".join(part for part in (sdk, lane.runtime, image) if part)


def differing(records: Iterable[AgreementRecord]) -> list[AgreementRecord]:
    """The cases on which lanes differ, in the order of their ids."""
    kept = (record for record in records if not record.agreement.agree)
    return sorted(kept, key=lambda record: _by_number(record.agreement.case))


def suspects(records: Iterable[AgreementRecord]) -> list[str]:
    """Ids of the cases that every lane failed alike."""
    return sorted((r.agreement.case for r in records if r.suspect), key=_by_number)


def provenance_of(case: str, cases: Mapping[str, Case]) -> str | None:
    """On whose word a case stands; None if the corpus at hand does not have it."""
    found = cases.get(case)
    return None if found is None else on_whose_word(found.provenance)


def _by_number(case: str) -> list[tuple[int, int, str]]:
    """Sorts `sen/9` before `sen/10`."""
    parts = case.split("/")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
