"""`oss-bodies record DIR [DIR2] --out FILE`: the exchanges of a run as a vector file.

With a second folder, of another run of the same cases, it prints which fields of the answers were
equal in all recordings; they become evidence in the file. Without --out that is all it does.
"""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from conformance.command.check import write_file
from conformance.command.out import note, say
from conformance.command.rejudge import StoredRun
from conformance.corpus.decode import decode, mistakes
from conformance.corpus.layout import format_vector
from conformance.corpus.load import terms
from conformance.documents.strict_json import read
from conformance.errors import InputError, ResultsError
from conformance.judge.masking import restored_transcript
from conformance.live.recorded import (
    CaseRecording,
    as_sent_again,
    case_stability,
    unrecordable,
    vector_document,
)
from conformance.model.case import Case, Provenance, Source
from conformance.model.verdict import Outcome, Transcript
from conformance.results import Results, read_results, read_transcripts

_MOCK = "mock"


def run(options: Namespace) -> int:
    """Write the file or print the comparison; raises InputError."""
    folders = [Path(name) for name in (options.folder, options.second) if name]
    if options.out is None and len(folders) == 1:
        rule, remedy = "one recording can be written, but compared with nothing", "add --out FILE"
        raise InputError(source="record", place="", rule=rule, remedy=remedy)
    stored = [read_results(folder) for folder in folders]
    recordings = _recordings(folders, stored)
    if len(folders) > 1:
        for one in recordings:
            say(f"{one.case.id}: {case_stability(one).note or 'recorded once'}")
    if options.out is not None:
        _write(Path(options.out), recordings, stored[0])
    return 0


def _recordings(folders: list[Path], stored: list[Results]) -> list[CaseRecording]:
    """The cases of the first folder that can be replayed, each with all its transcripts."""
    cases: dict[str, Case] = {}
    found: defaultdict[str, list[Transcript]] = defaultdict(list)
    passed: set[tuple[str, str]] = set()
    for folder, results in zip(folders, stored, strict=True):
        known: Mapping[str, Case] = StoredRun.open(folder, results, []).cases
        if not cases:
            cases = dict(known)
            passed = {(v.case, v.lane) for v in results.verdicts if v.outcome is Outcome.PASS}
        for transcript in read_transcripts(folder):
            if transcript.case in known and transcript.skipped is None:
                case = known[transcript.case]
                found[transcript.case].append(restored_transcript(case, transcript))
    recordings = []
    for name, transcripts in found.items():
        best = sorted(transcripts, key=lambda one: (one.case, one.lane) not in passed)
        one = CaseRecording(case=cases[name], transcripts=tuple(best))
        reason = unrecordable(one)
        if reason:
            note(f"left out: {name}: {reason}")
        else:
            recordings.append(one)
    if not recordings:
        rule, remedy = "no exchange of it can be replayed", "record a run that sent requests"
        raise ResultsError(source=str(folders[0]), place="", rule=rule, remedy=remedy)
    return sorted(recordings, key=lambda one: one.case.id)


def _write(path: Path, recordings: list[CaseRecording], results: Results) -> None:
    live, date = results.run.live, results.run.started[:10]
    place = _MOCK if live is None else live.region
    source = None
    if live is not None:
        source = Provenance(
            source=Source.LIVE,
            note="The service answered the call of the case like this.",
            date=date,
            region=live.region,
        )
    of_suite = terms()
    about = f"Exchanges recorded on {date} from {place}, with what each case expects."
    document = vector_document(
        f"bodies/recorded-{place}", about, recordings, source, of_suite.suite
    )
    for mistake in mistakes(document, of_suite):  # such as a status that no document states
        if mistake.place.endswith(("/expect/required/status", "/expect/required/code")):
            as_sent_again(document, mistake.place)
    text = format_vector(document, of_suite.schemas["vectors"])
    read_again, _ = read(text.encode())
    decode(read_again, file=str(path), terms=of_suite)
    write_file(path, text)
    say(f"{path}: {len(recordings)} cases; oss-bodies run --vectors {path}")
