"""The loop of a fuzz: lanes up, earlier finds and listed failures first, then the search.

What it found is written to the results folder as vector files, transcripts and verdicts. A fuzz
that is interrupted ends as one that is not, with the exit code of an interruption.
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

# Families in which a listed case differs from the plain call by what examples vary, too.
_REACHED = ("process", "naming", "bodies", "auth", "errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzPlan:
    """What is going to run."""

    prepared: tuple[PreparedLane, ...]
    # The corpus, of which the listed failures are run first.
    cases: tuple[Case, ...]
    # Finds of earlier fuzzes that lie in the results folder, each with its file in there.
    earlier: tuple[tuple[str, Case], ...]
    limits: Limits
    # Seconds for one call.
    call_limit: float

    @property
    def ready(self) -> tuple[PreparedLane, ...]:
        """The lanes that were built."""
        return built(self.prepared)


def run_fuzz(session: Session, plan: FuzzPlan, writer: ResultsWriter, observer: Observer) -> End:
    """Search and write what was found, which ends with this; Ctrl-C ends the search early."""
    return _FuzzRun(session, plan, writer, observer).go()


class _FuzzRun:
    """A fuzz and what has been written of it."""

    def __init__(
        self, session: Session, plan: FuzzPlan, writer: ResultsWriter, observer: Observer
    ) -> None:
        self.session, self.plan, self.writer, self.observer = session, plan, writer, observer
        self.lost: dict[str, str] = {}
        self.broken = False  # a lane that was built did not start, or was given up
        self.failed = 0

    def go(self) -> End:
        for one in self.plan.prepared:
            if one.reason is not None:
                self._not_run(one)
        score = Score(bodies())
        if self.plan.ready:
            cases = [case_of(Example()), *(case for _, case in self.plan.earlier)]
            mock = self.session.site.open(hosts(cases))
            limit = self.plan.call_limit
            with LanePool(self.session.site, mock, self.plan.ready, limit=limit) as pool:
                if pool.lanes:
                    score = self._search(pool)
                self._lanes(pool)
        with uninterrupted():
            return self._close(score)

    def _search(self, pool: LanePool) -> Score:
        search = Search(pool, self.plan.limits, note=self.observer.note, progress=self._step)
        try:
            for file, case in self.plan.earlier:
                failing = [trial.lane for trial in search.replay(case, file) if trial.rules]
                result = f"fails on {', '.join(failing)}" if failing else "passes now"
                self.observer.note(f"{file}: {result}")
            for one in self.plan.ready:
                self._listed(search, pool, one)
            return search.run()
        except KeyboardInterrupt:
            search.score.interrupted = True
            return search.score

    def _step(self, score: Score) -> None:
        failed = sum(score.failed.values())
        self.observer.step(f"{len(score.causes)} causes", failed - self.failed)
        self.failed = failed

    def _listed(self, search: Search, pool: LanePool, one: PreparedLane) -> None:
        """Run the listed cases of a lane that an example could show: their failures are known."""
        started = pool.started.get(one.lane.name)
        if started is None:
            return
        version, runtime = started.sdk_version, started.runtime
        for case in self.plan.cases:
            lists = self.session.setup.lists
            name = one.lane.name
            entries = known_entries(lists, name, case.id, version=version, runtime=runtime)
            if entries and case.family in _REACHED:
                search.add_known(name, [case], entries[0].reason)

    def _lanes(self, pool: LanePool) -> None:
        for one in self.plan.ready:
            started = pool.started.get(one.lane.name)
            if started is None:
                self._not_run(one, pool.lost[one.lane.name])
            else:
                self.writer.lane(ran(one, started))
        self.lost |= pool.lost
        self.broken = bool(pool.lost)

    def _not_run(self, one: PreparedLane, reason: str = "") -> None:
        record = not_run(one, reason)
        self.lost[record.lane] = record.reason or ""
        self.observer.note(f"{record.lane}: not run: {self.lost[record.lane].splitlines()[0]}")
        self.writer.lane(record)

    def _close(self, score: Score) -> End:
        finds = all_finds(score, seed=self.plan.limits.seed, schema=terms().schemas["vectors"])
        self._write_finds(finds)
        version = hypothesis.__version__
        self.writer.fuzz(result_line(score, finds, lost=self.lost, hypothesis=version))
        lost = bool(self.lost.keys() & self.session.setup.required)
        end = End(
            counts=counts(score, not_run=len(self.lost)),
            exit=exit_code(score, could_not_run=lost or self.broken),
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
                    self.writer.transcript(trial.transcript)
                    self.writer.verdict(trial.verdict)
        for find in finds:
            if isinstance(find.found, Disagreement):
                agreement = replace(find.found.agreement, case=find.case)
                self.writer.agreement(AgreementRecord(agreement=agreement))


def exit_code(score: Score, *, could_not_run: bool) -> ExitCode:
    """The exit code of a fuzz. could_not_run: a lane of which that is an error did not run."""
    if score.interrupted:
        return ExitCode.INTERRUPTED
    if score.new_causes or score.flaky:
        return ExitCode.FINDINGS
    if could_not_run or not score.trials:
        return ExitCode.COULD_NOT_RUN
    return ExitCode.PASSED


def counts(score: Score, *, not_run: int) -> Counts:
    """Trials of examples; not_run: lanes, each of which would have had every example."""
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
