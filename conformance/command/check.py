"""`oss-bodies check FILE...`: what a file is, whether it is valid, and --fix for vector files.

Exit code 2 when any file is wrong, as for all wrong input.
"""

import json
import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.out import say
from conformance.corpus.file_kinds import INDEX, Checked, check
from conformance.corpus.index import index_mistakes, index_text
from conformance.corpus.load import load, terms
from conformance.errors import ExitCode, InputError


def run(options: Namespace) -> int:
    """Check each file; 0 if all are valid, else 2."""
    asked = terms()
    results = []
    for name in options.file:
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            rule = f"cannot be read: {error.strerror}"
            raise InputError(source=name, place="", rule=rule, remedy="name a file") from error
        found = check(name, data, asked)
        if found.kind == INDEX.title:
            found = _against_its_folder(Path(name), data, found)
        if options.fix and found.fixed is not None and found.fixed.encode() != data:
            _write(Path(name), found.fixed)
            found = check(name, found.fixed.encode(), asked)
            say(f"{name}: {'made' if found.kind == INDEX.title else 'laid out'} anew")
        results.append(found)
        _tell(found, as_json=options.json)
    return ExitCode.CONFORMANT if all(found.valid for found in results) else ExitCode.WRONG_INPUT


def _against_its_folder(path: Path, data: bytes, found: Checked) -> Checked:
    topics = load(path.resolve().parent).topics
    wrong = index_mistakes(data.decode(), topics)
    return replace(found, mistakes=found.mistakes + wrong, fixed=index_text(topics))


def _tell(found: Checked, *, as_json: bool) -> None:
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
