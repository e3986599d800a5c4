"""The data of the page for its script: cases, verdicts and evidence as compact JSON.

Texts are numbers of shared strings. Transcripts are read one at a time, and only what the page
shows of one is kept.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.corpus.known_failing import KnownEntry, KnownList, explaining
from conformance.model.case import Case, Provenance, Source
from conformance.model.verdict import Finding, Transcript
from conformance.report.assemble import Report, fuzz_file
from conformance.report.html.case_facts import Facts, case_facts
from conformance.report.html.durations import Durations
from conformance.report.html.shared_strings import SharedStrings, parted
from conformance.report.html.signature_evidence import explanations
from conformance.report.html.trial_evidence import trial_evidence
from conformance.report.references import PAGES, STANDARD
from conformance.report.sections import alone, rows, word_of
from conformance.report.wording import DERIVED_MEANS, OBSERVED_MEANS, got_words

Json = Any
_CASE = "CASE-ID"  # stands for the id of a case in the command of a lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What this installation has about the cases of a run, which the results folder has not."""

    cases: Mapping[str, Case]  # by id; empty if the run had other vectors
    lists: tuple[KnownList, ...]


NOTHING = Installed(cases={}, lists=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTrial:
    """What the page shows of one transcript."""

    case: str
    lane: str
    seconds: float  # that its calls took
    form: str  # JSON of its evidence, with a placeholder for the number of each text
    texts: tuple[str, ...]  # for the placeholders


def shown_trial(cases: Mapping[str, Case], transcript: Transcript) -> ShownTrial:
    """What is shown of a transcript. cases: by id, to explain signatures that do not match."""
    case = cases.get(transcript.case)
    explained = explanations(case, transcript) if case is not None else {}
    form, texts = parted(trial_evidence(transcript, explained))
    return ShownTrial(
        case=transcript.case,
        lane=transcript.lane,
        seconds=sum(turn.elapsed for turn in transcript.turns),
        form=form,
        texts=texts,
    )


class Evidence:
    """What the page shows of each trial, from trials that are added one at a time.

    coming: trials in any order that `complete` adds, so that something else can be done before.
    """

    def __init__(self, coming: Iterable[ShownTrial] = ()) -> None:
        self._coming = coming
        self.shared, self.durations = SharedStrings(), Durations()
        self.trials: dict[tuple[str, str], Json] = {}
        self.seconds: dict[tuple[str, str], float] = {}  # that the calls of a trial took

    def add(self, shown: ShownTrial) -> None:
        """Keep what is shown of a trial, each text once."""
        self.trials[shown.case, shown.lane] = json.loads(
            self.shared.filled(shown.form, shown.texts)
        )
        self.seconds[shown.case, shown.lane] = shown.seconds
        self.durations.add(shown.case, shown.lane, shown.seconds)

    def complete(self) -> None:
        """Add the trials that are coming, each once."""
        coming, self._coming = self._coming, ()
        for shown in coming:
            self.add(shown)


def page_data(report: Report, evidence: Evidence, installed: Installed) -> dict[str, Json]:
    """The data. It completes the evidence and adds its texts to those of the evidence."""
    asked = {
        name: (case_facts(case), case.notes)
        for name, case in installed.cases.items()
        if name in report.cases
    }
    evidence.complete()
    shared = evidence.shared
    findings: dict[Finding, int] = {}
    trials = _trials(report, findings, evidence.trials, shared)
    agreements = _agreements(report, shared)
    cases = [
        _case(report, name, trials[name], asked.get(name), shared) | agreements.get(name, {})
        for name in rows(report.verdicts, report.run.lanes)
    ]
    data = {
        "run": report.run.id,
        "lanes": [_lane(report, lane) for lane in report.run.lanes],
        "findings": [_finding(finding, shared) for finding in findings],
        "cases": cases,
        "references": {"pages": PAGES, "standard": STANDARD},
        "meanings": {Source.DERIVED.value: DERIVED_MEANS, "observed": OBSERVED_MEANS},
    }
    return {**data, "strings": shared.values}


def as_script(data: Mapping[str, Json]) -> str:
    """The JSON as the content of a script element: without `<`, so that no tag can be in it."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _agreements(report: Report, shared: SharedStrings) -> dict[str, Json]:
    """Of each case on which lanes differ: groups of a result and lanes, and which lane is alone."""
    numbers = {lane: number for number, lane in enumerate(report.run.lanes)}
    lone = alone(report)
    found: dict[str, Json] = {}
    for record in report.agreements:
        case, groups = record.agreement.case, record.agreement.groups
        if not record.agreement.agree:
            found[case] = {
                "differ": [
                    [shared.add(got_words(got)), [numbers[lane] for lane in of]]
                    for got, of in groups
                ]
            }
        if case in lone:
            found[case]["alone"] = numbers[lone[case]]
        if record.suspect:
            found.setdefault(case, {})["suspect"] = True
    return found


def _lane(report: Report, lane: str) -> dict[str, Json]:
    return {"name": lane, "repeat": report.repeat(_CASE, [lane]) if report.fuzz is None else None}


def _trials(
    report: Report,
    findings: dict[Finding, int],
    evidence: Mapping[tuple[str, str], Json],
    shared: SharedStrings,
) -> dict[str, dict[str, Json]]:
    """What is shown of each trial, by case and lane. findings: each with its number, filled."""
    records = {record.lane: record for record in report.lanes}
    trials: dict[str, dict[str, Json]] = {}
    for verdict in report.verdicts:
        trial: dict[str, Json] = {
            "cell": word_of(verdict),
            "findings": [findings.setdefault(one, len(findings)) for one in verdict.findings],
            **evidence.get((verdict.case, verdict.lane), {}),
        }
        if verdict.reason:
            trial["reason"] = shared.add(verdict.reason)
        if verdict.known_failing is not None:
            key = (verdict.known_failing, verdict.lane, verdict.case)
            entries = explaining(*key, report.lists, records.get(verdict.lane))
            shown = (_entry(entry, shared) for entry in entries)
            trial["known"] = [shared.add(verdict.known_failing), *shown]
        if report.fuzz is not None:
            trial["repeat"] = shared.add(report.repeat(verdict.case, [verdict.lane]))
        trials.setdefault(verdict.case, {})[verdict.lane] = trial
    return trials


def _entry(entry: KnownEntry, shared: SharedStrings) -> list[int]:
    """Versions, link, command, owner and expiry of a known-failing entry."""
    texts = (entry.versions, entry.link, entry.repro, entry.owner, entry.expires)
    return [shared.add(text or "") for text in texts]


def _finding(finding: Finding, shared: SharedStrings) -> list[Json]:
    texts = (finding.rule, finding.claim.value, finding.where, finding.expected, finding.got)
    source = None if finding.source is None else _source(finding.source, shared)
    return [*map(shared.add, (*texts, finding.why)), source]


def _source(source: Provenance, shared: SharedStrings) -> list[int]:
    """Kind, note, reference, and date with region."""
    when = ", ".join(filter(None, (source.date, source.region)))
    return [shared.add(text) for text in (source.source, source.note, source.reference or "", when)]


def _case(
    report: Report,
    name: str,
    trials: Mapping[str, Json],
    asked: tuple[Facts, Sequence[str]] | None,
    shared: SharedStrings,
) -> dict[str, Json]:
    """asked: the facts and the notes of the case, if this installation has it."""
    record = report.cases[name]
    out: dict[str, Json] = {
        "id": name,
        "title": shared.add(record.title),
        "source": _source(record.provenance, shared),
        "trials": [trials.get(lane) for lane in report.run.lanes],
    }
    if asked is not None:
        facts, notes = asked
        out["asked"] = [[[shared.add(text) for text in pair] for pair in turn] for turn in facts]
        if notes:
            out["notes"] = [shared.add(text) for text in notes]
    if report.fuzz is not None and (file := fuzz_file(report.fuzz, name)):
        out["file"] = shared.add(file)
    return out
