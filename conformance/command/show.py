"""`oss-bodies show CASE`: print everything about one case, or with RUN/CASE what a run got.

Input, script and expectations are printed with the defaults filled in and the expectation sets
expanded. Of a run, each lane's result is printed in full, with the command that repeats it, and the
requests, responses and answers of its transcript.
"""

import json
import os
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.command.installed import installed
from conformance.command.out import layout, say
from conformance.corpus.load import load
from conformance.corpus.selection import needs, select
from conformance.errors import ResultsError
from conformance.judge import INVARIANTS
from conformance.model.case import Case, Input, Turn
from conformance.model.codec import script_to
from conformance.operation.processing import asked
from conformance.report.assemble import assemble
from conformance.report.case_text import case_text, of_case
from conformance.report.report_document import report_document
from conformance.report.sections import source_of
from conformance.report.trial_text import CUT, SHORT, WHOLE, trial_text
from conformance.results import read_results
from conformance.results.lines import RESULTS
from conformance.results.reader import transcripts_of

_TEXT_SHOWN = 2000  # characters of a reply's body


def run(options: Namespace) -> int:
    """Print the case; raises SelectionError for an unknown id."""
    for folder in Path(options.case).parents:
        if (folder / RESULTS).is_file():
            _stored(folder, options.case.removeprefix(f"{folder}/"), options)
            return 0
    (case, *_) = select(load().cases, [options.case])
    if options.json:
        say(json.dumps(_document(case), ensure_ascii=False, indent=2))
        return 0
    say(f"{case.id}\n  {case.title}\n")
    say(f"source      {source_of(case.provenance)}")
    say(f"file        {case.file}")
    for text in case.notes:
        say(f"note        {text}")
    if case.flags:
        say(f"flags       {', '.join(case.flags)}")
    if needs(case):
        say(f"needs       {', '.join(sorted(needs(case)))}")
    if case.live:
        say(f"live        {'with --explore: ' if case.explore else ''}{case.why_safe}")
    for number, turn in enumerate(case.turns, 1):
        say(f"\n--- call {number}" if len(case.turns) > 1 else "")
        _turn(turn)
    say("\nchecked in every case")
    for invariant in INVARIANTS:
        say(f"  {invariant.rule:<22} {source_of(invariant.source)}")
    say(f"\nrun it      oss-bodies run --case {case.id}")
    return 0


def _stored(folder: Path, case: str, options: Namespace) -> None:
    """Print the results of a case in a run; raises ResultsError if the run does not have it."""
    results = read_results(folder)
    lists = installed(results, folder).lists
    report = of_case(assemble(results, folder=os.path.relpath(folder), lists=lists), case)
    if not report.verdicts:
        raise ResultsError(
            source=str(folder),
            place=case,
            rule="the run has no such case",
            remedy=f"`oss-bodies report -v {folder}` and report.html list its cases",
        )
    if options.json:
        say(json.dumps(report_document(report), indent=2))
        return
    say(case_text(report, layout()))
    bounds, out = WHOLE if options.verbose else SHORT, []
    try:
        for transcript in transcripts_of(folder, case):
            out += ["", *trial_text(transcript, bounds)]
    except ResultsError as error:
        out += ["", f"without requests and answers: {error}"]
    if any(CUT in line for line in out):
        whole = f"oss-bodies show -v {os.path.relpath(folder)}/{case}"
        out += ["", f"long texts are cut; whole: {whole}"]
    say("\n".join(out))


def _turn(turn: Turn) -> None:
    say("input of the runner")
    if not turn.calls:
        say(f"  {'call':<16} {json.dumps(asked(turn.input), ensure_ascii=False)}")
    for name, value in _input(turn.input).items():
        say(f"  {name:<16} {json.dumps(value, ensure_ascii=False)}")
    if turn.calls:
        say(f"{len(turn.calls)} parallel calls, each with")
    for own in map(_input, turn.calls):
        names = [name for name, value in own.items() if value != _input(turn.input)[name]]
        say(f"  {json.dumps({name: own[name] for name in names}, ensure_ascii=False)}")
    say("script of the mock")
    keys = ", ".join(key.id + (" with a token" if key.token else "") for key in turn.script.keys)
    say(f"  keys             {keys or 'none'}; region {turn.script.region}")
    if not turn.script.verify:
        say("  verifies         nothing: it answers every request, signed or not")
    if turn.script.clock_offset:
        say(f"  clock            {turn.script.clock_offset:+} s")
    for reply in turn.script.replies:
        faults = "".join(f", {kind}" for kind, _ in reply.faults)
        when = "".join(f", if the {kind} is {value}" for kind, value in reply.when)
        say(f"  status {reply.status}, {reply.framing}{faults}{when}")
        for name, value in reply.headers:
            say(f"    {name}: {value}" if value is not None else f"    without {name}")
        text = repr(dict(reply.error)) if reply.error else reply.body.decode("utf-8", "replace")
        more = f" … ({len(reply.body)} bytes)" if len(text) > _TEXT_SHOWN else ""
        say(f"    {text[:_TEXT_SHOWN]}{more}")
    say("expected by the judge")
    for expectation in turn.expect:
        for name, expected in expectation.values:
            shown = json.dumps(expected, ensure_ascii=False)
            say(f"  {expectation.claim.value:<12} {name:<16} {shown}")


def _input(given: Input) -> dict[str, Any]:
    return asdict(given) | {"parameters": dict(given.parameters)}


def _document(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "title": case.title,
        "file": case.file,
        "provenance": asdict(case.provenance),
        "notes": list(case.notes),
        "flags": list(case.flags),
        "needs": sorted(needs(case)),
        "live": case.live,
        "why_safe": case.why_safe,
        "explore": case.explore,
        "turns": [
            {
                "input": _input(turn.input),
                **({"calls": [_input(given) for given in turn.calls]} if turn.calls else {}),
                "script": script_to(turn.script),
                "expect": {
                    expectation.claim.value: dict(expectation.values) for expectation in turn.expect
                },
            }
            for turn in case.turns
        ],
    }
