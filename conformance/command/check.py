"""`oss-bodies check FILE...`: what a file is, whether it is valid, and --fix for vector files.

Floor 6, a hand. Exit code 2 when any file is wrong, as for all wrong input.
"""

import json
import os
from argparse import Namespace
from pathlib import Path

from conformance.command.out import say
from conformance.corpus.check import Checked, check
from conformance.corpus.load import terms
from conformance.errors import InputError


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
        if options.fix and found.fixed is not None and found.fixed.encode() != data:
            _write(Path(name), found.fixed)
            found = check(name, found.fixed.encode(), asked)
            say(f"{name}: laid out anew")
        results.append(found)
        _tell(found, as_json=options.json)
    return 0 if all(found.valid for found in results) else InputError.exit_code


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
