"""`oss-bodies fuzz`: send generated calls to every lane; shrink failures and write them as vectors.

The options are checked first, then the verifier is calibrated, then the lanes are built and the
search begins (fuzz/fuzz_run.py). The finds of earlier fuzzes into the same folder are replayed.
"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.options import session_options
from conformance.command.out import Progress, note
from conformance.command.report import show
from conformance.corpus.load import finds, load
from conformance.engine.observer import Observer
from conformance.fuzz.exhaustive import valid_examples
from conformance.fuzz.finds import FindKind
from conformance.fuzz.fuzz_run import FuzzPlan, run_fuzz
from conformance.fuzz.lane_pool import CALL_LIMIT
from conformance.fuzz.search import Limits
from conformance.model.case import Case
from conformance.operation.reading import bodies
from conformance.results import ResultsWriter, relative
from conformance.session import open_session, set_up, uninterrupted

EXAMPLES = 1000
_UNLIMITED = 10**9  # more examples than any search runs; --time ends it


def run(options: Namespace) -> int:
    """Fuzz and print the report; returns the exit code."""
    corpus = load()
    setup = set_up(session_options(options), [case.id for case in corpus.cases], note)
    folder = Path(options.out)
    earlier = _earlier(folder)
    count = _count(options)
    call_limit = CALL_LIMIT if options.timeout is None else options.timeout
    with open_session(setup, note) as session:
        header = replace(
            session.header(vectors=corpus.digest, seed=options.seed),
            timeout=None if call_limit == CALL_LIMIT else call_limit,
            known_failing=tuple(map(relative, options.known_failing)),
        )
        with ResultsWriter(folder, header) as writer:
            plan = FuzzPlan(
                prepared=session.prepare(note),
                cases=corpus.cases,
                earlier=earlier,
                limits=Limits(seed=options.seed, examples=count, seconds=options.time),
                call_limit=call_limit,
            )
            progress = Progress(0 if count == _UNLIMITED else count)
            try:
                run_fuzz(session, plan, writer, Observer(note=note, step=progress.step))
            finally:
                progress.close()
        with uninterrupted():
            return show(folder)


def _earlier(folder: Path) -> tuple[tuple[str, Case], ...]:
    """The counter-examples and flaky examples in a folder, each with its file below the folder."""
    cases = (topic.cases[0] for topic in finds(folder))
    files = ((Path(case.file).relative_to(folder), case) for case in cases)
    return tuple(
        (str(file), case)
        for file, case in files
        if file.parts[0] in (FindKind.COUNTER_EXAMPLE, FindKind.FLAKY)
    )


def _count(options: Namespace) -> int:
    """The number of examples; all valid values come first, so it is at least as large as these."""
    if options.examples is not None:
        return max(int(options.examples), len(valid_examples(bodies())))
    return EXAMPLES if options.time is None else _UNLIMITED
