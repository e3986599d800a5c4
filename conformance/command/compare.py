"""`oss-bodies compare OLD NEW`: what a later run fixed, broke and does differently.

The page is written as `comparison.html` into the later folder, next to the report to whose cases it
links, or with --out to any file. A folder that cannot be written is no obstacle.
"""

import json
import os
from argparse import Namespace
from pathlib import Path
from urllib.parse import quote

from conformance.command.out import layout, note, say
from conformance.documents.escape import visible
from conformance.errors import CannotRunError, ResultsError
from conformance.report.assemble import Report, assemble
from conformance.report.comparing import Comparison, compare_runs
from conformance.report.comparison_text import (
    comparison_json,
    comparison_page,
    comparison_text,
)
from conformance.report.html.page import comparison_html
from conformance.results import read_results, write_output
from conformance.results.publishing import COMPARISON

_REPORT = "report.html"


def run(options: Namespace) -> int:
    """Print the comparison; returns 0, 1 for a regression, or 3 for what cannot be compared."""
    comparison = compare_runs(_report(options.old), _report(options.new))
    if options.markdown:
        _write(Path(options.markdown), comparison_page(comparison), "--markdown")
    _write_html(comparison, Path(options.new), options.out)
    if options.json:
        say(json.dumps(comparison_json(comparison), indent=2))
    else:
        say(comparison_text(comparison, layout().width))
    return comparison.exit


def _write_html(comparison: Comparison, new: Path, out: str | None) -> None:
    if out is not None:
        links = os.path.relpath(new / _REPORT, Path(out).parent)
        _write(Path(out), comparison_html(comparison, quote(links)), "--out")
        return
    try:
        write_output(new / COMPARISON, comparison_html(comparison, _REPORT))
    except CannotRunError as error:
        note(f"{error.summary}: the page is not written; --out names another file")


def _write(path: Path, text: str, option: str) -> None:
    try:
        path.write_text(visible(text), encoding="utf-8")
    except OSError as error:
        raise CannotRunError(
            step="compare",
            reason=f"cannot write {path}: {error.strerror or error}",
            remedy=f"name a file in a folder that exists and is writable with {option}",
        ) from error


def _report(folder: str) -> Report:
    results = read_results(Path(folder))
    if results.fuzz is not None:
        raise ResultsError(
            source=folder,
            place="",
            rule="holds a fuzz, which ran other cases than any other fuzz",
            remedy="name a folder that `oss-bodies run` wrote",
        )
    return assemble(results, folder=folder)
