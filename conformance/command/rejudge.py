"""`oss-bodies judge DIR`: re-judge the transcripts of a run, without lanes, mock or network.

Readers of a report use it to check a verdict. The transcripts are the evidence. The expectations
come from the vectors of this installation, the vector files that the run was given, and the files
that a fuzz wrote into the folder. Nothing is written.
"""

import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance import __version__
from conformance.calibration.calibrating import calibrated
from conformance.command.out import layout, note, say
from conformance.corpus.known_failing import KnownList
from conformance.corpus.load import Corpus, finds, load, load_files
from conformance.errors import ResultsError
from conformance.live.live_case import as_live
from conformance.model.case import Case
from conformance.report.assemble import assemble
from conformance.report.terminal import terminal_text
from conformance.results import PAGE_CASES, Results, read_results
from conformance.results.judging_processes import judged_transcripts
from conformance.results.rejudging import profile_changes, rejudged, verdict_changes
from conformance.runner.discovery import manifests
from conformance.runner.known_lists import known_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A stored run with what judges it again: the cases and the known-failing lists."""

    folder: Path
    stored: Results
    digest: str  # of the vectors that are here and take the place of the run's
    cases: Mapping[str, Case]
    lists: tuple[KnownList, ...]
    all_lists: bool  # whether every known-failing list of the run is here

    @classmethod
    def open(cls, folder: Path, stored: Results, files: list[str]) -> "StoredRun":
        """Read the vectors and lists of the run, and the lists in `files`."""
        corpus = load(checked=stored.run.vectors)
        from_files = _vector_files(stored, folder)
        topics = (*corpus.topics, *from_files.topics, *finds(folder))
        cases = {case.id: case for topic in topics for case in topic.cases}
        target = stored.run.live
        if target is not None:
            cases |= {name: as_live(case, target) for name, case in cases.items() if case.live}
        missing = _missing_lists(stored)
        return cls(
            folder=folder,
            stored=stored,
            digest=(from_files if stored.run.vector_files else corpus).digest,
            cases=cases,
            lists=_lists(stored, missing, files, list(cases)),
            all_lists=not missing,
        )

    @property
    def same_suite(self) -> bool:
        """Whether the version of the suite is that of the run."""
        return self.stored.run.suite == __version__

    def judged(self, *, seal: str | None = None) -> Results:
        """The results with the transcripts re-judged. seal: as for `read_transcripts`."""
        suite = self.stored.run.suite
        trials = judged_transcripts(self.folder, self.cases, suite=suite, seal=seal)
        calibrated()  # while other processes judge; nothing of it is used if this raises
        return rejudged(self.stored, trials, self.cases, self.lists)


def run(options: Namespace) -> int:
    """Print the report of the new verdicts, and each difference from the stored ones."""
    folder = Path(options.folder)
    stored = read_results(folder)
    again = StoredRun.open(folder, stored, options.known_failing)
    if stored.run.vectors != again.digest:
        note("the vectors of this installation are not those of the run: verdicts may differ")
    judged = again.judged()
    report = assemble(judged, folder=os.path.relpath(folder), lists=again.lists)
    say(terminal_text(report, layout(), verbose=options.verbose))
    changed = list(verdict_changes(stored, judged))
    for line in (*changed, *profile_changes(stored, judged)):
        say(line)
    total = len(judged.verdicts)
    say(f"{total} transcripts re-judged: {total - len(changed)} as stored, {len(changed)} not")
    return report.exit


def _vector_files(stored: Results, folder: Path) -> Corpus:
    """The vector files that the run took its cases from instead of the corpus.

    That of a page's programs is in the folder.
    """
    names = stored.run.vector_files
    paths = [folder / name if name == PAGE_CASES else Path(name) for name in names]
    for path in paths:
        if not path.is_file():
            raise ResultsError(
                source=str(folder),
                place=str(path),
                rule="the run took its cases from this vector file, which does not exist",
                remedy="call it in the folder in which `oss-bodies run` was called",
            )
    return load_files(paths)


def _missing_lists(stored: Results) -> list[str]:
    """The known-failing lists, and the manifests of runners with such lists, that are not here."""
    needed = [*_manifests(stored), *stored.run.known_failing]
    missing = [path for path in dict.fromkeys(needed) if not Path(path).is_file()]
    for path in missing:
        note(f"{path} does not exist: failures in its known-failing list count as new")
    return missing


def _manifests(stored: Results) -> list[str]:
    paths = (f"{lane.folder}/manifest.json" for lane in stored.lanes if lane.folder)
    return list(dict.fromkeys(paths))


def _lists(
    stored: Results, missing: list[str], files: list[str], case_ids: list[str]
) -> tuple[KnownList, ...]:
    """The known-failing lists of the run that still exist, and those in `files`."""
    runners = [Path(path).parent for path in _manifests(stored) if path not in missing]
    given = (path for path in stored.run.known_failing if path not in missing)
    paths = [Path(path) for path in dict.fromkeys([*given, *files])]
    return known_lists(manifests(runners), paths, case_ids)
