"""What this installation knows about the cases of a results folder, for its page.

The page is written without it if the vectors have changed since the run, or cannot be read.
"""

from pathlib import Path

from conformance.corpus.known_failing import KnownList
from conformance.corpus.load import finds, load, load_files
from conformance.errors import SuiteError
from conformance.model.case import Case
from conformance.report.html.page_data import NOTHING, Installed
from conformance.results import Results, RunHeader
from conformance.runner.discovery import manifests
from conformance.runner.known_lists import known_lists


def installed(stored: Results, folder: Path) -> Installed:
    """The cases of the run, if their vectors are unchanged, and the known-failing lists."""
    return with_lists(installed_cases(stored.run, folder), stored)


def installed_cases(run: RunHeader, folder: Path) -> dict[str, Case]:
    """The cases of a run by id, if their vectors are unchanged; none if they are not."""
    try:
        corpus = load(checked=run.vectors)
        given = load_files([Path(name) for name in run.vector_files])
        if run.vectors != (given if run.vector_files else corpus).digest:
            return {}
        topics = (*corpus.topics, *given.topics, *finds(folder))
    except (SuiteError, OSError):
        return {}
    return {case.id: case for topic in topics for case in topic.cases}


def with_lists(cases: dict[str, Case], stored: Results) -> Installed:
    """These cases of the run, and the known-failing lists."""
    return Installed(cases=cases, lists=_lists(stored, cases)) if cases else NOTHING


def _lists(stored: Results, cases: dict[str, Case]) -> tuple[KnownList, ...]:
    runners = dict.fromkeys(Path(lane.folder) for lane in stored.lanes if lane.folder)
    files = [Path(name) for name in stored.run.known_failing]
    try:
        return known_lists(manifests(list(runners)), files, list(cases))
    except (SuiteError, OSError):
        return ()
