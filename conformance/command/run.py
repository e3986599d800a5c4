"""`oss-bodies run`: drive the lanes and judge what reached the wire.

What was typed is checked first (exit code 2, nothing started), then the verifier is calibrated (no
verdict without it), then the lanes are built and the cases run; see engine/case_run.py.
"""

from argparse import Namespace
from pathlib import Path

from conformance.assets import RUNNERS
from conformance.command.options import check_positive, session_options
from conformance.command.out import Progress, beside, colored, note, say, width
from conformance.corpus.load import Corpus, load, load_files
from conformance.corpus.selection import select, shard, trials
from conformance.engine.case_run import RunOutcome, RunPlan, run_cases
from conformance.engine.job import CALL_LIMIT, LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import CannotRunError, InputError
from conformance.model.case import Case
from conformance.report.profiles import page, profile_text, versions_text
from conformance.report.sections import Place
from conformance.report.summary import summary
from conformance.report.terminal import closing, findings, matrix
from conformance.results import ResultsWriter
from conformance.session import Setup, open_session, set_up, uninterrupted


def run(options: Namespace) -> int:
    """Run the cases and print the report; returns the exit code."""
    check_positive(options, "timeout")
    if options.jobs < 0:
        raise InputError(
            source="--jobs",
            place=str(options.jobs),
            rule="must not be negative",
            remedy="leave it out to run all lanes at a time",
        )
    corpus = load()
    setup = set_up(session_options(options), [case.id for case in corpus.cases])
    if options.vectors:
        corpus = load_files([Path(name) for name in options.vectors])
    cases = _cases(options, corpus, setup)
    with open_session(setup, note) as session:
        header = session.header(
            vectors=corpus.digest, seed=options.seed, cases=options.case, shard=options.shard
        )
        with ResultsWriter(Path(options.out), header) as writer:
            plan = RunPlan(
                prepared=session.prepare(note),
                cases=cases,
                limits=LaneLimits(call=options.timeout),
                jobs=options.jobs,
            )
            progress = Progress(plan.trials)
            try:
                outcome = run_cases(session, plan, writer, Observer(note=note, step=progress.step))
            finally:
                progress.close()
        with uninterrupted():
            _show(outcome, plan, options, mode=session.site.mode)
    return outcome.end.exit


def _cases(options: Namespace, corpus: Corpus, setup: Setup) -> tuple[Case, ...]:
    """The cases of the corpus that were asked for; InputError if there is none."""
    chosen = select(corpus.cases, options.case)
    ids = {trial.case.id for trial in shard(trials(chosen, setup.lanes), options.shard)}
    if not ids:
        raise InputError(
            source="--shard", place=options.shard, rule="holds no case", remedy="use fewer parts"
        )
    return tuple(case for case in chosen if case.id in ids)


def _show(outcome: RunOutcome, plan: RunPlan, options: Namespace, *, mode: str) -> None:
    """Print the report and write the summary."""
    lanes = {one.lane.name: one.lane.manifest.folder for one in plan.prepared}
    cases = {case.id: case for case in plan.cases}
    columns, color = width(), colored()
    place = Place(
        mode=mode,
        runners=tuple(
            (name, beside(folder)) for name, folder in lanes.items() if folder.parent != RUNNERS
        ),
        more=_changed(options),
    )
    parts = (
        matrix(outcome.verdicts, list(lanes), columns, color),
        findings(outcome.verdicts, cases, place, columns, color),
        profile_text(outcome.profiles, columns),
        versions_text(outcome.versions, columns),
        closing(outcome.end, outcome.lanes, outcome.agreements, columns, color),
    )
    for part in filter(None, parts):
        say(part)
    text = summary(
        outcome.end, outcome.lanes, outcome.verdicts, outcome.agreements, cases, place
    ) + page(outcome.profiles, outcome.versions)
    folder = Path(options.out)
    try:
        # A finding may quote what UTF-8 cannot write, such as half of a surrogate pair.
        (folder / "summary.md").write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise CannotRunError(
            step="results", reason=f"cannot write the summary: {error}", remedy="free some space"
        ) from error
    say(f"run {outcome.identity} in {folder}/: results.jsonl, transcripts.jsonl, summary.md")


def _changed(options: Namespace) -> tuple[str, ...]:
    """The options that change what a trial does and were not left at their defaults."""
    pairs = [("--vectors", name) for name in options.vectors]
    pairs += [("--known-failing", name) for name in options.known_failing]
    if options.timeout != CALL_LIMIT:
        pairs.append(("--timeout", f"{options.timeout:g}"))
    return tuple(word for pair in pairs for word in pair)
