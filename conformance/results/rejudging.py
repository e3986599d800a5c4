"""Judging stored transcripts again: what a run comes to by the cases at hand.

Pure. The evidence is the stored transcripts, the claims are the cases given; the verdicts that
were stored are only compared with what comes out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from conformance.corpus.known_failing import KnownList, overlaid
from conformance.errors import ExitCode
from conformance.judge import judge
from conformance.model.case import Case
from conformance.model.verdict import Transcript, Verdict
from conformance.results.lines import case_record
from conformance.results.tally import Tally
from conformance.results.values import AgreementRecord, End, Results


def rejudged(
    stored: Results,
    transcripts: Iterable[Transcript],
    cases: Mapping[str, Case],
    lists: Iterable[KnownList],
) -> Results:
    """The results that these transcripts of a stored run give; every transcript has its case.

    What only the run itself could know is kept: its lanes, what did not run, its duration.
    """
    lists = tuple(lists)
    records = {record.lane: record for record in stored.lanes}
    ran = [lane for lane in stored.run.lanes if lane in records and records[lane].status == "ran"]
    tally = Tally(ran)
    judged: dict[str, Case] = {}
    verdicts: list[Verdict] = []
    agreements: list[AgreementRecord] = []
    for transcript in transcripts:
        case = judged.setdefault(transcript.case, cases[transcript.case])
        verdict = overlaid(judge(case, transcript), lists, records.get(transcript.lane))
        verdicts.append(verdict)
        agreement = tally.add(case, transcript, verdict)
        agreements += [agreement] if agreement else []
    agreements += tally.rest()
    before = stored.end
    asked = before is not None and before.exit == ExitCode.COULD_NOT_RUN and len(ran) < len(records)
    return replace(
        stored,
        cases=tuple(case_record(case) for case in judged.values()),
        verdicts=tuple(verdicts),
        agreements=tuple(agreements),
        profiles=tally.profiles(),
        end=End(
            counts=replace(tally.counts, not_run=before.counts.not_run if before else 0),
            # A fuzz that found nothing has no transcripts.
            exit=tally.exit(asked_not_run=asked) if verdicts or before is None else before.exit,
            seconds=before.seconds if before else 0.0,
            interrupted=before is not None and before.interrupted,
        ),
    )


def verdict_changes(before: Results, after: Results) -> Iterator[str]:
    """A line for each trial with another outcome or other findings than were stored."""
    stored = {(verdict.case, verdict.lane): verdict for verdict in before.verdicts}
    for verdict in after.verdicts:
        old = stored.get((verdict.case, verdict.lane))
        was = "not stored" if old is None else old.outcome.value
        if old is None or old.outcome is not verdict.outcome or old.findings != verdict.findings:
            yield f"changed: {verdict.case} on {verdict.lane}: {was}, now {verdict.outcome.value}"


def profile_changes(before: Results, after: Results) -> Iterator[str]:
    """A line for each lane with another profile than was stored; a fuzz stores none."""
    stored = {record.lane: record.items for record in before.profiles}
    for profile in after.profiles if before.fuzz is None else ():
        old = stored.get(profile.lane)
        if old is None:
            yield f"changed: the profile of {profile.lane}: not stored"
        elif old != profile.items:
            names = {item.name for item in {*old} ^ {*profile.items}}
            yield f"changed: the profile of {profile.lane}: {', '.join(sorted(names))}"
