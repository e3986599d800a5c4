"""`oss-bodies run`: run cases on lanes and judge them.

The options are checked first, then the verifier is calibrated, then the lanes are built and the
cases run (engine/case_run.py).
"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.ending import exit_code
from conformance.command.live_run import (
    agreed,
    live_cases,
    live_service,
    reachable,
    refuse_without_live,
    resolved,
    without_secrets,
)
from conformance.command.options import session_options
from conformance.command.out import Progress, note, say
from conformance.command.report import show
from conformance.corpus.load import Corpus, load, load_files
from conformance.corpus.selection import select, shard, trials
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import InputError
from conformance.live.live_case import as_live
from conformance.live.live_service import LiveService
from conformance.live.service_evidence import service_evidence
from conformance.model.case import Case
from conformance.report.html.page_data import Evidence, shown_trial
from conformance.results import ResultsWriter, read_results, relative
from conformance.session import Setup, open_session, set_up, uninterrupted


def run(options: Namespace) -> int:
    """Run the cases and print the report; returns the exit code."""
    if not options.live:
        refuse_without_live(options)
        return _run(options, None)
    service = live_service(options)
    with without_secrets(service.redaction()):
        # Here, so that what is printed about an error has no secrets either.
        return exit_code("oss-bodies run", lambda: _run(options, resolved(service, options)))


def _run(options: Namespace, service: LiveService | None) -> int:
    corpus = load()
    setup = set_up(session_options(options), [case.id for case in corpus.cases], note)
    if options.vectors:
        corpus = load_files([Path(name) for name in options.vectors])
    cases = _cases(options, corpus, setup)
    if service is not None:
        cases = live_cases(cases, explore=options.explore)
        service = agreed(service, cases, len(setup.lanes), options)
        cases = tuple(as_live(case, service.target) for case in cases)
    with open_session(setup, note) as session:
        if service is not None:
            reachable(service, session.site.mode)
        header = replace(
            session.header(
                vectors=corpus.digest, seed=options.seed, cases=options.case, shard=options.shard
            ),
            timeout=options.timeout,
            endpoint="mock" if service is None else service.endpoint,
            live=None if service is None else service.target,
            vector_files=tuple(map(relative, options.vectors)),
            known_failing=tuple(map(relative, options.known_failing)),
        )
        with ResultsWriter(Path(options.out), header) as writer:
            plan = RunPlan(
                prepared=session.prepare(note),
                cases=cases,
                limits=LaneLimits(call=options.timeout),
                jobs=options.jobs,
                live=service,
            )
            progress = Progress(plan.trials)
            evidence = Evidence()
            by_id = {case.id: case for case in cases}
            observer = Observer(
                note=note,
                step=progress.step,
                written=lambda transcript: evidence.add(shown_trial(by_id, transcript)),
            )
            try:
                run_cases(session, plan, writer, observer)
            finally:
                progress.close()
        with uninterrupted():
            code = show(
                Path(options.out),
                as_json=options.json,
                verbose=options.verbose,
                evidence=evidence,
            )
            if service is not None and not options.json:
                say("\nwhat the service answered: recorded, not judged")
                for line in service_evidence(read_results(Path(options.out)).verdicts):
                    say(f"  {line}")
            return code


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
