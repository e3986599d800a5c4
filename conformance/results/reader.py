"""Reads a results folder and says what is wrong with it: file, line, rule and remedy.

Nothing is believed: every line of `results.jsonl` is held to its schema, the
format's version is compared before anything else, the order of the lines is checked, and the id
is computed anew. A last line without its line feed was being written when the run died: it is
part of the cut and not an error of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import read_line
from conformance.errors import ResultsError
from conformance.model.codec import transcript_from
from conformance.model.verdict import Transcript, Verdict
from conformance.results import lines
from conformance.results.lines import (
    RESULTS,
    TRANSCRIPTS,
    AgreementRecord,
    Json,
    LaneProfile,
    LaneRecord,
    Results,
)

_FOREIGN = "the file was changed or is not one of ours; run again"
_ALSO_CUT = "run again, or ask for what there is of it"


def read_results(folder: Path, *, allow_cut: bool = False) -> Results:
    """The results in a folder; raises ResultsError when they are broken, foreign or cut.

    allow_cut: a file without its end is read as far as it goes, with `end` None.
    """
    path = folder / RESULTS
    total = 0
    run = end = fuzz = None
    lanes: list[LaneRecord] = []
    verdicts: list[Verdict] = []
    agreements: list[AgreementRecord] = []
    profiles: list[LaneProfile] = []
    for number, line in _lines(path):
        kind = line.get("type")
        if (run is None) != (kind == "run") or end is not None:
            rule = "a results file is one run line, its lanes and verdicts, and one end line"
            raise _wrong(path, number, rule)
        if kind == "run":
            _version(path, line)
        _conforms(path, number, line)
        total = lines.add(total, line)
        if kind == "run":
            run = lines.header_from(line)
        elif kind == "lane":
            lanes.append(lines.lane_from(line))
        elif kind == "verdict":
            verdicts.append(lines.verdict_from(line))
        elif kind == "agreement":
            agreements.append(lines.agreement_from(line))
        elif kind == "fuzz":
            fuzz = line
        elif kind == "profile":
            profiles.append(lines.profile_from(line))
        else:
            end = lines.end_from(line)
    if run is None:
        raise _wrong(path, 1, "the file is empty")
    if end is None and not allow_cut:
        raise _cut(path)
    return Results(
        run=run,
        lanes=tuple(lanes),
        verdicts=tuple(verdicts),
        agreements=tuple(agreements),
        end=end,
        genuine=end is not None and run.id == lines.run_id(total),
        fuzz=fuzz,
        profiles=tuple(profiles),
    )


def read_transcripts(folder: Path, *, allow_cut: bool = False) -> Iterator[Transcript]:
    """The transcripts in a folder, one at a time; raises ResultsError as `read_results` does."""
    path = folder / TRANSCRIPTS
    opened = ended = False
    count = 0
    for number, line in _lines(path):
        kind = line.get("type")
        if opened != (kind != "transcripts") or ended:
            rule = "a transcripts file is one line that names the format, transcripts, and an end"
            raise _wrong(path, number, rule)
        if kind == "transcripts":
            _version(path, line)
            opened = True
        elif kind == "transcript":
            yield _transcript(path, number, line)
            count += 1
        elif kind == "end":
            ended = True
            if line.get("transcripts") != count:
                rule = f"the end counts {line.get('transcripts')} transcripts, there are {count}"
                raise _wrong(path, number, rule)
        else:
            raise _wrong(path, number, f"no line of a transcripts file has the type {kind!r}")
    if not opened:
        raise _wrong(path, 1, "the file is empty")
    if not ended and not allow_cut:
        raise _cut(path)


def _transcript(path: Path, number: int, line: Json) -> Transcript:
    try:
        return transcript_from(line)
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong(path, number, f"not a transcript of this program: {error!r}") from error


def _lines(path: Path) -> Iterator[tuple[int, Json]]:
    try:
        with path.open("rb") as file:
            for number, data in enumerate(file, start=1):
                if not data.endswith(b"\n"):
                    return
                line, mistakes = read_line(data[:-1])
                for mistake in mistakes:
                    raise _mistaken(path, number, mistake)
                if not isinstance(line, dict):
                    raise _wrong(path, number, "not a JSON object")
                yield number, line
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ResultsError(
            source=str(path.parent),
            place="",
            rule=f"holds no {path.name}",
            remedy="name the folder that a run wrote with --out",
        ) from error


def _version(path: Path, line: Json) -> None:
    if line.get("format") != lines.FORMAT:
        raise ResultsError(
            source=str(path),
            place="line 1",
            rule=f"format {line.get('format')!r}; this program reads format {lines.FORMAT}",
            remedy="read it with the version of the suite that wrote it",
        )


def _conforms(path: Path, number: int, line: Json) -> None:
    for mistake in schema_mistakes(line, schema("results")):
        raise _mistaken(path, number, mistake)


def _mistaken(path: Path, number: int, mistake: Mistake) -> ResultsError:
    return ResultsError(
        source=str(path), place=mistake.in_line(number).place, rule=mistake.rule, remedy=_FOREIGN
    )


def _wrong(path: Path, number: int, rule: str) -> ResultsError:
    return ResultsError(source=str(path), place=f"line {number}", rule=rule, remedy=_FOREIGN)


def _cut(path: Path) -> ResultsError:
    return ResultsError(
        source=str(path), place="", rule="cut: its last line is not an end", remedy=_ALSO_CUT
    )
