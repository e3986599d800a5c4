"""The loop of a run: each judged trial is written to the results folder and counted.

An interrupted run keeps the results so far, if there are any, and ends them as usual, with the exit
code of an interruption.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.corpus.known_failing import overlaid
from conformance.corpus.selection import hosts, in_running_order, of_lane, side_by_side
from conformance.engine.events import Event, LaneFailed, LaneStarted, TrialJudged
from conformance.engine.job import LaneLimits
from conformance.engine.lane_record import not_run, ran
from conformance.engine.observer import Observer
from conformance.engine.trials import run_trials
from conformance.errors import ExitCode
from conformance.judge.live_trouble import trouble_of_trial
from conformance.judge.masking import masked_transcript
from conformance.live.live_service import LiveService
from conformance.model.case import Case
from conformance.model.verdict import Outcome
from conformance.oss.secret import masked_text, secrets
from conformance.oss.v4 import Scope
from conformance.results import End, LaneRecord, ResultsWriter, case_record
from conformance.results.tally import Tally
from conformance.runner.site import PreparedLane, built
from conformance.session import Session, uninterrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """The lanes and cases of a run."""

    prepared: tuple[PreparedLane, ...]
    cases: tuple[Case, ...]
    limits: LaneLimits
    jobs: int = 0  # lanes that run at the same time, 0 for all
    live: LiveService | None = None  # of a live run

    @property
    def ready(self) -> tuple[PreparedLane, ...]:
        """The lanes that were built."""
        return built(self.prepared)

    @property
    def trials(self) -> int:
        """The number of trials."""
        return sum(len(self.cases_of(prepared)) for prepared in self.ready)

    def cases_of(self, prepared: PreparedLane) -> tuple[Case, ...]:
        """The cases of a lane: all but those about programs that it does not have."""
        return of_lane(self.cases, prepared.lane)


def run_cases(session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer) -> End:
    """Run the plan, write its results and return their last line; Ctrl-C ends the run early.

    Raises KeyboardInterrupt if that is before the first verdict: the results stay as they were.
    """
    return _CaseRun(session, plan, writer, observer).run()


def _by_one_runner(cases: Sequence[Case]) -> tuple[tuple[Case, ...], ...]:
    return (in_running_order(cases),)


class _CaseRun:
    """A run in progress."""

    def __init__(
        self, session: Session, plan: RunPlan, writer: ResultsWriter, observer: Observer
    ) -> None:
        self.session, self.plan, self.writer, self.observer = session, plan, writer, observer
        self.records: dict[str, LaneRecord] = {}
        # Of all cases: what a runner says last, or late, may hold any of them.
        turns = [turn for case in plan.cases for turn in case.turns]
        day, regions = session.setup.date.replace("-", ""), {turn.script.region for turn in turns}
        scopes = (Scope(date=day, region=region) for region in sorted(regions))
        self.secrets = secrets(turns, tuple(scopes))
        self.stopped: str | None = None  # why a live run ends early
        self.tally = Tally([prepared.lane.name for prepared in plan.ready])

    def run(self) -> End:
        interrupted = False
        for case in self.plan.cases:
            self.writer.case(case_record(case))
        for prepared in self.plan.prepared:
            if prepared.reason is not None:
                self._not_run(prepared)
        try:
            if self.plan.ready:
                self._run_trials()
        except KeyboardInterrupt:
            if not self.writer.published:
                raise  # there is nothing to keep, and the results of an earlier run stay
            interrupted = True
            self.observer.note("interrupted: the results so far are kept")
        with uninterrupted():
            return self._close(interrupted=interrupted)

    def _run_trials(self) -> None:
        live = self.plan.live
        names = hosts(self.plan.cases) if live is None else frozenset(live.hosts)
        mock = self.session.site.open(names, live)
        # A service is asked one thing at a time, and waits for nothing.
        shares = side_by_side if live is None else _by_one_runner
        lanes = [(one, shares(self.plan.cases_of(one))) for one in self.plan.ready]
        site, limits, jobs = self.session.site, self.plan.limits, self.plan.jobs
        events = run_trials(site, mock, lanes, limits, jobs=jobs)
        with contextlib.closing(events):
            for event in events:
                self._record(event)
                if self.stopped is not None:
                    self.observer.note(f"the run ends early: {self.stopped}")
                    return

    def _record(self, event: Event) -> None:
        if isinstance(event, LaneFailed):
            self._not_run(event.prepared, event.reason)
        elif isinstance(event, LaneStarted):
            self._add_lane(ran(event.prepared, event.started))
        else:
            self._add_trial(event)

    def _add_trial(self, trial: TrialJudged) -> None:
        lane = self.records.get(trial.verdict.lane)
        trouble = trouble_of_trial(trial.case.turns, trial.transcript)
        if trouble is not None and trouble.ends:
            self.stopped = trouble.text
        setup = self.session.setup
        verdict = overlaid(trial.verdict, setup.lists, lane, date=setup.date)
        transcript = masked_transcript(trial.case, trial.transcript, self.secrets)
        self.writer.transcript(transcript)
        self.observer.written(transcript)
        self.writer.verdict(verdict)
        agreement = self.tally.add(trial.case, transcript, verdict)
        if agreement is not None:
            self.writer.agreement(agreement)
        failed = verdict.outcome in (Outcome.FAIL, Outcome.ERROR) and verdict.known_failing is None
        self.observer.step(f"{verdict.lane} {verdict.case}", int(failed))

    def _not_run(self, prepared: PreparedLane, reason: str = "") -> None:
        reason = masked_text(reason, self.secrets)
        started = self.records.get(prepared.lane.name)
        record = not_run(prepared, reason)
        if started is not None:  # it is given up: what it had loaded stays known
            record = replace(started, status=record.status, reason=record.reason)
        self.observer.note(f"{record.lane}: not run: {(record.reason or '').splitlines()[0]}")
        self._add_lane(record)
        for agreement in self.tally.lane_lost(record.lane, len(self.plan.cases_of(prepared))):
            self.writer.agreement(agreement)

    def _add_lane(self, record: LaneRecord) -> None:
        self.records[record.lane] = record
        self.writer.lane(record)

    def _close(self, *, interrupted: bool) -> End:
        for agreement in self.tally.rest():
            self.writer.agreement(agreement)
        for profile in self.tally.profiles():
            self.writer.profile(profile)
        missing = {name for name, record in self.records.items() if record.status == "not-run"}
        code = self.tally.exit(asked_not_run=bool(missing & self.session.setup.required))
        end = End(
            counts=self.tally.counts,
            exit=self._exit(code, interrupted=interrupted),
            seconds=round(time.monotonic() - self.session.setup.began, 3),
            interrupted=interrupted or self.stopped is not None,
            reason=self.stopped,
        )
        self.writer.end(end)
        return end

    def _exit(self, code: ExitCode, *, interrupted: bool) -> ExitCode:
        if interrupted:
            return ExitCode.INTERRUPTED
        return code if self.stopped is None else ExitCode.COULD_NOT_RUN
