"""`oss-bodies run`: the main job from the words typed to the exit code.

In the order of what can go wrong: everything that is typed is checked first
(exit code 2, nothing started), then the verifier is calibrated (no verdict without it), then lanes
are built, then the loop of engine/lane.py runs and each verdict is written as it comes.
"""

import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.calibration.calibrating import calibrated
from conformance.command.choose import known_lists, lanes_of, manifests, site_for
from conformance.command.out import Progress, note, undisturbed
from conformance.command.record import begun, not_run, ran
from conformance.command.report import show
from conformance.corpus.known_failing import KnownList, overlaid
from conformance.corpus.load import load, load_files
from conformance.corpus.selection import hosts, in_running_order, select, shard, trials
from conformance.engine import lane as engine
from conformance.errors import InputError
from conformance.model.case import Case
from conformance.model.verdict import Outcome
from conformance.results import End, LaneRecord, ResultsWriter, case_record, relative
from conformance.results.tally import Tally
from conformance.runner.site import PreparedLane, Site

_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is going to run; `asked`: the lanes named on the command line."""

    prepared: tuple[PreparedLane, ...]
    cases: tuple[Case, ...]
    lists: tuple[KnownList, ...]
    asked: frozenset[str]
    pace: engine.Pace

    @property
    def ready(self) -> tuple[PreparedLane, ...]:
        """The lanes that can run."""
        return tuple(one for one in self.prepared if one.reason is None)


def run(options: Namespace) -> int:
    """Do the main job; returns the exit code."""
    began = time.monotonic()
    if options.jobs < 0 or options.timeout <= 0:
        raise InputError(
            source="--jobs" if options.jobs < 0 else "--timeout",
            place=str(options.jobs if options.jobs < 0 else options.timeout),
            rule="must be greater than 0",
            remedy="leave it out for the default",
        )
    known = manifests(options.runner)
    lanes = lanes_of(options.lane, known, named=options.runner)
    corpus = load()
    listed = [case.id for case in corpus.cases]
    if options.vectors:
        corpus = load_files([Path(name) for name in options.vectors])
    chosen = select(corpus.cases, options.case)
    kept = {trial.case.id for trial in shard(trials(chosen, lanes), options.shard)}
    cases = tuple(case for case in chosen if case.id in kept)
    if not cases:
        raise InputError(
            source="--shard", place=options.shard, rule="holds no case", remedy="use fewer parts"
        )
    lists = known_lists(known, options.known_failing, listed)
    calibrated()
    site = site_for(options.place, tell=note)
    header = replace(
        begun(lanes, vectors=corpus.digest, seed=options.seed, mode=site.mode),
        cases=tuple(options.case),
        shard=options.shard,
        timeout=None if options.timeout == engine.CALL_LIMIT else options.timeout,
        vector_files=tuple(map(relative, options.vectors)),
        known_failing=tuple(map(relative, options.known_failing)),
    )
    with ResultsWriter(Path(options.out), header) as writer:
        try:
            plan = Plan(
                prepared=tuple(site.prepare(lanes, note)),
                cases=cases,
                lists=lists,
                asked=frozenset(lane.name for lane in lanes) if options.lane else frozenset(),
                pace=engine.Pace(call=options.timeout, jobs=options.jobs),
            )
            return _Run(plan, site, writer, began).go()
        finally:
            with undisturbed():
                site.close()


class _Run:
    """One run: what is written and counted of it."""

    def __init__(self, plan: Plan, site: Site, writer: ResultsWriter, began: float) -> None:
        self.plan, self.site, self.writer, self.began = plan, site, writer, began
        self.records: dict[str, LaneRecord] = {}
        self.tally = Tally([one.lane.name for one in plan.ready])
        self.progress = Progress(len(plan.ready) * len(plan.cases))

    def go(self) -> int:
        interrupted = False
        for case in self.plan.cases:
            self.writer.case(case_record(case))
        for one in self.plan.prepared:
            if one.reason is not None:
                self._not_run(one, f"{one.reason}\nmend: {one.remedy}")
        try:
            if self.plan.ready:
                mock = self.site.open(hosts(self.plan.cases))
                ordered = in_running_order(self.plan.cases)
                work = [(one, ordered) for one in self.plan.ready]
                for event in engine.run(self.site, mock, work, self.plan.pace):
                    self._take(event)
        except KeyboardInterrupt:
            interrupted = True
            note("interrupted: what was measured is kept")
        finally:
            self.progress.close()
        with undisturbed():
            return self._close(interrupted=interrupted)

    def _take(self, event: engine.Event) -> None:
        if isinstance(event, engine.LaneFailed):
            self._not_run(event.prepared, event.reason)
        elif isinstance(event, engine.LaneStarted):
            self._lane(ran(event.prepared, event.started))
        else:
            self._judged(event)

    def _judged(self, event: engine.TrialJudged) -> None:
        record = self.records.get(event.verdict.lane)
        verdict = overlaid(
            event.verdict,
            self.plan.lists,
            version=record.sdk_version if record else None,
            runtime=record.runtime if record else None,
        )
        self.writer.transcript(event.transcript)
        self.writer.verdict(verdict)
        agreement = self.tally.add(event.case, event.transcript, verdict)
        if agreement is not None:
            self.writer.agreement(agreement)
        bad = verdict.outcome in (Outcome.FAIL, Outcome.ERROR) and verdict.known_failing is None
        self.progress.step(f"{verdict.lane} {verdict.case}", failed=bad)

    def _not_run(self, one: PreparedLane, reason: str) -> None:
        note(f"{one.lane.name}: not run: {reason.splitlines()[0]}")
        self._lane(not_run(one, reason))
        for record in self.tally.lane_lost(one.lane.name, len(self.plan.cases)):
            self.writer.agreement(record)

    def _lane(self, record: LaneRecord) -> None:
        self.records[record.lane] = record
        self.writer.lane(record)

    def _close(self, *, interrupted: bool) -> int:
        for record in self.tally.rest():
            self.writer.agreement(record)
        for profile in self.tally.profiles():
            self.writer.profile(profile)
        lost = {name for name, record in self.records.items() if record.status == "not-run"}
        code = self.tally.exit(asked_not_run=bool(lost & self.plan.asked))
        end = End(
            counts=self.tally.counts,
            exit=_INTERRUPTED if interrupted else code,
            seconds=round(time.monotonic() - self.began, 3),
            interrupted=interrupted,
        )
        self.writer.end(end)
        return show(self.writer.folder)


__all__: Sequence[str] = ("run",)
