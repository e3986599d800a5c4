"""Judges the stored transcripts of a run again, by the cases and known-failing lists given.

Pure. The stored verdicts are not used; they are only compared with the new ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from conformance.corpus.known_failing import KnownList, overlaid
from conformance.errors import ExitCode
from conformance.judge import judge
from conformance.judge.masking import restored_transcript
from conformance.model.case import Case
from conformance.model.verdict import Transcript, Verdict
from conformance.results.lines import case_record
from conformance.results.tally import Seen, Tally
from conformance.results.values import AgreementRecord, Counts, End, Results


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAgain:
    """A transcript judged again, before known failures are looked up."""

    verdict: Verdict
    seen: Seen


def judged(case: Case, transcript: Transcript) -> JudgedAgain:
    """Judge a stored transcript of this case."""
    verdict = judge(case, restored_transcript(case, transcript))
    return JudgedAgain(verdict=verdict, seen=Seen.of(case, transcript, verdict))


def rejudged(
    stored: Results,
    trials: Iterable[JudgedAgain],
    cases: Mapping[str, Case],
    lists: Iterable[KnownList],
) -> Results:
    """The results of a stored run with its transcripts judged again.

    trials: in the order of the file; cases: by id, with that of every trial. What does not follow
    from transcripts is kept: the lanes, the number of trials that did not run, the duration.
    """
    lists = tuple(lists)
    records = {record.lane: record for record in stored.lanes}
    judged_lanes = {verdict.lane for verdict in stored.verdicts}  # a lane given up has some
    ran = [
        lane
        for lane in stored.run.lanes
        if lane in records and (records[lane].status == "ran" or lane in judged_lanes)
    ]
    tally = Tally(ran)
    seen: dict[str, Case] = {}
    verdicts: list[Verdict] = []
    agreements: list[AgreementRecord] = []
    for trial in trials:
        seen.setdefault(trial.verdict.case, cases[trial.verdict.case])
        lane = records.get(trial.verdict.lane)
        verdict = overlaid(trial.verdict, lists, lane, date=stored.run.started[:10])
        verdicts.append(verdict)
        if (agreement := tally.add_seen(verdict, trial.seen)) is not None:
            agreements.append(agreement)
    agreements += tally.rest()
    return replace(
        stored,
        cases=tuple(case_record(case) for case in seen.values()),
        verdicts=tuple(verdicts),
        agreements=tuple(agreements),
        profiles=tally.profiles(),
        end=None if stored.end is None else _end(stored.end, tally, lost=len(ran) < len(records)),
    )


def _end(stored: End, tally: Tally, *, lost: bool) -> End:
    """The end of a run judged again. lost: whether a lane did not run."""
    code: int = tally.exit(asked_not_run=lost and stored.exit == ExitCode.COULD_NOT_RUN)
    if code == ExitCode.PASSED and stored.interrupted:
        failed_before = stored.exit == ExitCode.FINDINGS
        code = ExitCode.INTERRUPTED if failed_before else stored.exit
    counts = replace(tally.counts, not_run=stored.counts.not_run)
    # A fuzz without finds has no transcripts: its exit code is kept.
    return replace(stored, counts=counts, exit=stored.exit if tally.counts == Counts() else code)


def verdict_changes(before: Results, after: Results) -> Iterator[str]:
    """A line for each trial whose outcome or findings differ from the stored ones."""
    stored = {(verdict.case, verdict.lane): verdict for verdict in before.verdicts}
    for verdict in after.verdicts:
        old = stored.get((verdict.case, verdict.lane))
        was = "not stored" if old is None else old.outcome.value
        if old is None or old.outcome is not verdict.outcome or old.findings != verdict.findings:
            yield f"changed: {verdict.case} on {verdict.lane}: {was}, now {verdict.outcome.value}"


def profile_changes(before: Results, after: Results) -> Iterator[str]:
    """A line for each lane whose profile differs from the stored one; a fuzz stores none."""
    stored = {record.lane: record.items for record in before.profiles}
    for profile in after.profiles if before.fuzz is None else ():
        old = stored.get(profile.lane)
        if old is None:
            yield f"changed: the profile of {profile.lane}: not stored"
        elif old != profile.items:
            names = {item.name for item in {*old} ^ {*profile.items}}
            yield f"changed: the profile of {profile.lane}: {', '.join(sorted(names))}"
