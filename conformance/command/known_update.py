"""`oss-bodies known-failing update DIR`: bring known-failing lists up to date with a run.

The change is shown as a diff. It is written after a question on a terminal, or with --yes;
otherwise nothing is written, and exit code 1 says that there is something to do. The lists are
--file, or else those that the run was given, or else those in the folders of its runners.
"""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from conformance.assets import PACKAGE
from conformance.command.out import note, say
from conformance.corpus.known_failing import KnownList, known_list
from conformance.corpus.load import load, terms
from conformance.corpus.upkeep import JudgedTrial, Upkeep
from conformance.documents.files import read_bytes, read_file
from conformance.documents.strict_json import plain
from conformance.errors import CannotRunError, ExitCode, ResultsError, SelectionError, VectorError
from conformance.judge.rule_names import RULE_NAMES
from conformance.model.manifest import Manifest, runner_of
from conformance.results import Results, read_results
from conformance.runner.discovery import manifests
from conformance.runner.known_lists import KNOWN_FAILING


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A known-failing list as it is on disk; without a file it has no entries."""

    path: Path
    before: str  # the text of the file
    document: dict[str, Any]
    listed: KnownList

    def text(self, entries: list[dict[str, Any]]) -> str:
        """The text of the file with these entries; unchanged if they are the same."""
        if entries == self.document["entries"]:
            return self.before
        return (
            json.dumps({**self.document, "entries": entries}, indent=2, ensure_ascii=False) + "\n"
        )


def run(options: Namespace) -> int:
    """Show what has to change and write it if that is wanted; returns 0, or 1 if it remains."""
    stored = _stored(Path(options.folder))
    known = manifests([Path(lane.folder) for lane in stored.lanes if lane.folder])
    files = [_read(path, runner) for path, runner in _targets(options.file, stored, known)]
    others = [_read(path, runner).listed for path, runner in _of_runners(stored, known)]
    paths = {file.path.resolve() for file in files}
    upkeep = Upkeep(
        trials=tuple(_trials(stored)),
        case_ids=tuple(case.id for case in load().cases),
        rules=RULE_NAMES,
        others=tuple(one for one in others if Path(one.source).resolve() not in paths),
        signature={
            name: value
            for name in ("owner", "link", "expires")
            if (value := getattr(options, name)) is not None
        },
    )
    remaining = False
    first_for_all = next((file for file in files if file.listed.runner is None), None)
    for file in files:
        add = file.listed.runner is not None or file is first_for_all
        entries = upkeep.of_list(file.listed, file.document["entries"], add=add)
        changed = {**file.document, "entries": entries}
        # Refuses an option --link or --expires that no entry can have.
        known_list(changed, source=f"{file.path} with the new entries", runner=None, terms=terms())
        remaining |= not _change(file, file.text(entries), yes=options.yes)
        for entry in upkeep.expired(file.listed, stored.run.started[:10]):
            owner = f" ({entry.owner})" if entry.owner else ""
            say(f"{file.path}: {entry.cases} expired on {entry.expires}{owner}: fix or extend it")
            remaining = True
    for listed, passing in upkeep.passing_elsewhere():
        say(f"{listed.source}: {passing.cases} passes, and this list is not updated: see --file")
        remaining = True
    if not remaining:
        say(f"up to date: {', '.join(str(file.path) for file in files)}")
    return ExitCode.FINDINGS if remaining else ExitCode.PASSED


def _stored(folder: Path) -> Results:
    stored = read_results(folder)
    rule = ""
    if stored.end is not None and not stored.genuine:
        rule = "results.jsonl was changed after it was written"
    elif stored.fuzz is not None:
        rule = "holds the results of a fuzz, whose finds are not cases of the corpus"
    elif stored.run.vector_files:
        rule = "its cases are of vector files; known-failing lists name cases of the corpus"
    if rule:
        remedy = "name a folder that `oss-bodies run` wrote"
        raise ResultsError(source=str(folder), place="", rule=rule, remedy=remedy)
    return stored


def _trials(stored: Results) -> Iterator[JudgedTrial]:
    records = {record.lane: record for record in stored.lanes}
    for verdict in stored.verdicts:
        yield JudgedTrial(verdict=verdict, loaded=records[verdict.lane])


def _targets(
    file: str | None, stored: Results, known: tuple[Manifest, ...]
) -> list[tuple[Path, str | None]]:
    """The lists to update, each with its runner."""
    if file is not None:
        return [(Path(file), None)]
    if stored.run.known_failing:
        return [(Path(name), None) for name in stored.run.known_failing]
    targets = _of_runners(stored, known)
    for path, _ in targets:
        if (PACKAGE / "_data") in path.resolve().parents:
            raise SelectionError(
                source="--file",
                place=str(path),
                rule="is a list of the installed suite, which an update of the suite replaces",
                remedy="name the list of your own project, and give it to `oss-bodies run` too",
            )
    return targets


def _of_runners(stored: Results, known: tuple[Manifest, ...]) -> list[tuple[Path, str | None]]:
    """The lists of the runners of the run, whether they exist or not."""
    names = {runner_of(lane.lane) for lane in stored.lanes}
    of_run = (manifest for manifest in known if manifest.name in names)
    return [
        (Path(os.path.relpath(manifest.folder / KNOWN_FAILING)), manifest.name)
        for manifest in of_run
    ]


def _read(path: Path, runner: str | None) -> ListFile:
    exists = path.exists()
    before = read_bytes(path, VectorError).decode(errors="replace") if exists else ""
    document = read_file(path, VectorError) if exists else {"entries": []}
    listed = known_list(document, source=str(path), runner=runner, terms=terms())
    return ListFile(path=path, before=before, document=plain(document), listed=listed)


def _change(file: ListFile, after: str, *, yes: bool) -> bool:
    """Show the change of a file and write it if that is wanted; whether nothing remains to do."""
    if after == file.before:
        return True
    old, new = file.before.splitlines(keepends=True), after.splitlines(keepends=True)
    name = str(file.path)
    say("".join(unified_diff(old, new, fromfile=name, tofile=name)).rstrip("\n"))
    if not (yes or _confirmed(name)):
        note(f"{name} is not written; --yes writes it")
        return False
    try:
        temporary = file.path.with_name(file.path.name + ".new")
        temporary.write_text(after, encoding="utf-8")
        os.replace(temporary, file.path)
    except OSError as error:
        raise CannotRunError(
            step="known-failing", reason=f"cannot write {name}: {error}"
        ) from error
    return True


def _confirmed(name: str) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    note(f"write {name}? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
