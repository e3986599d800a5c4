"""`oss-bodies check FILE...`: the kind of each file and its mistakes; --fix for vector files.

Vectors are checked against the operation documents among the files and those of the suite.
"""

import json
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from conformance.command.out import say
from conformance.corpus.decode import Terms
from conformance.corpus.file_kinds import INDEX, KNOWN_FAILING, OPERATION, Checked, check
from conformance.corpus.index import index_mistakes, index_text
from conformance.corpus.known_failing import stale
from conformance.corpus.load import for_file, load, load_known, terms
from conformance.documents.files import read_bytes
from conformance.documents.mistake import Mistake
from conformance.documents.strict_json import read
from conformance.errors import InputError, OperationError
from conformance.judge.rule_names import RULE_NAMES
from conformance.operation.definition import Operation
from conformance.operation.reading import load_operation


def run(options: Namespace) -> int:
    """Check each file; returns 0 if all are valid, else 2."""
    of_suite = terms()
    files = {Path(name): read_bytes(Path(name)) for name in options.file}
    operations = tuple(_operations(files))
    results = []
    for path, data in files.items():
        result = _check(path, data, of_suite, operations)
        if options.fix and result.fixed is not None and result.fixed.encode() != data:
            write_file(path, result.fixed)
            result = _check(path, result.fixed.encode(), of_suite, operations)
            say(f"{path}: {'rebuilt' if result.kind == INDEX.title else 'reformatted'}")
        results.append(result)
        _print(result, as_json=options.json)
    return 0 if all(result.valid for result in results) else InputError.exit_code


def _operations(files: Mapping[Path, bytes]) -> Iterator[Operation]:
    """The operations in the operation documents among the files; invalid ones are left out."""
    for path, data in files.items():
        document, _ = read(data)
        if isinstance(document, dict) and all(name in document for name in OPERATION.names):
            with suppress(OperationError):
                yield load_operation(path)


def _check(path: Path, data: bytes, of_suite: Terms, operations: Sequence[Operation]) -> Checked:
    """Check a file by itself and against the files that it refers to."""
    try:
        of_file = for_file(of_suite, read(data)[0], path)
        result = check(str(path), data, of_file, operations)
        if result.kind == INDEX.title:
            return _check_index(path, data, result)
        if result.kind == OPERATION.title and result.valid:
            load_operation(path)
        if result.kind == KNOWN_FAILING.title and result.valid:
            return replace(result, mistakes=_stale(path))
    except OperationError as error:
        rule = error.rule if error.source == str(path) else f"{error.source}: {error.rule}"
        mistake = Mistake(place=error.place, rule=rule, remedy=error.remedy)
        result = check(str(path), data, of_suite, operations)
        return replace(result, mistakes=(mistake,), fixed=None)
    return result


def _check_index(path: Path, data: bytes, result: Checked) -> Checked:
    """The result with the mistakes that the vector files of the index's folder show."""
    topics = load(path.resolve().parent).topics
    mistakes = index_mistakes(data.decode(), topics)
    return replace(result, mistakes=result.mistakes + mistakes, fixed=index_text(topics))


def _stale(path: Path) -> tuple[Mistake, ...]:
    """The mistakes in a known-failing list that the corpus and the rules show."""
    case_ids = [case.id for case in load().cases]
    return tuple(mistake for _, mistake in stale(load_known(path), case_ids, RULE_NAMES))


def _print(result: Checked, *, as_json: bool) -> None:
    if as_json:
        line = {
            "file": result.file,
            "kind": result.kind,
            "valid": result.valid,
            "mistakes": [asdict(mistake) for mistake in result.mistakes],
        }
        say(json.dumps(line))
        return
    say(f"{result.file}: {result.kind}, {'valid' if result.valid else 'NOT valid'}")
    for mistake in result.mistakes:
        remedy = f" ({mistake.remedy})" if mistake.remedy else ""
        say(f"  {mistake.place or 'the whole file'}: {mistake.rule}{remedy}")


def write_file(path: Path, text: str) -> None:
    """Replace the file in one step, so that an interruption cannot truncate it."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
