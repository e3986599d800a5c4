"""Reads a results folder; an error names the file, the line, what is wrong and the remedy.

The version of the format is checked first. Every line of `results.jsonl` is validated against the
schema, the order of the lines is checked, and the id is computed again. A file without an `end`
line is truncated: its complete lines are returned, and a last line without a line feed, which was
being written when the run was killed, is ignored.
"""

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import read_line
from conformance.errors import DamagedResultsError, ResultsError
from conformance.model.codec import transcript_from
from conformance.model.verdict import Transcript
from conformance.results import lines
from conformance.results.folder_files import open_to_read
from conformance.results.lines import RESULTS
from conformance.results.publishing import is_locked, transcripts_file
from conformance.results.seal import START, intact, stated
from conformance.results.values import NO_ID, Json, Results, RunHeader

_ORDER = "a results file has one run line first and one end line last"
_ID = re.compile(rb'("id":")[0-9a-f]{16}')
_BEGIN = b'{"type":"transcript",'  # of a line; a name occurs once, so this is its type
_RUN_AGAIN = "the file was edited, or this program did not write it; run again"


def read_results(folder: Path) -> Results:
    """The results in a folder, with `end` None if truncated.

    Raises ResultsError if they are missing, invalid, or being written by a run.
    """
    path = folder / RESULTS
    total = 0
    found: dict[str, list[Any]] = {kind: [] for kind in lines.VALUE_OF}
    cases: set[str] = set()
    altered: int | None = None
    for number, line, whole in _lines(path):
        if altered is None and not whole:
            altered = number
        kind = str(line.get("type"))
        if bool(found["run"]) == (kind == "run") or found["end"]:
            raise _error(path, f"line {number}", _ORDER)
        if kind == "run":
            _version(path, line)
        _check(path, number, schema_mistakes(line, schema("results")))
        total = lines.add(total, line)
        value = lines.VALUE_OF[kind](line)
        if kind == "case":
            cases.add(value.case)
        elif kind == "verdict" and value.case not in cases:
            rule = f"no case line of {value.case} comes before this verdict"
            raise _error(path, f"line {number}", rule)
        found[kind].append(value)
    if not found["end"] and is_locked(folder):
        rule = "is being written by a run that still runs"
        remedy = "wait until it has ended"
        raise ResultsError(source=str(folder), place="", rule=rule, remedy=remedy)
    run: RunHeader = found["run"][0]
    end, fuzz = (next(iter(found[kind]), None) for kind in ("end", "fuzz"))
    return Results(
        run=run,
        cases=tuple(found["case"]),
        lanes=tuple(found["lane"]),
        verdicts=tuple(found["verdict"]),
        agreements=tuple(found["agreement"]),
        end=end,
        genuine=end is not None and altered is None and run.id == lines.run_id(total),
        altered=altered,
        fuzz=fuzz,
        profiles=tuple(found["profile"]),
    )


def read_run(folder: Path) -> RunHeader:
    """The first line of the results in a folder; raises as `read_results` does for that line."""
    path = folder / RESULTS
    _, line, _ = next(_lines(path))
    if line.get("type") != "run":
        raise _error(path, "line 1", _ORDER)
    _version(path, line)
    _check(path, 1, schema_mistakes(line, schema("results")))
    run: RunHeader = lines.VALUE_OF["run"](line)
    return run


def read_transcripts(folder: Path, *, seal: str | None = None) -> Iterator[Transcript]:
    """The transcripts in a folder, one at a time; raises ResultsError as `read_results` does.

    seal: as for `transcript_lines`.
    """
    path = transcripts_file(folder)
    for number, _, data in transcript_lines(folder, seal=seal):
        yield decoded_transcript(path, number, data)


def transcripts_of(folder: Path, case: str) -> Iterator[Transcript]:
    """The transcripts of one case in a folder; raises ResultsError as `read_results` does."""
    path, name = transcripts_file(folder), f'"{case}"'.encode()
    for number, _, data in transcript_lines(folder):
        # Most lines are of other cases and need not be parsed.
        if name in data and (found := decoded_transcript(path, number, data)).case == case:
            yield found


