"""The loop of a run: trials in, lines of the results folder out, counted as they come.

A run that is interrupted ends as one that is not: what was measured until then is written, with
the exit code of an interruption.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.corpus.known_failing import overlaid
from conformance.corpus.selection import hosts, in_running_order
from conformance.engine.events import Event, LaneFailed, LaneStarted, TrialJudged
from conformance.engine.job import LaneLimits
from conformance.engine.lane_record import not_run, ran
from conformance.engine.observer import Observer
from conformance.engine.trials import run_trials
from conformance.errors import ExitCode
from conformance.model.case import Case
from conformance.model.verdict import Outcome
from conformance.results import End, LaneRecord, ResultsWriter, case_record
from conformance.results.tally import Tally
from conformance.runner.site import PreparedLane, built
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
        return built(self.prepared)

    @property
    def trials(self) -> int:
        """How many trials it has."""
        return len(self.ready) * len(self.cases)


def run_cases(session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer) -> End:
    """Run the plan and write its results, which end with this; Ctrl-C ends it early."""
    return _CaseRun(session, plan, writer, observer).go()


class _CaseRun:
    """A run and what has been written and counted of it."""

    def __init__(
        self, session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer
    ) -> None:
        self.session, self.plan, self.writer, self.observer = session, plan, writer, observer
        self.records: dict[str, LaneRecord] = {}
        self.tally = Tally([one.lane.name for one in plan.ready])

    def go(self) -> End:
        interrupted = False
        for case in self.plan.cases:
            self.writer.case(case_record(case))
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
        elif isinstance(event, LaneStarted):
            self._lane(ran(event.prepared, event.started))
        else:
            self._judged(event)

    def _judged(self, trial: TrialJudged) -> None:
        record = self.records.get(trial.verdict.lane)
        verdict = overlaid(
            trial.verdict,
            self.session.setup.lists,
            version=record.sdk_version if record else None,
            runtime=record.runtime if record else None,
        )
        self.writer.transcript(trial.transcript)
        self.writer.verdict(verdict)
        agreement = self.tally.add(trial.case, trial.transcript, verdict)
        if agreement is not None:
            self.writer.agreement(agreement)
        bad = verdict.outcome in (Outcome.FAIL, Outcome.ERROR) and verdict.known_failing is None
        self.observer.step(f"{verdict.lane} {verdict.case}", int(bad))

    def _not_run(self, one: PreparedLane, reason: str = "") -> None:
        record = not_run(one, reason)
        self.observer.note(f"{one.lane.name}: not run: {(record.reason or '').splitlines()[0]}")
        self._lane(record)
        for agreement in self.tally.lane_lost(one.lane.name, len(self.plan.cases)):
            self.writer.agreement(agreement)

    def _lane(self, record: LaneRecord) -> None:
        self.records[record.lane] = record
        self.writer.lane(record)

    def _close(self, *, interrupted: bool) -> End:
        for agreement in self.tally.rest():
            self.writer.agreement(agreement)
        for profile in self.tally.profiles():
            self.writer.profile(profile)
        lost = {name for name, record in self.records.items() if record.status == "not-run"}
        code = self.tally.exit(asked_not_run=bool(lost & self.session.setup.required))
        end = End(
            counts=self.tally.counts,
            exit=ExitCode.INTERRUPTED if interrupted else code,
            seconds=round(time.monotonic() - self.session.setup.began, 3),
            interrupted=interrupted,
        )
        self.writer.end(end)
        return end
