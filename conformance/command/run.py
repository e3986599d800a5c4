"""`oss-bodies run`: run cases on lanes and judge them.

The options are checked first, then the verifier is calibrated, then the lanes are built and the
cases run (engine/case_run.py).
"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.options import session_options
from conformance.command.out import Progress, note
from conformance.command.report import show
from conformance.corpus.load import Corpus, load, load_files
from conformance.corpus.selection import select, shard, trials
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import InputError
from conformance.model.case import Case
from conformance.results import ResultsWriter, relative
from conformance.session import Setup, open_session, set_up, uninterrupted


def run(options: Namespace) -> int:
    """Run the cases and print the report; returns the exit code."""
    corpus = load()
    setup = set_up(session_options(options), [case.id for case in corpus.cases], note)
    if options.vectors:
        corpus = load_files([Path(name) for name in options.vectors])
    cases = _cases(options, corpus, setup)
    with open_session(setup, note) as session:
        header = replace(
            session.header(
                vectors=corpus.digest, seed=options.seed, cases=options.case, shard=options.shard
            ),
            timeout=options.timeout,
            vector_files=tuple(map(relative, options.vectors)),
            known_failing=tuple(map(relative, options.known_failing)),
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
                run_cases(session, plan, writer, Observer(note=note, step=progress.step))
            finally:
                progress.close()
        with uninterrupted():
            return show(Path(options.out), as_json=options.json)


def _cases(options: Namespace, corpus: Corpus, setup: Setup) -> tuple[Case, ...]:
    """The cases that --case and --shard select; raises InputError if there are none."""
    chosen = select(corpus.cases, options.case)
    ids = {trial.case.id for trial in shard(trials(chosen, setup.lanes), options.shard)}
    if not ids:
        raise InputError(
            source="--shard",
            place=options.shard,
            rule="contains no case",
            remedy="divide the cases into fewer parts",
        )
    return tuple(case for case in chosen if case.id in ids)
