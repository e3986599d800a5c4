"""`oss-bodies judge DIR`: judge a run's transcripts again, without lanes, mock or network.

It is how a reader checks a verdict: the transcripts are the evidence, the corpus
of this installation the claims. Nothing is written.
"""

import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from conformance.calibration.calibrating import calibrated
from conformance.command.out import colored, note, say, width
from conformance.corpus.load import finds, load
from conformance.errors import ResultsError
from conformance.judge import judge
from conformance.judge.agreement import read_for_agreement
from conformance.model.manifest import Lane, Manifest
from conformance.model.verdict import Verdict
from conformance.report.profiles import profile_text, versions_text
from conformance.report.sections import Place
from conformance.report.terminal import closing, findings, matrix
from conformance.results import (
    AgreementRecord,
    End,
    LaneProfile,
    Results,
    read_results,
    read_transcripts,
)
from conformance.results.lane_profiles import Profiles
from conformance.results.tally import Tally, overlaid
from conformance.session import known_lists, manifests


def run(options: Namespace) -> int:
    """Judge, show, and say where today's verdict is another than the one in the folder."""
    began = time.monotonic()
    folder = Path(options.folder)
    stored = read_results(folder, allow_cut=True)
    corpus = load()
    found = [case for topic in finds(folder) for case in topic.cases]
    if stored.run.vectors != corpus.digest:
        note("the vectors here are not those of the run: verdicts may differ for that reason")
    known = manifests()
    calibrated()
    told = {case.id: case for case in (*corpus.cases, *found)}
    lists = known_lists(known, [Path(name) for name in options.known_failing], list(told))
    ran = [record for record in stored.lanes if record.status == "ran"]
    tally = Tally([record.lane for record in ran])
    order = [lane for lane in stored.run.lanes if any(one.lane == lane for one in ran)]
    portraits = Profiles(order)
    before = {(verdict.case, verdict.lane): verdict for verdict in stored.verdicts}
    verdicts: list[Verdict] = []
    agreements: list[AgreementRecord] = []
    for transcript in read_transcripts(folder, allow_cut=True):
        case = told.get(transcript.case)
        if case is None:
            raise ResultsError(
                source=str(folder),
                place=transcript.case,
                rule="the corpus here has no such case",
                remedy=f"judge it with version {stored.run.suite} of the suite",
            )
        record = next((one for one in ran if one.lane == transcript.lane), None)
        verdict = judge(case, transcript)
        lane = _lane(transcript.lane, known)
        if lane is not None:
            verdict = overlaid(verdict, lane, lists, record)
        portraits.add(case, transcript, verdict)
        verdicts.append(replace(verdict, profile=()))
        agreement = tally.add(verdict, read_for_agreement(case, transcript))
        agreements += [agreement] if agreement else []
    agreements += tally.rest()
    lost = sum(one.status == "not-run" for one in stored.lanes)
    end = End(
        counts=replace(tally.counts, not_run=stored.end.counts.not_run if stored.end else 0),
        exit=tally.exit(asked_not_run=bool(lost and stored.end and stored.end.exit == 3)),
        seconds=round(time.monotonic() - began, 3),
    )
    names = [record.lane for record in stored.lanes]
    profiles = portraits.profiles()
    parts = (
        matrix(verdicts, names, width(), colored()),
        findings(verdicts, told, Place(mode=stored.run.mode), width(), colored()),
        profile_text(profiles, width()),
        versions_text(portraits.versions(profiles), width()),
        closing(end, stored.lanes, agreements, width(), colored()),
    )
    for part in parts:
        if part:
            say(part)
    changed = list(_changed(verdicts, before))
    for line in changed:
        say(line)
    for line in _profiles_changed(profiles, stored):
        say(line)
    same = len(verdicts) - len(changed)
    say(f"{len(verdicts)} transcripts judged again: {same} as stored, {len(changed)} not")
    return end.exit


def _changed(verdicts: list[Verdict], before: dict[tuple[str, str], Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        old = before.get((verdict.case, verdict.lane))
        was = "not there" if old is None else old.outcome.value
        if old is None or old.outcome is not verdict.outcome or old.findings != verdict.findings:
            yield f"changed: {verdict.case} on {verdict.lane}: {was}, now {verdict.outcome.value}"


def _profiles_changed(profiles: Iterable[LaneProfile], stored: Results) -> Iterator[str]:
    before = {record.lane: record.items for record in stored.profiles}
    for profile in profiles:
        old = before.get(profile.lane)
        if old is None:
            yield f"changed: the profile of {profile.lane}: not there before"
        elif old != profile.items:
            names = {item.name for item in {*old} ^ {*profile.items}}
            yield f"changed: the profile of {profile.lane}: {', '.join(sorted(names))}"


def _lane(name: str, known: tuple[Manifest, ...]) -> Lane | None:
    """The lane of a stored name, for its known-failing list; None for a runner from elsewhere."""
    runner, _, rest = name.partition("@")
    manifest = next((one for one in known if one.name == runner), None)
    if manifest is None:
        return None
    if rest.startswith("path:"):
        return Lane(manifest=manifest, path=Path(rest.removeprefix("path:")))
    return Lane(manifest=manifest, version=rest or None)
