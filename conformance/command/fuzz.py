"""`oss-bodies fuzz`: generated calls to every lane, each failure shrunk and written as a vector.

What was typed is checked first, then the verifier is calibrated, then the lanes are built and the
search begins; see fuzz/fuzz_run.py. Finds of earlier fuzzes in the results folder are replayed.
"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.options import check_positive, session_options
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
# No search lasts so long; --time ends it.
_WITHOUT_END = 10**9


def run(options: Namespace) -> int:
    """Fuzz and print what was found; returns the exit code."""
    check_positive(options, "examples", "time", "timeout")
    corpus = load()
    setup = set_up(session_options(options), [case.id for case in corpus.cases])
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
            progress = Progress(0 if count == _WITHOUT_END else count)
            try:
                run_fuzz(session, plan, writer, Observer(note=note, step=progress.step))
            finally:
                progress.close()
        with uninterrupted():
            return show(folder)


def _earlier(folder: Path) -> tuple[tuple[str, Case], ...]:
    """The counter-examples and flaky examples in a folder, each with its file in there."""
    found = ((topic.cases[0].file, topic.cases[0]) for topic in finds(folder))
    placed = ((Path(file).relative_to(folder), case) for file, case in found)
    return tuple(
        (str(path), case)
        for path, case in placed
        if path.parts[0] in (FindKind.COUNTER_EXAMPLE, FindKind.FLAKY)
    )


def _count(options: Namespace) -> int:
    """Examples to run; every valid value goes first and counts, so there are never fewer."""
    if options.examples is not None:
        return max(int(options.examples), len(valid_examples(bodies())))
    return EXAMPLES if options.time is None else _WITHOUT_END
