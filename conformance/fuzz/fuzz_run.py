"""Runs a fuzz: starts the lanes, replays earlier finds and known failures, then searches.

The finds are written to the results folder as they come (fuzz/fuzz_results.py). A fuzz that is
interrupted writes its results as well and ends with the exit code of an interruption.
"""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from conformance.corpus.known_failing import known_entries
from conformance.corpus.selection import hosts
from conformance.engine.lane_record import not_run, ran
from conformance.engine.observer import Observer
from conformance.errors import ExitCode
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.fuzz_results import FuzzResults
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits, Search, SearchListener
from conformance.model.case import Case
from conformance.operation.reading import bodies
from conformance.oss.secret import Secret, masked_text, secrets
from conformance.results import Counts, End, LaneRecord, ResultsWriter
from conformance.runner.site import PreparedLane, built
from conformance.session import Session, interrupted_afterwards, uninterrupted

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
        self.session, self.plan, self.observer = session, plan, observer
        self.results = FuzzResults(writer, seed=plan.limits.seed)
        self.ready = built(plan.prepared)
        self.pool: LanePool | None = None
        self.search: Search | None = None
        self.failed = 0  # failed trials reported to the observer

    def go(self) -> End:
        for record in self._records():
            self._note_not_run(record)
        try:
            if self.ready:
                self._run_lanes()
        except KeyboardInterrupt:
            if self.search is None:
                raise
            with uninterrupted():
                self.search.interrupt()
        with uninterrupted():
            return self._close(Score(bodies()) if self.search is None else self.search.score)

    def _run_lanes(self) -> None:
        cases = [case_of(Example()), *(case for _, case in self.plan.earlier)]
        mock = self.session.site.open(hosts(cases))
        self.pool = LanePool(self.session.site, mock, self.ready, limit=self.plan.call_limit)
        with self.pool:
            if self.pool.lanes:
                self._search(self.pool)

    def _search(self, pool: LanePool) -> None:
        listener = SearchListener(note=self.observer.note, progress=self._step, found=self._write)
        self.search = search = Search(pool, self.plan.limits, listener=listener)
        for file, case in self.plan.earlier:
            trials = search.replay(case, file)
            failing = [trial.lane for trial in trials if trial.rules and not trial.not_run]
            result = f"fails on {', '.join(failing)}" if failing else "passes now"
            self.observer.note(f"{file}: {result}")
        for prepared in self.ready:
            self._run_known(search, pool, prepared)
        search.run()

    def _write(self) -> None:
        """Write what was found so far."""
        assert self.search is not None
        with interrupted_afterwards():
            self.results.write(
                self.search.score,
                tuple(self._records()),
                untraced=self.search.untraced(),
                secrets=self._secrets(),
            )

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
            setup = self.session.setup
            found = known_entries(setup.lists, lane, case.id, version=version, runtime=runtime)
            entries = [entry for entry in found if not entry.is_over(setup.date)]
            if entries and case.family in _VARIED:
                search.add_known(lane, case, entries[0].reason)

    def _records(self) -> Iterator[LaneRecord]:
        """The records of the lanes that have started, or that will not run any more."""
        for prepared in self.plan.prepared:
            name = prepared.lane.name
            started = self.pool.started.get(name) if self.pool is not None else None
            lost = self.pool.lost.get(name) if self.pool is not None else None
            if prepared.reason is not None:
                yield not_run(prepared)
            elif lost is not None:
                missing = not_run(prepared, masked_text(lost, self._secrets()))
                # What it had loaded before it was given up stays known.
                known = missing if started is None else ran(prepared, started)
                yield replace(known, status=missing.status, reason=missing.reason)
            elif started is not None:
                yield ran(prepared, started)

    def _secrets(self) -> tuple[Secret, ...]:
        """Of all cases and examples: what a runner says last, or late, may hold any of them."""
        examples = () if self.search is None else self.search.examples
        cases = [case_of(example) for example in examples if example.credentials is not None]
        cases += [case_of(Example()), *self.plan.cases, *(case for _, case in self.plan.earlier)]
        return secrets(turn for case in cases for turn in case.turns)

    def _note_not_run(self, record: LaneRecord) -> None:
        if record.reason is not None:
            self.observer.note(f"{record.lane}: not run: {record.reason.splitlines()[0]}")

    def _close(self, score: Score) -> End:
        records = tuple(self._records())
        built_lanes = {prepared.lane.name for prepared in self.ready}
        lost = {record.lane for record in records if record.status == "not-run"}
        for record in records:
            if record.lane in built_lanes:
                self._note_not_run(record)
        missing = bool(lost & (self.session.setup.required | built_lanes))
        end = End(
            counts=counts(score, lost=lost),
            exit=exit_code(score, could_not_run=missing),
            seconds=round(time.monotonic() - self.session.setup.began, 3),
            interrupted=score.interrupted,
        )
        self.results.write(score, records, secrets=self._secrets(), end=end)
        return end


def exit_code(score: Score, *, could_not_run: bool) -> ExitCode:
    """The exit code of a fuzz. could_not_run: a required lane did not run, or one was given up."""
    if score.interrupted:
        return ExitCode.INTERRUPTED
    if score.new_causes or score.flaky:
        return ExitCode.FINDINGS
    if could_not_run or not score.trials:
        return ExitCode.COULD_NOT_RUN
    return ExitCode.PASSED


def counts(score: Score, *, lost: Collection[str]) -> Counts:
    """The counts of trials. lost: the lanes that did not run or were given up."""
    trials, failed = sum(score.trials.values()), sum(score.failed.values())
    return Counts(
        passed=trials - failed,
        fail=failed - score.errors,
        error=score.errors,
        skip=sum(score.skipped.values()),
        known_failing=score.known,
        not_run=sum(score.examples - score.trials[lane] - score.skipped[lane] for lane in lost),
        agree=score.agreed,
        differ=score.differing,
    )
