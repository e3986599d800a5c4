"""`oss-bodies verify DIR`: whether a published results folder is what it claims to be.

The folder must be whole and unchanged, its id and counts must follow from its lines, its cases must
be those of this installation's vectors, and its transcripts must be re-judged to the same verdicts.
"""

import json
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from conformance.command.out import note, say
from conformance.command.rejudge import StoredRun
from conformance.documents.escape import visible
from conformance.errors import DamagedResultsError, ExitCode, ResultsError
from conformance.report.assemble import assemble
from conformance.report.citation import sentence
from conformance.results import Results, read_results
from conformance.results.reader import line_number
from conformance.results.verifying import discrepancies

_SHOWN = 20  # discrepancies


def run(options: Namespace) -> int:
    """Print what was verified, or each thing that is not as claimed; returns 0 or 1."""
    folder = Path(options.folder)
    wrong: list[str] = []
    identity: str | None = None
    try:
        stored = read_results(folder)
        identity = stored.run.id
        wrong += _in_itself(stored)
        if not wrong:
            wrong += islice(_by_transcripts(folder, stored), _SHOWN + 1)
    except DamagedResultsError as error:
        wrong.append(f"{Path(error.source).name}: {error.place}: {error.rule}")
    if options.json:
        say(
            json.dumps(
                {"verified": not wrong, "run": identity, "refused": wrong[:_SHOWN]}, indent=2
            )
        )
        return ExitCode.FINDINGS if wrong else ExitCode.PASSED
    for text in wrong[:_SHOWN]:
        say(f"refused: {visible(text)}")
    if len(wrong) > _SHOWN:
        say("refused: and more")
    if wrong:
        say(f"{folder} is NOT what it claims to be")
        return ExitCode.FINDINGS
    total = len(stored.verdicts)
    say("whole and unchanged: results.jsonl, transcripts.jsonl")
    say(f"vectors: sha256:{stored.run.vectors}, as in this installation")
    say(f"re-judged: {total} verdict{'s' * (total != 1)}, each as stored")
    say(f"verified: {sentence(assemble(stored, folder=str(folder)))}")
    return ExitCode.PASSED


def _in_itself(stored: Results) -> Iterator[str]:
    if stored.altered is not None:
        yield f"results.jsonl: line {stored.altered}: changed after it was written"
    elif stored.end is None:
        yield "results.jsonl: no end line: the file was cut"
    elif not stored.genuine:
        yield f"results.jsonl: line 1: the id {stored.run.id} does not follow from the lines"


def _by_transcripts(folder: Path, stored: Results) -> Iterator[str]:
    run = StoredRun.open(folder, stored, [])
    if run.digest != stored.run.vectors:
        text = f"vectors sha256:{stored.run.vectors}, this installation has sha256:{run.digest}"
        if not run.same_suite:
            remedy = f"verify it with version {stored.run.suite} of the suite"
            raise ResultsError(source=str(folder), place="", rule=text, remedy=remedy)
        yield f"results.jsonl: line 1: {text}"
        return
    assert stored.end is not None
    judged = run.judged(seal=stored.end.transcripts)
    if not run.all_lists:
        note("known failures are not verified: a known-failing list of the run is not here")
    for one in discrepancies(stored, judged, lists=run.all_lists):
        number = line_number(folder, one.members) if one.members else None
        place = "" if number is None else f"line {number}: "
        yield f"results.jsonl: {place}{one.text}"
