"""`oss-bodies report DIR`: print the report of a results folder and rewrite its other outputs.

`run` and `fuzz` end with it, so they print what the folder contains. In a job of GitHub Actions new
failures are annotated as well.
"""

import json
import os
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from conformance.command.installed import installed_cases, with_lists
from conformance.command.out import layout, note, say
from conformance.errors import ResultsError
from conformance.report.annotations import annotations, stopped
from conformance.report.assemble import Report, assemble
from conformance.report.badges import badges
from conformance.report.citation import sentence
from conformance.report.html.page import page
from conformance.report.html.page_data import Evidence, ShownTrial, shown_trial
from conformance.report.junit import junit
from conformance.report.report_document import report_document
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.results import read_results, read_run, relative, write_output
from conformance.results.judging_processes import each_transcript


def run(options: Namespace) -> int:
    """Show the folder; returns the exit code of its run, or 3 if the results are incomplete."""
    return show(Path(options.folder), as_json=options.json, verbose=options.verbose)


def show(
    folder: Path,
    *,
    as_json: bool = False,
    verbose: bool = False,
    evidence: Evidence | None = None,
) -> int:
    """Write the outputs, print the report, and return the exit code.

    evidence: of a run that has just ended, so that its transcripts need not be read.
    """
    cases = installed_cases(read_run(folder), folder)
    if evidence is None:
        # Other processes read the transcripts, while this one does what needs none of them.
        read = each_transcript(folder, partial(shown_trial, cases))
        evidence = Evidence(_until_damaged(read))
    results = read_results(folder)
    if results.end is not None and not results.genuine:
        line = f" in line {results.altered}" if results.altered else ""
        note(f"{folder}: results.jsonl was changed{line}; `oss-bodies verify` says more")
    here = with_lists(cases, results)
    report = assemble(results, folder=os.path.relpath(folder), lists=here.lists)
    published = replace(report, folder=relative(folder))
    _write(folder, published)
    write_output(folder / "report.html", page(published, evidence, here))
    if report.fuzz is None:
        write_output(folder / "junit.xml", junit(published, evidence.seconds))
    if as_json:
        say(json.dumps(report_document(report), indent=2))
        return report.exit
    more = "" if report.fuzz is not None else ", junit.xml, badges/"
    files = f"report.html, summary.md, results.jsonl, transcripts.jsonl{more}"
    text = "\n".join(
        [
            terminal_text(report, layout(), verbose=verbose),
            f"cite: {sentence(report)}",
            f"run {report.run.id} in {folder}/: {files}",
            f"open {folder}/report.html, or print a case: oss-bodies show {folder}/CASE",
        ]
    )
    if os.environ.get("GITHUB_ACTIONS") != "true":
        say(text)
        return report.exit
    say(stopped(text))
    for line in annotations(report):
        say(line)
    return report.exit


def _until_damaged(trials: Iterator[ShownTrial]) -> Iterator[ShownTrial]:
    """The trials up to the first that cannot be read: the page is written without the rest."""
    try:
        yield from trials
    except ResultsError as error:
        note(f"report.html has no evidence from here on: {error}")


def _write(folder: Path, report: Report) -> None:
    """Write what only the verdicts are needed for; of a fuzz no badges."""
    write_output(folder / "summary.md", summary(report))
    if report.fuzz is None:
        for name, text in badges(report):
            write_output(folder / "badges" / name, text)
