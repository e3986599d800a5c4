"""Runs a fuzz: starts the lanes, replays earlier finds and known failures, then searches.

The finds are written to the results folder as vector files, transcripts and verdicts. A fuzz that
is interrupted writes its results as well and ends with the exit code of an interruption.
"""

import time
from dataclasses import dataclass, replace

import hypothesis

from conformance.corpus.known_failing import known_entries
from conformance.corpus.load import terms
from conformance.corpus.selection import hosts
from conformance.engine.lane_record import not_run, ran
from conformance.engine.observer import Observer
from conformance.errors import ExitCode
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.finds import Find, all_finds
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.result_line import result_line
from conformance.fuzz.score import Disagreement, Score
from conformance.fuzz.search import Limits, Search
from conformance.judge.masking import masked_transcript
from conformance.model.case import Case
from conformance.operation.reading import bodies
from conformance.results import (
    AgreementRecord,
    Counts,
    End,
    ResultsWriter,
    case_record,
    write_output,
)
from conformance.runner.site import PreparedLane, built
from conformance.session import Session, uninterrupted

# The families in which a case may differ from the default call in what examples vary.
_VARIED = ("process", "naming", "bodies", "auth", "errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzPlan:
    """The lanes, cases and limits of a fuzz."""

    prepared: tuple[PreparedLane, ...]
    cases: tuple[Case, ...]  # the corpus, whose known failures are run first
    earlier: tuple[tuple[str, Case], ...]  # finds in the results folder, each with its file there
    limits: Limits
    call_limit: float  # seconds for one call


def run_fuzz(session: Session, plan: FuzzPlan, writer: ResultsWriter, observer: Observer) -> End:
    """Search and write the results; returns their end. Ctrl-C ends the search early."""
    return _FuzzRun(session, plan, writer, observer).go()


class _FuzzRun:
    """A fuzz and the state of its results."""

    def __init__(
        self, session: Session, plan: FuzzPlan, writer: ResultsWriter, observer: Observer
    ) -> None:
        self.session, self.plan, self.writer, self.observer = session, plan, writer, observer
        self.ready = built(plan.prepared)
        self.lost: dict[str, str] = {}  # reasons, by lane
        self.broken = False  # a lane that was built did not start or was given up
        self.failed = 0  # failed trials reported to the observer

    def go(self) -> End:
        for prepared in self.plan.prepared:
            if prepared.reason is not None:
                self._not_run(prepared)
        score = Score(bodies())
        if self.ready:
            cases = [case_of(Example()), *(case for _, case in self.plan.earlier)]
            mock = self.session.site.open(hosts(cases))
            limit = self.plan.call_limit
            with LanePool(self.session.site, mock, self.ready, limit=limit) as pool:
                if pool.lanes:
                    score = self._search(pool)
                self._write_lanes(pool)
        with uninterrupted():
            return self._close(score)

    def _search(self, pool: LanePool) -> Score:
        search = Search(pool, self.plan.limits, note=self.observer.note, progress=self._step)
        try:
            for file, case in self.plan.earlier:
                failing = [trial.lane for trial in search.replay(case, file) if trial.rules]
                result = f"fails on {', '.join(failing)}" if failing else "passes now"
                self.observer.note(f"{file}: {result}")
            for prepared in self.ready:
                self._run_known(search, pool, prepared)
            return search.run()
        except KeyboardInterrupt:
            search.score.interrupted = True
            return search.score

    def _step(self, score: Score) -> None:
        failed = sum(score.failed.values())
        self.observer.step(f"{len(score.causes)} causes", failed - self.failed)
        self.failed = failed

    def _run_known(self, search: Search, pool: LanePool, prepared: PreparedLane) -> None:
        """Run the known-failing cases of a lane that an example could reproduce."""
        lane = prepared.lane.name
        started = pool.started.get(lane)
        if started is None:
            return
        version, runtime = started.sdk_version, started.runtime
        for case in self.plan.cases:
            lists = self.session.setup.lists
            entries = known_entries(lists, lane, case.id, version=version, runtime=runtime)
            if entries and case.family in _VARIED:
                search.add_known(lane, case, entries[0].reason)

    def _write_lanes(self, pool: LanePool) -> None:
        for prepared in self.ready:
            lane = prepared.lane.name
            started = pool.started.get(lane)
            if started is None:
                self._not_run(prepared, pool.lost[lane])
                continue
            self.writer.lane(ran(prepared, started))
            if lane in pool.lost:
                self.lost[lane] = not_run(prepared, pool.lost[lane]).reason or ""
        self.broken = bool(pool.lost)

    def _not_run(self, prepared: PreparedLane, reason: str = "") -> None:
        record = not_run(prepared, reason)
        self.lost[record.lane] = record.reason or ""
        self.observer.note(f"{record.lane}: not run: {self.lost[record.lane].splitlines()[0]}")
        self.writer.lane(record)

    def _close(self, score: Score) -> End:
        finds = all_finds(score, seed=self.plan.limits.seed, schema=terms().schemas["vectors"])
        self._write_finds(finds)
        version = hypothesis.__version__
        self.writer.fuzz(result_line(score, finds, lost=self.lost, hypothesis=version))
        required_lost = bool(self.lost.keys() & self.session.setup.required)
        end = End(
            counts=counts(score, not_run=len(self.lost)),
            exit=exit_code(score, could_not_run=required_lost or self.broken),
            seconds=round(time.monotonic() - self.session.setup.began, 3),
            interrupted=score.interrupted,
        )
        self.writer.end(end)
        return end

    def _write_finds(self, finds: tuple[Find, ...]) -> None:
        cases = {trial.case.id: trial.case for find in finds for trial in find.trials}
        for case in cases.values():
            self.writer.case(case_record(case))
        written: set[tuple[str, str]] = set()
        for find in finds:
            if find.text is not None:
                write_output(self.writer.folder / find.file, find.text)
            for trial in find.trials:
                if (trial.case.id, trial.lane) not in written:
                    written.add((trial.case.id, trial.lane))
                    self.writer.transcript(masked_transcript(trial.case, trial.transcript))
                    self.writer.verdict(trial.verdict)
        for find in finds:
            if isinstance(find.result, Disagreement):
                agreement = replace(find.result.agreement, case=find.case)
                self.writer.agreement(AgreementRecord(agreement=agreement))


def exit_code(score: Score, *, could_not_run: bool) -> ExitCode:
    """The exit code of a fuzz. could_not_run: a required lane did not run, or one was given up."""
    if score.interrupted:
        return ExitCode.INTERRUPTED
    if score.new_causes or score.flaky:
        return ExitCode.FINDINGS
    if could_not_run or not score.trials:
        return ExitCode.COULD_NOT_RUN
    return ExitCode.PASSED


def counts(score: Score, *, not_run: int) -> Counts:
    """The counts of trials. not_run: the number of lanes that ran none of the examples."""
    trials, failed = sum(score.trials.values()), sum(score.failed.values())
    return Counts(
        passed=trials - failed,
        fail=failed - score.errors,
        error=score.errors,
        skip=sum(score.skipped.values()),
        known_failing=score.known,
        not_run=not_run * score.examples,
        agree=score.agreed,
        differ=score.differing,
    )
