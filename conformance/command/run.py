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
from conformance.command.out import Progress, colored, note, say, undisturbed, width
from conformance.command.portraits import Profiles
from conformance.command.record import begun, beside, not_run, ran
from conformance.command.tally import Tally, overlaid
from conformance.corpus.known_failing import KnownList
from conformance.corpus.load import load, load_files
from conformance.corpus.selection import hosts, in_running_order, select, shard, trials
from conformance.engine import lane as engine
from conformance.errors import CannotRunError, InputError
from conformance.judge.agreement import read_for_agreement
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Verdict
from conformance.report.profiles import page, profile_text, versions_text
from conformance.report.sections import Place
from conformance.report.summary import summary
from conformance.report.terminal import closing, findings, matrix
from conformance.results import (
    AgreementRecord,
    End,
    LaneProfile,
    LaneRecord,
    ResultsWriter,
)
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane, Site

_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is going to run; `asked`: the lanes named on the command line."""

    prepared: tuple[PreparedLane, ...]
    cases: tuple[Case, ...]
    lists: tuple[KnownList, ...]
    asked: frozenset[str]
    more: tuple[str, ...]
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
    )
    with ResultsWriter(Path(options.out), header) as writer:
        try:
            plan = Plan(
                prepared=tuple(site.prepare(lanes, note)),
                cases=cases,
                lists=lists,
                asked=frozenset(lane.name for lane in lanes) if options.lane else frozenset(),
                more=_changed(options),
                pace=engine.Pace(call=options.timeout, jobs=options.jobs),
            )
            return _Run(plan, site, writer, began).go()
        finally:
            with undisturbed():
                site.close()


class _Run:
    """One run under way: what is written, shown and counted of it."""

    def __init__(self, plan: Plan, site: Site, writer: ResultsWriter, began: float) -> None:
        self.plan, self.site, self.writer, self.began = plan, site, writer, began
        self.lanes = {one.lane.name: one for one in plan.prepared}
        self.records: dict[str, LaneRecord] = {}
        self.verdicts: list[Verdict] = []
        self.agreements: list[AgreementRecord] = []
        self.profiles: tuple[LaneProfile, ...] = ()
        self.tally = Tally([one.lane.name for one in plan.ready])
        self.portraits = Profiles([one.lane.name for one in plan.ready])
        self.progress = Progress(len(plan.ready) * len(plan.cases))

    def go(self) -> int:
        interrupted = False
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
            for record in self.tally.lane_lost(event.prepared.lane.name, 0):
                self._agreement(record)
        elif isinstance(event, engine.LaneStarted):
            self._lane(ran(event.prepared, event.started))
        else:
            self._judged(event)

    def _judged(self, event: engine.TrialJudged) -> None:
        lane = self.lanes[event.verdict.lane].lane
        record = self.records.get(lane.name)
        verdict = overlaid(event.verdict, lane, self.plan.lists, record)
        self.writer.transcript(event.transcript)
        self.writer.verdict(verdict)
        self.portraits.add(event.case, event.transcript, verdict)
        self.verdicts.append(replace(verdict, profile=()))
        agreement = self.tally.add(verdict, read_for_agreement(event.case, event.transcript))
        if agreement is not None:
            self._agreement(agreement)
        bad = verdict.outcome in (Outcome.FAIL, Outcome.ERROR) and verdict.known_failing is None
        self.progress.step(f"{verdict.lane} {verdict.case}", failed=bad)

    def _agreement(self, record: AgreementRecord) -> None:
        self.writer.agreement(record)
        self.agreements.append(record)

    def _not_run(self, one: PreparedLane, reason: str) -> None:
        note(f"{one.lane.name}: not run: {reason.splitlines()[0]}")
        self._lane(not_run(one, reason))
        counts = self.tally.counts
        trials_lost = counts.not_run + len(self.plan.cases)
        self.tally.counts = replace(counts, not_run=trials_lost)

    def _lane(self, record: LaneRecord) -> None:
        self.records[record.lane] = record
        self.writer.lane(record)

    def _close(self, *, interrupted: bool) -> int:
        for record in self.tally.rest():
            self._agreement(record)
        self.profiles = self.portraits.profiles()
        for profile in self.profiles:
            self.writer.profile(profile)
        lost = {name for name, record in self.records.items() if record.status == "not-run"}
        code = self.tally.exit(asked_not_run=bool(lost & self.plan.asked))
        end = End(
            counts=self.tally.counts,
            exit=_INTERRUPTED if interrupted else code,
            seconds=round(time.monotonic() - self.began, 3),
            interrupted=interrupted,
        )
        identity = self.writer.end(end)
        self._show(end, identity)
        return end.exit

    def _show(self, end: End, identity: str) -> None:
        names = list(self.lanes)
        lanes = [self.records[name] for name in names if name in self.records]
        told = {case.id: case for case in self.plan.cases}
        columns, color = width(), colored()
        place = Place(
            mode=self.site.mode,
            runners=tuple(
                (name, beside(one.lane.manifest.folder))
                for name, one in self.lanes.items()
                if not is_builtin(one.lane.manifest)
            ),
            more=self.plan.more,
        )
        versions = self.portraits.versions(self.profiles)
        parts = (
            matrix(self.verdicts, names, columns, color),
            findings(self.verdicts, told, place, columns, color),
            profile_text(self.profiles, columns),
            versions_text(versions, columns),
            closing(end, lanes, self.agreements, columns, color),
        )
        for part in parts:
            if part:
                say(part)
        folder = self.writer.folder
        text = summary(end, lanes, self.verdicts, self.agreements, told, place)
        text += page(self.profiles, versions)
        try:
            # A finding may quote what UTF-8 cannot write, such as half of a surrogate pair.
            data = text.encode("utf-8", "backslashreplace")
            (folder / "summary.md").write_bytes(data)
        except OSError as error:
            raise CannotRunError(
                step="results", reason=f"cannot write the summary: {error}", remedy="free space"
            ) from error
        say(f"run {identity} in {folder}/: results.jsonl, transcripts.jsonl, summary.md")


def _changed(options: Namespace) -> tuple[str, ...]:
    """The options that change what a trial does and were not left at their defaults."""
    pairs = [("--vectors", name) for name in options.vectors]
    pairs += [("--known-failing", name) for name in options.known_failing]
    if options.timeout != engine.CALL_LIMIT:
        pairs.append(("--timeout", f"{options.timeout:g}"))
    return tuple(word for pair in pairs for word in pair)


__all__: Sequence[str] = ("run",)
