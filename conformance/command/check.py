"""`oss-bodies check FILE...`: the kind of each file, its mistakes, and --fix for vector files.

Responses are checked by the operation documents among the files, and by those of the suite. The
exit code is 2 if any file has a mistake, as for all wrong input.
"""

import json
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from conformance.command.out import say
from conformance.corpus.decode import Terms
from conformance.corpus.file_kinds import INDEX, OPERATION, Checked, check
from conformance.corpus.index import index_mistakes, index_text
from conformance.corpus.load import for_file, load, terms
from conformance.documents.mistake import Mistake
from conformance.documents.strict_json import read
from conformance.errors import InputError, OperationError
from conformance.operation.definition import Operation
from conformance.operation.reading import load_operation


def run(options: Namespace) -> int:
    """Check each file; 0 if all are valid, else 2."""
    usual = terms()
    files = {Path(name): _bytes(Path(name)) for name in options.file}
    operations = tuple(_operations(files))
    results = []
    for path, data in files.items():
        found = _check(path, data, usual, operations)
        if options.fix and found.fixed is not None and found.fixed.encode() != data:
            _write(path, found.fixed)
            found = _check(path, found.fixed.encode(), usual, operations)
            say(f"{path}: {'rebuilt' if found.kind == INDEX.title else 'reformatted'}")
        results.append(found)
        _print(found, as_json=options.json)
    return 0 if all(found.valid for found in results) else InputError.exit_code


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        rule = f"cannot be read: {error.strerror}"
        raise InputError(source=str(path), place="", rule=rule, remedy="name a file") from error


def _operations(files: Mapping[Path, bytes]) -> Iterator[Operation]:
    """The operations of the documents among the files, but for those that are wrong."""
    for path, data in files.items():
        document, _ = read(data)
        if isinstance(document, dict) and all(name in document for name in OPERATION.names):
            with suppress(OperationError):
                yield load_operation(path)


def _check(path: Path, data: bytes, usual: Terms, operations: Sequence[Operation]) -> Checked:
    """The check of the bytes, and of what other files say of them."""
    try:
        of_file = for_file(usual, read(data)[0], path)
        found = check(str(path), data, of_file, operations)
        if found.kind == INDEX.title:
            return _against_its_folder(path, data, found)
        if found.kind == OPERATION.title and found.valid:
            load_operation(path)
    except OperationError as error:
        rule = error.rule if error.source == str(path) else f"{error.source}: {error.rule}"
        wrong = Mistake(place=error.place, rule=rule, remedy=error.remedy)
        found = check(str(path), data, usual, operations)
        return replace(found, mistakes=(wrong,), fixed=None)
    return found


def _against_its_folder(path: Path, data: bytes, found: Checked) -> Checked:
    topics = load(path.resolve().parent).topics
    wrong = index_mistakes(data.decode(), topics)
    return replace(found, mistakes=found.mistakes + wrong, fixed=index_text(topics))


def _print(found: Checked, *, as_json: bool) -> None:
    if as_json:
        mistakes = [
            {"place": wrong.place, "rule": wrong.rule, "remedy": wrong.remedy}
            for wrong in found.mistakes
        ]
        line = {"file": found.file, "kind": found.kind, "valid": found.valid, "mistakes": mistakes}
        say(json.dumps(line, ensure_ascii=False))
        return
    say(f"{found.file}: {found.kind}, {'valid' if found.valid else 'NOT valid'}")
    for wrong in found.mistakes:
        remedy = f" ({wrong.remedy})" if wrong.remedy else ""
        say(f"  {wrong.place or 'the whole file'}: {wrong.rule}{remedy}")


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that an interruption loses nothing."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
