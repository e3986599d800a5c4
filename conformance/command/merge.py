"""`oss-bodies merge DIR... --out DIR`: the parts of a run that was divided by --shard as one run.

The verdicts and the transcripts are those of the parts. Agreement, profiles, counts, the exit code
and the id are computed from them, so the result equals that of the run without --shard.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.command.report import show
from conformance.corpus.load import load, load_files
from conformance.errors import ResultsError
from conformance.model.case import Case
from conformance.model.verdict import Transcript, Verdict
from conformance.results import ResultsWriter, RunHeader, read_results, read_transcripts
from conformance.results.shards import Part, in_order, whole_end, whole_header, whole_lanes
from conformance.results.tally import Tally


def run(options: Namespace) -> int:
    """Merge the folders and print the report; returns the exit code of the whole run."""
    folders, out = [Path(name) for name in options.folder], Path(options.out)
    for folder in folders:
        if folder.resolve() == out.resolve():
            raise ResultsError(
                source="--out",
                place=str(out),
                rule="is one of the parts",
                remedy="name another folder: the parts are kept",
            )
    parts = in_order([Part(folder=str(each), results=read_results(each)) for each in folders])
    header = whole_header(parts)
    cases = _cases(header)
    with ResultsWriter(out, header) as writer, writer.rewriting():
        _write(writer, parts, cases)
    return show(out, as_json=options.json)


def _write(writer: ResultsWriter, parts: Sequence[Part], cases: Mapping[str, Case]) -> None:
    records = {record.case: record for part in parts for record in part.results.cases}
    for name in (name for name in cases if name in records):
        writer.case(records[name])
    for lane in whole_lanes(parts):
        writer.lane(lane)
    tally = Tally([lane for lane in parts[0].results.run.lanes if _has_run(parts, lane)])
    for transcript, verdict in _trials(parts):
        writer.transcript(transcript)
        writer.verdict(verdict)
        agreement = tally.add(cases[transcript.case], transcript, verdict)
        if agreement is not None:
            writer.agreement(agreement)
    for agreement in tally.rest():
        writer.agreement(agreement)
    for profile in tally.profiles():
        writer.profile(profile)
    writer.end(whole_end(parts, tally))


def _has_run(parts: Sequence[Part], lane: str) -> bool:
    return any(verdict.lane == lane for part in parts for verdict in part.results.verdicts)


def _trials(parts: Sequence[Part]) -> Iterator[tuple[Transcript, Verdict]]:
    """Each transcript with its verdict; raises ResultsError if one of the two is missing."""
    for part in parts:
        assert part.results.end is not None
        verdicts = {(verdict.case, verdict.lane): verdict for verdict in part.results.verdicts}
        for transcript in read_transcripts(Path(part.folder), seal=part.results.end.transcripts):
            verdict = verdicts.pop((transcript.case, transcript.lane), None)
            if verdict is None:
                raise _unpaired(part, transcript.case, transcript.lane, "has no verdict")
            yield transcript, verdict
        for case, lane in verdicts:
            raise _unpaired(part, case, lane, "has no transcript")


def _unpaired(part: Part, case: str, lane: str, rule: str) -> ResultsError:
    place = f"{case} on {lane}"
    return ResultsError(source=part.folder, place=place, rule=rule, remedy="run this shard again")


def _cases(header: RunHeader) -> dict[str, Case]:
    """The cases of the run by id, in their order; profiles cannot be made without them."""
    files = [Path(name) for name in header.vector_files]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise ResultsError(
            source="merge",
            place=missing[0],
            rule="the parts took their cases from this vector file, which does not exist",
            remedy="call it in the folder in which `oss-bodies run` was called",
        )
    corpus = load_files(files) if files else load()
    if corpus.digest != header.vectors:
        raise ResultsError(
            source="merge",
            place=f"vectors sha256:{header.vectors}",
            rule=f"are not the vectors that are here, sha256:{corpus.digest}",
            remedy=f"merge with version {header.suite} of the suite and its vectors",
        )
    return {case.id: case for case in corpus.cases}
