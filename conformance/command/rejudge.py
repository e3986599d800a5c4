"""`oss-bodies judge DIR`: re-judge the transcripts of a run, without lanes, mock or network.

Readers of a report use it to check a verdict. The transcripts are the evidence. The expectations
come from the vectors of this installation, the vector files that the run was given, and the files
that a fuzz wrote into the folder. Nothing is written.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.calibration.calibrating import calibrated
from conformance.command.out import layout, note, say
from conformance.corpus.known_failing import KnownList
from conformance.corpus.load import Corpus, finds, load, load_files
from conformance.errors import ResultsError
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.report.assemble import assemble
from conformance.report.terminal import terminal_text
from conformance.results import Results, read_results, read_transcripts, relative
from conformance.results.rejudging import profile_changes, rejudged, verdict_changes
from conformance.session import known_lists, manifests


def run(options: Namespace) -> int:
    """Print the report of the new verdicts, and each difference from the stored ones."""
    folder = Path(options.folder)
    stored = read_results(folder)
    corpus = load()
    from_files = _vector_files(stored, folder)
    if stored.run.vectors != (from_files if stored.run.vector_files else corpus).digest:
        note("the vectors of this installation are not those of the run: verdicts may differ")
    topics = (*corpus.topics, *from_files.topics, *finds(folder))
    cases = {case.id: case for topic in topics for case in topic.cases}
    lists = _lists(stored, options.known_failing, list(cases))
    calibrated()
    judged = rejudged(stored, _transcripts(folder, stored, cases), cases, lists)
    report = assemble(judged, folder=relative(folder))
    say(terminal_text(report, layout()))
    changed = list(verdict_changes(stored, judged))
    for line in (*changed, *profile_changes(stored, judged)):
        say(line)
    total = len(judged.verdicts)
    say(f"{total} transcripts re-judged: {total - len(changed)} as stored, {len(changed)} not")
    return report.exit


def _vector_files(stored: Results, folder: Path) -> Corpus:
    """The vector files that the run took its cases from instead of the corpus."""
    paths = [Path(name) for name in stored.run.vector_files]
    for path in paths:
        if not path.is_file():
            raise ResultsError(
                source=str(folder),
                place=str(path),
                rule="the run took its cases from this vector file, which does not exist",
                remedy="call it in the folder in which `oss-bodies run` was called",
            )
    return load_files(paths)


def _transcripts(folder: Path, stored: Results, cases: Mapping[str, Case]) -> Iterator[Transcript]:
    """The transcripts in the folder; raises ResultsError for one whose case is unknown."""
    for transcript in read_transcripts(folder):
        if transcript.case not in cases:
            raise ResultsError(
                source=str(folder),
                place=transcript.case,
                rule="the vectors of this installation do not have this case",
                remedy=f"use version {stored.run.suite} of the suite, which made the run",
            )
        yield transcript


def _lists(stored: Results, files: list[str], case_ids: list[str]) -> tuple[KnownList, ...]:
    """The known-failing lists of the run that still exist, and those in `files`."""
    of_lanes = dict.fromkeys(f"{lane.folder}/manifest.json" for lane in stored.lanes if lane.folder)
    needed = [*of_lanes, *stored.run.known_failing]
    missing = [path for path in dict.fromkeys(needed) if not Path(path).is_file()]
    for path in missing:
        note(f"{path} does not exist: failures in its known-failing list count as new")
    runners = [Path(path).parent for path in of_lanes if path not in missing]
    given = (path for path in stored.run.known_failing if path not in missing)
    paths = [Path(path) for path in dict.fromkeys([*given, *files])]
    return known_lists(manifests(runners), paths, case_ids)
