"""`oss-bodies report DIR`: print the report of a results folder and rewrite its summary.md.

`run` and `fuzz` end with it, so they print what the folder contains.
"""

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.out import layout, note, say
from conformance.report.assemble import assemble
from conformance.report.citation import sentence
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.results import read_results, relative, write_output


def run(options: Namespace) -> int:
    """Show the folder; returns the exit code of its run, or 3 if the results are incomplete."""
    return show(Path(options.folder))


def show(folder: Path) -> int:
    """Write summary.md, print the report, and return the exit code."""
    results = read_results(folder)
    if results.end is not None and not results.genuine:
        line = f" in line {results.altered}" if results.altered else ""
        note(f"{folder}: results.jsonl was changed{line}; `oss-bodies verify` says more")
    report = assemble(results, folder=os.path.relpath(folder))
    write_output(folder / "summary.md", summary(replace(report, folder=relative(folder))))
    say(terminal_text(report, layout()))
    say(f"cite: {sentence(report)}")
    say(f"run {report.run.id} in {folder}/: results.jsonl, transcripts.jsonl, summary.md")
    return report.exit
