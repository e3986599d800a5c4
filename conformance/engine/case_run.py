"""The loop of a run: trials in, lines of the results folder out, counted as they come.

A run that is interrupted ends as one that is not: what was measured until then is written, with
the exit code of an interruption.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.corpus.selection import hosts, in_running_order
from conformance.engine.events import Event, LaneFailed, LaneStarted, TrialJudged
from conformance.engine.job import LaneLimits
from conformance.engine.lane_record import not_run, ran
from conformance.engine.observer import Observer
from conformance.engine.trials import run_trials
from conformance.errors import ExitCode
from conformance.judge.agreement import read_for_agreement
from conformance.judge.profile_diff import ProfileDiff
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Verdict
from conformance.results import AgreementRecord, End, LaneProfile, LaneRecord, ResultsWriter
from conformance.results.lane_profiles import Profiles
from conformance.results.tally import Tally, overlaid
from conformance.runner.site import PreparedLane
from conformance.session import Session, uninterrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What is going to run."""

    prepared: tuple[PreparedLane, ...]
    cases: tuple[Case, ...]
    limits: LaneLimits
    # Lanes at a time, 0 for all.
    jobs: int = 0

    @property
    def ready(self) -> tuple[PreparedLane, ...]:
        """The lanes that were built."""
        return tuple(one for one in self.prepared if one.reason is None)

    @property
    def trials(self) -> int:
        """How many trials it has."""
        return len(self.ready) * len(self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a run came to; all of it is in the results folder as well."""

    end: End
    # The id of the run.
    identity: str
    # In the order of the plan; a lane whose runner never answered has none.
    lanes: tuple[LaneRecord, ...]
    # Without their profiles.
    verdicts: tuple[Verdict, ...]
    agreements: tuple[AgreementRecord, ...]
    profiles: tuple[LaneProfile, ...]
    versions: tuple[ProfileDiff, ...]


def run_cases(
    session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer
) -> RunOutcome:
    """Run the plan and write its results; Ctrl-C ends it early."""
    return _CaseRun(session, plan, writer, observer).go()


class _CaseRun:
    """A run and what has been written and counted of it."""

    def __init__(
        self, session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer
    ) -> None:
        self.session, self.plan, self.writer, self.observer = session, plan, writer, observer
        self.lanes = {one.lane.name: one for one in plan.prepared}
        self.records: dict[str, LaneRecord] = {}
        self.verdicts: list[Verdict] = []
        self.agreements: list[AgreementRecord] = []
        self.tally = Tally([one.lane.name for one in plan.ready])
        self.profiles = Profiles([one.lane.name for one in plan.ready])

    def go(self) -> RunOutcome:
        interrupted = False
        for one in self.plan.prepared:
            if one.reason is not None:
                self._not_run(one)
        try:
            if self.plan.ready:
                self._run()
        except KeyboardInterrupt:
            interrupted = True
            self.observer.note("interrupted: what was measured is kept")
        with uninterrupted():
            return self._close(interrupted=interrupted)

    def _run(self) -> None:
        mock = self.session.site.open(hosts(self.plan.cases))
        cases: Sequence[Case] = in_running_order(self.plan.cases)
        lanes = [(one, cases) for one in self.plan.ready]
        site, limits, jobs = self.session.site, self.plan.limits, self.plan.jobs
        for event in run_trials(site, mock, lanes, limits, jobs=jobs):
            self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, LaneFailed):
            self._not_run(event.prepared, event.reason)
            for record in self.tally.lane_lost(event.prepared.lane.name, 0):
                self._agreement(record)
        elif isinstance(event, LaneStarted):
            self._lane(ran(event.prepared, event.started))
        else:
            self._judged(event)

    def _judged(self, trial: TrialJudged) -> None:
        lane = self.lanes[trial.verdict.lane].lane
        lists = self.session.setup.lists
        verdict = overlaid(trial.verdict, lane, lists, self.records.get(lane.name))
        self.writer.transcript(trial.transcript)
        self.writer.verdict(verdict)
        self.profiles.add(trial.case, trial.transcript, verdict)
        self.verdicts.append(replace(verdict, profile=()))
        agreement = self.tally.add(verdict, read_for_agreement(trial.case, trial.transcript))
        if agreement is not None:
            self._agreement(agreement)
        bad = verdict.outcome in (Outcome.FAIL, Outcome.ERROR) and verdict.known_failing is None
        self.observer.step(f"{verdict.lane} {verdict.case}", int(bad))

    def _agreement(self, record: AgreementRecord) -> None:
        self.writer.agreement(record)
        self.agreements.append(record)

    def _not_run(self, one: PreparedLane, reason: str = "") -> None:
        record = not_run(one, reason)
        self.observer.note(f"{one.lane.name}: not run: {(record.reason or '').splitlines()[0]}")
        self._lane(record)
        counts = self.tally.counts
        self.tally.counts = replace(counts, not_run=counts.not_run + len(self.plan.cases))

    def _lane(self, record: LaneRecord) -> None:
        self.records[record.lane] = record
        self.writer.lane(record)

    def _close(self, *, interrupted: bool) -> RunOutcome:
        for record in self.tally.rest():
            self._agreement(record)
        profiles = self.profiles.profiles()
        for profile in profiles:
            self.writer.profile(profile)
        lost = {name for name, record in self.records.items() if record.status == "not-run"}
        code = self.tally.exit(asked_not_run=bool(lost & self.session.setup.required))
        end = End(
            counts=self.tally.counts,
            exit=ExitCode.INTERRUPTED if interrupted else code,
            seconds=round(time.monotonic() - self.session.setup.began, 3),
            interrupted=interrupted,
        )
        return RunOutcome(
            end=end,
            identity=self.writer.end(end),
            lanes=tuple(self.records[name] for name in self.lanes if name in self.records),
            verdicts=tuple(self.verdicts),
            agreements=tuple(self.agreements),
            profiles=profiles,
            versions=self.profiles.versions(profiles),
        )
