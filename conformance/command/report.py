"""`oss-bodies report DIR`: show a results folder and write its summary page again.

`run` and `fuzz` end with it: what they show is what their folder says.
"""

from argparse import Namespace
from pathlib import Path

from conformance.command.out import layout, note, say
from conformance.report.assemble import assemble
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.results import read_results, relative, write_output


def run(options: Namespace) -> int:
    """Show the folder; returns the exit code that its run had, 3 if it was cut."""
    return show(Path(options.folder))


def show(folder: Path) -> int:
    """Write the outputs of a results folder, print its report; returns the run's exit code."""
    results = read_results(folder)
    if results.end is not None and not results.genuine:
        note(f"{folder}: the id does not follow from the lines: results.jsonl was changed")
    report = assemble(results, folder=relative(folder))
    write_output(folder / "summary.md", summary(report))
    say(terminal_text(report, layout()))
    say(f"run {report.run.id} in {folder}/: results.jsonl, transcripts.jsonl, summary.md")
    return report.exit
