"""`oss-bodies fuzz`: generated calls to every lane, each failure shrunk and written as a vector.

As with `run`, all that is typed is checked before anything starts, and the
verifier is calibrated before anything is judged. Finds of earlier fuzzes that lie in the results
folder are replayed first.
"""

import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis

from conformance.calibration.calibrating import calibrated
from conformance.command.choose import known_lists, lanes_of, manifests, site_for
from conformance.command.out import Progress, note, say, undisturbed
from conformance.command.record import begun, beside, not_run, ran
from conformance.corpus.known_failing import KnownList, known_failing
from conformance.corpus.load import Corpus, finds, load, terms
from conformance.corpus.selection import hosts
from conformance.errors import CannotRunError, InputError
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.exhaustive import valid_examples
from conformance.fuzz.finds import FindKind, all_finds
from conformance.fuzz.lane_pool import LanePool
from conformance.fuzz.score import Disagreement, Score
from conformance.fuzz.search import Limits, Search
from conformance.model.case import Case
from conformance.operation.reading import bodies
from conformance.report.fuzzing import Replay, fuzz_line, fuzz_text
from conformance.results import AgreementRecord, Counts, End, ResultsWriter
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane, Site

CONFORMANT, FINDINGS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 3, 130
USUAL = 1000
# No search lasts so long; --time ends it.
_WITHOUT_END = 10**9
# Families in which a listed case differs from the plain call by what examples vary, too.
_REACHED = ("process", "naming", "bodies", "auth", "errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is going to run; earlier: (file, case) of finds that lie in the folder."""

    prepared: tuple[PreparedLane, ...]
    corpus: Corpus
    lists: tuple[KnownList, ...]
    earlier: tuple[tuple[str, Case], ...]
    limits: Limits

    @property
    def ready(self) -> tuple[PreparedLane, ...]:
        return tuple(one for one in self.prepared if one.reason is None)


def run(options: Namespace) -> int:
    """Fuzz; returns the exit code."""
    began = time.monotonic()
    _checked(options)
    known = manifests(options.runner)
    lanes = lanes_of(options.lane, known, named=options.runner)
    corpus = load()
    lists = known_lists(known, options.known_failing, [case.id for case in corpus.cases])
    folder = Path(options.out)
    earlier = tuple(
        (str(Path(topic.cases[0].file).relative_to(folder)), topic.cases[0])
        for topic in finds(folder)
        if Path(topic.cases[0].file).relative_to(folder).parts[0]
        in (FindKind.COUNTER_EXAMPLE, FindKind.FLAKY)
    )
    calibrated()
    site = site_for(options.place, tell=note)
    header = begun(lanes, vectors=corpus.digest, seed=options.seed, mode=site.mode)
    with ResultsWriter(folder, header) as writer:
        try:
            plan = _Plan(
                prepared=tuple(site.prepare(lanes, note)),
                corpus=corpus,
                lists=lists,
                earlier=earlier,
                limits=Limits(seed=options.seed, examples=_count(options), seconds=options.time),
            )
            return _Fuzz(plan, site, writer, options, began).go()
        finally:
            with undisturbed():
                site.close()


class _Fuzz:
    """One fuzz under way."""

    def __init__(
        self, plan: _Plan, site: Site, writer: ResultsWriter, options: Namespace, began: float
    ) -> None:
        self.plan, self.site, self.writer = plan, site, writer
        self.options, self.began = options, began
        self.lost: dict[str, str] = {}

    def go(self) -> int:
        for one in self.plan.prepared:
            if one.reason is not None:
                self._not_run(one, f"{one.reason}\nmend: {one.remedy}")
        score = Score(bodies())
        if self.plan.ready:
            cases = [case_of(Example()), *(case for _, case in self.plan.earlier)]
            mock = self.site.open(hosts(cases))
            with LanePool(self.site, mock, self.plan.ready, limit=self.options.timeout) as field:
                score = self._search(field)
                self.lost |= field.lost
                for one in self.plan.ready:
                    started = field.started.get(one.lane.name)
                    if started is None:
                        self._not_run(one, field.lost.get(one.lane.name, "did not start"))
                    else:
                        self.writer.lane(ran(one, started))
        with undisturbed():
            return self._close(score)

    def _search(self, field: LanePool) -> Score:
        total = self.plan.limits.examples
        progress = Progress(0 if total == _WITHOUT_END else total)

        def step(score: Score) -> None:
            failed = sum(score.failed.values()) - progress.failed
            progress.step(f"{len(score.causes)} causes", failed=failed)

        search = Search(field, self.plan.limits, note=note, progress=step)
        try:
            for file, case in self.plan.earlier:
                failing = [trial.lane for trial in search.replay(case, file) if trial.rules]
                note(f"{file}: {'fails on ' + ', '.join(failing) if failing else 'passes now'}")
            for one in self.plan.ready:
                self._listed(search, field, one)
            return search.run()
        except KeyboardInterrupt:
            search.score.interrupted = True
            return search.score
        finally:
            progress.close()

    def _listed(self, search: Search, field: LanePool, one: PreparedLane) -> None:
        """What is listed for a lane is no news, as far as an example could show it at all."""
        started = field.started.get(one.lane.name)
        if started is None:
            return
        for case in self.plan.corpus.cases:
            entry = known_failing(
                self.plan.lists,
                one.lane,
                case.id,
                version=started.sdk_version,
                runtime=started.runtime,
            )
            if entry is not None and case.family in _REACHED:
                search.add_known(one.lane.name, [case], entry.reason)

    def _not_run(self, one: PreparedLane, reason: str) -> None:
        note(f"{one.lane.name}: not run: {reason.splitlines()[0]}")
        self.lost[one.lane.name] = reason
        self.writer.lane(not_run(one, reason))

    def _close(self, score: Score) -> int:
        finds_ = all_finds(score, seed=self.plan.limits.seed, schema=terms().schemas["vectors"])
        folder = self.writer.folder
        written: set[tuple[str, str]] = set()
        for find in finds_:
            if find.text is not None:
                _write(folder / find.file, find.text)
            for trial in find.trials:
                if (trial.case.id, trial.lane) not in written:
                    written.add((trial.case.id, trial.lane))
                    self.writer.transcript(trial.transcript)
                    self.writer.verdict(trial.verdict)
        for find in finds_:
            if isinstance(find.found, Disagreement):
                agreement = replace(find.found.agreement, case=find.case)
                self.writer.agreement(AgreementRecord(agreement=agreement))
        self.writer.fuzz(fuzz_line(score, finds_, hypothesis=hypothesis.__version__))
        code = self._exit(score)
        end = End(
            counts=_counts(score, not_run=len(self.lost)),
            exit=code,
            seconds=round(time.monotonic() - self.began, 3),
            interrupted=score.interrupted,
        )
        identity = self.writer.end(end)
        ground = Replay(
            folder=str(self.options.out),
            mode=self.site.mode,
            runners={
                one.lane.name: beside(one.lane.manifest.folder)
                for one in self.plan.prepared
                if not is_builtin(one.lane.manifest)
            },
        )
        text = fuzz_text(score, finds_, self.lost, ground)
        say(text)
        _write(folder / "summary.md", f"# Fuzzing, run {identity}\n\n```text\n{text}\n```\n")
        said = f"seed {self.plan.limits.seed}, Hypothesis {hypothesis.__version__}"
        say(f"{said}, {end.seconds:.1f} s; exit {code}")
        say(f"run {identity} in {folder}/: results.jsonl, transcripts.jsonl, summary.md")
        return code

    def _exit(self, score: Score) -> int:
        if score.interrupted:
            return INTERRUPTED
        if score.new_causes or score.flaky:
            return FINDINGS
        asked = bool(self.options.lane) and bool(self.lost)
        return COULD_NOT_RUN if asked or not score.trials else CONFORMANT


def _checked(options: Namespace) -> None:
    given = {name: getattr(options, name) for name in ("examples", "time", "timeout")}
    wrong = [(name, value) for name, value in given.items() if value is not None and not value > 0]
    if wrong:
        name, value = wrong[0]
        raise InputError(
            source=f"--{name}",
            place=str(value),
            rule="must be greater than 0",
            remedy="leave it out for the default",
        )


def _count(options: Namespace) -> int:
    """Examples to draw; every valid sen goes first and counts, so there are never fewer."""
    if options.examples is not None:
        return max(int(options.examples), len(valid_examples(bodies())))
    return USUAL if options.time is None else _WITHOUT_END


def _counts(score: Score, *, not_run: int) -> Counts:
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


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(
            step="results",
            reason=f"cannot write {path}: {error.strerror or error}",
            remedy="free some space, or name another folder with --out",
        ) from error


__all__: Sequence[str] = ("run",)
