"""`oss-bodies judge DIR`: judge a run's transcripts again, without lanes, mock or network.

It is how a reader checks a verdict: the transcripts are the evidence; the claims are the vectors
of this installation, the vector files that the run named, and those that a fuzz wrote into the
folder. Nothing is written.
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
    """Judge, show, and say where today's verdict is another than the one in the folder."""
    folder = Path(options.folder)
    stored = read_results(folder)
    corpus = load()
    named = _named(stored, folder)
    if stored.run.vectors != (named if stored.run.vector_files else corpus).digest:
        note("the vectors here are not those of the run: verdicts may differ for that reason")
    topics = (*corpus.topics, *named.topics, *finds(folder))
    cases = {case.id: case for topic in topics for case in topic.cases}
    lists = _lists(stored, options.known_failing, list(cases))
    calibrated()
    judged = rejudged(stored, _known(folder, stored, cases), cases, lists)
    report = assemble(judged, folder=relative(folder))
    say(terminal_text(report, layout()))
    changed = list(verdict_changes(stored, judged))
    for line in (*changed, *profile_changes(stored, judged)):
        say(line)
    total, other = len(judged.verdicts), len(changed)
    say(f"{total} transcripts judged again: {total - other} as stored, {other} not")
    return report.exit


def _named(stored: Results, folder: Path) -> Corpus:
    """The vector files that took the place of the corpus in the run."""
    paths = [Path(name) for name in stored.run.vector_files]
    for path in paths:
        if not path.is_file():
            raise ResultsError(
                source=str(folder),
                place=str(path),
                rule="the run took its cases from this vector file, which is not here",
                remedy="judge it in the folder in which `oss-bodies run` was called",
            )
    return load_files(paths)


def _known(folder: Path, stored: Results, cases: Mapping[str, Case]) -> Iterator[Transcript]:
    """The transcripts of the folder; ResultsError for one whose case is not here."""
    for transcript in read_transcripts(folder):
        if transcript.case not in cases:
            raise ResultsError(
                source=str(folder),
                place=transcript.case,
                rule="the vectors here have no such case",
                remedy=f"judge it with version {stored.run.suite} of the suite",
            )
        yield transcript


def _lists(stored: Results, files: list[str], case_ids: list[str]) -> tuple[KnownList, ...]:
    """The known-failing lists of the run that are still there, and those named now."""
    runners = [record.folder for record in stored.lanes if record.folder is not None]
    wanted = [*(f"{folder}/manifest.json" for folder in runners), *stored.run.known_failing]
    for missing in (path for path in dict.fromkeys(wanted) if not Path(path).is_file()):
        note(f"{missing} is not here: what its known-failing list names counts as new")
    here = dict.fromkeys(Path(one) for one in runners if Path(one, "manifest.json").is_file())
    given = [path for path in stored.run.known_failing if Path(path).is_file()]
    named = [Path(path) for path in dict.fromkeys([*given, *files])]
    return known_lists(manifests(list(here)), named, case_ids)