def transcript_lines(folder: Path, *, seal: str | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset in the file and bytes of each line that holds a transcript; they are adjacent.

    seal: what the end line of the results says of the file; given, a file that was changed since is
    refused.
    """
    path = transcripts_file(folder)
    opened = ended = False
    count = after = 0
    for number, data, whole in _raw_lines(path, check=seal is not None):
        start, after = after, after + len(data)
        if not whole:
            raise _error(path, f"line {number}", "changed after it was written")
        line = {"type": "transcript"} if data.startswith(_BEGIN) else _decoded(path, number, data)
        kind = line.get("type")
        if opened != (kind != "transcripts") or ended:
            rule = "a transcripts file has one transcripts line first and one end line last"
            raise _error(path, f"line {number}", rule)
        if kind == "transcripts":
            _version(path, line)
            opened = True
        elif kind == "transcript":
            yield number, start, data
            count += 1
        elif kind == "end":
            ended = True
            if line.get("transcripts") != count:
                rule = f"the end line says {line.get('transcripts')} transcripts, found {count}"
                raise _error(path, f"line {number}", rule)
        else:
            raise _error(path, f"line {number}", f"unknown type of line: {kind!r}")
        if ended and seal not in (None, line["check"]):
            raise _error(path, f"line {number}", "not the file that the results were made from")
    if seal is not None and not ended:
        raise _error(path, f"line {count + 2}", "no end line: the file was cut")


def decoded_transcript(path: Path, number: int, data: bytes) -> Transcript:
    """The transcript in a line of the file `path`; raises ResultsError if it holds none."""
    line = _decoded(path, number, data)
    try:
        return transcript_from(line)
    except (KeyError, TypeError, ValueError) as error:
        raise _error(path, f"line {number}", f"not a valid transcript: {error!r}") from error


def lines_from(path: Path, start: int, count: int) -> list[bytes]:
    """So many lines from this offset in the file; raises as `read_transcripts` does."""
    with _opened(path) as file:
        file.seek(start)
        return [file.readline() for _ in range(count)]


def line_number(folder: Path, members: Mapping[str, str]) -> int | None:
    """The number of the last line of the results that has these members."""
    found = None
    for number, line, _ in _lines(folder / RESULTS):
        if all(line.get(name) == value for name, value in members.items()):
            found = number
    return found


def _lines(path: Path) -> Iterator[tuple[int, Json, bool]]:
    """Number and content of each line, and whether it is as it was written."""
    for number, data, whole in _raw_lines(path):
        yield number, _decoded(path, number, data), whole


def _decoded(path: Path, number: int, data: bytes) -> Json:
    line, mistakes = read_line(data[:-1])
    _check(path, number, mistakes)
    if not isinstance(line, dict):
        raise _error(path, f"line {number}", "not a JSON object")
    return line


def _raw_lines(path: Path, *, check: bool = True) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each line, and whether it is as it was written.

    check: whether to find that out; if not, each line is taken to be.
    """
    previous = START
    with _opened(path) as file:
        empty = True
        for number, data in enumerate(file, start=1):
            if not data.endswith(b"\n"):
                break
            empty = False
            if check:
                whole = intact(_without_id(data) if number == 1 else data, previous)
                previous = stated(data) or START
            yield number, data, not check or whole
        if empty:
            raise _error(path, "line 1", "the file is empty or its first line is incomplete")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with open_to_read(path) as file:
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        rule = f"the folder has no {path.name}"
        remedy = "name a folder that `run` or `fuzz` wrote, its --out"
        raise ResultsError(source=str(path.parent), place="", rule=rule, remedy=remedy) from error
    except OSError as error:
        rule = "is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)
        remedy = "replace it by the file itself, readable by you"
        raise ResultsError(source=str(path), place="", rule=rule, remedy=remedy) from error


def _without_id(data: bytes) -> bytes:
    """The first line as it was before the id was known."""
    return _ID.sub(rb"\g<1>" + NO_ID.encode(), data, count=1)


def _version(path: Path, line: Json) -> None:
    written = line.get("format")
    if written != lines.FORMAT:
        newer = isinstance(written, int) and written > lines.FORMAT
        older = "run again, or read it with the version of the suite that wrote it"
        rule = f"format {written!r}; this version of the suite reads format {lines.FORMAT}"
        remedy = "update the suite" if newer else older
        raise ResultsError(source=str(path), place="line 1", rule=rule, remedy=remedy)


def _check(path: Path, number: int, mistakes: Iterable[Mistake]) -> None:
    for mistake in mistakes:
        raise _error(path, mistake.in_line(number).place, mistake.rule)


def _error(path: Path, place: str, rule: str) -> DamagedResultsError:
    return DamagedResultsError(source=str(path), place=place, rule=rule, remedy=_RUN_AGAIN)
