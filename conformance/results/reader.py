"""Reads a results folder; an error names the file, the line, what is wrong and the remedy.

The version of the format is checked first. Every line of `results.jsonl` is validated against the
schema, the order of the lines is checked, and the id is computed again. A file without an `end`
line is truncated: its complete lines are returned, and a last line without a line feed, which was
being written when the run was killed, is ignored.
"""

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import read_line
from conformance.errors import ResultsError
from conformance.model.codec import transcript_from
from conformance.model.verdict import Transcript
from conformance.results import lines
from conformance.results.folder_files import open_to_read
from conformance.results.lines import RESULTS, TRANSCRIPTS
from conformance.results.values import Json, Results, RunHeader

_RUN_AGAIN = "the file was edited, or this program did not write it; run again"


def read_results(folder: Path) -> Results:
    """The results in a folder, with `end` None if truncated; ResultsError if missing or invalid."""
    path = folder / RESULTS
    total = 0
    found: dict[str, list[Any]] = {kind: [] for kind in lines.VALUE_OF}
    cases: set[str] = set()
    for number, line in _lines(path):
        kind = str(line.get("type"))
        if bool(found["run"]) == (kind == "run") or found["end"]:
            rule = "a results file has one run line first and one end line last"
            raise _error(path, f"line {number}", rule)
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
    run: RunHeader = found["run"][0]
    end, fuzz = (next(iter(found[kind]), None) for kind in ("end", "fuzz"))
    return Results(
        run=run,
        cases=tuple(found["case"]),
        lanes=tuple(found["lane"]),
        verdicts=tuple(found["verdict"]),
        agreements=tuple(found["agreement"]),
        end=end,
        genuine=end is not None and run.id == lines.run_id(total),
        fuzz=fuzz,
        profiles=tuple(found["profile"]),
    )


def read_transcripts(folder: Path) -> Iterator[Transcript]:
    """The transcripts in a folder, one at a time; raises ResultsError as `read_results` does."""
    path = folder / TRANSCRIPTS
    opened = ended = False
    count = 0
    for number, line in _lines(path):
        kind = line.get("type")
        if opened != (kind != "transcripts") or ended:
            rule = "a transcripts file has one transcripts line first and one end line last"
            raise _error(path, f"line {number}", rule)
        if kind == "transcripts":
            _version(path, line)
            opened = True
        elif kind == "transcript":
            yield _transcript(path, number, line)
            count += 1
        elif kind == "end":
            ended = True
            if line.get("transcripts") != count:
                rule = f"the end line says {line.get('transcripts')} transcripts, found {count}"
                raise _error(path, f"line {number}", rule)
        else:
            raise _error(path, f"line {number}", f"unknown type of line: {kind!r}")


def _transcript(path: Path, number: int, line: Json) -> Transcript:
    try:
        return transcript_from(line)
    except (KeyError, TypeError, ValueError) as error:
        raise _error(path, f"line {number}", f"not a valid transcript: {error!r}") from error


def _lines(path: Path) -> Iterator[tuple[int, Json]]:
    try:
        with open_to_read(path) as file:
            empty = True
            for number, data in enumerate(file, start=1):
                if not data.endswith(b"\n"):
                    break
                line, mistakes = read_line(data[:-1])
                _check(path, number, mistakes)
                if not isinstance(line, dict):
                    raise _error(path, f"line {number}", "not a JSON object")
                empty = False
                yield number, line
            if empty:
                raise _error(path, "line 1", "the file is empty or its first line is incomplete")
    except (FileNotFoundError, NotADirectoryError) as error:
        rule = f"the folder has no {path.name}"
        remedy = "name a folder that `run` or `fuzz` wrote, its --out"
        raise _error(path.parent, "", rule, remedy) from error
    except OSError as error:
        rule = "is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)
        raise _error(path, "", rule, "replace it by the file itself, readable by you") from error


def _version(path: Path, line: Json) -> None:
    written = line.get("format")
    if written != lines.FORMAT:
        newer = isinstance(written, int) and written > lines.FORMAT
        older = "run again, or read it with the version of the suite that wrote it"
        rule = f"format {written!r}; this version of the suite reads format {lines.FORMAT}"
        raise _error(path, "line 1", rule, "update the suite" if newer else older)


def _check(path: Path, number: int, mistakes: Iterable[Mistake]) -> None:
    for mistake in mistakes:
        raise _error(path, mistake.in_line(number).place, mistake.rule)


def _error(path: Path, place: str, rule: str, remedy: str = _RUN_AGAIN) -> ResultsError:
    return ResultsError(source=str(path), place=place, rule=rule, remedy=remedy)
