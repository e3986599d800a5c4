"""`oss-bodies report DIR`: print the report of a results folder and rewrite its pages.

`run` and `fuzz` end with it, so they print what the folder contains.
"""

import os
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conformance.command.installed import installed
from conformance.command.out import layout, note, say
from conformance.errors import ResultsError
from conformance.model.verdict import Transcript
from conformance.report.assemble import assemble
from conformance.report.citation import sentence
from conformance.report.html.page import page
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.results import read_results, read_transcripts, relative, write_output


def run(options: Namespace) -> int:
    """Show the folder; returns the exit code of its run, or 3 if the results are incomplete."""
    return show(Path(options.folder))


def show(folder: Path) -> int:
    """Write report.html and summary.md, print the report, and return the exit code."""
    results = read_results(folder)
    if results.end is not None and not results.genuine:
        line = f" in line {results.altered}" if results.altered else ""
        note(f"{folder}: results.jsonl was changed{line}; `oss-bodies verify` says more")
    report = assemble(results, folder=os.path.relpath(folder))
    published = replace(report, folder=relative(folder))
    write_output(folder / "summary.md", summary(published))
    html = page(published, _transcripts(folder), installed(results, folder))
    write_output(folder / "report.html", html)
    say(terminal_text(report, layout()))
    say(f"cite: {sentence(report)}")
    files = "report.html, summary.md, results.jsonl, transcripts.jsonl"
    say(f"run {report.run.id} in {folder}/: {files}")
    return report.exit


def _transcripts(folder: Path) -> Iterator[Transcript]:
    """The transcripts up to the first that cannot be read: the page is written without the rest."""
    try:
        yield from read_transcripts(folder)
    except ResultsError as error:
        note(f"report.html has no evidence from here on: {error}")
