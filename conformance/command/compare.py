"""`oss-bodies compare OLD NEW`: what a later run fixed, broke and does differently."""

import json
from argparse import Namespace
from pathlib import Path

from conformance.command.out import layout, say
from conformance.documents.escape import visible
from conformance.errors import CannotRunError, ResultsError
from conformance.report.assemble import Report, assemble
from conformance.report.comparing import compare_runs
from conformance.report.comparison_text import (
    comparison_json,
    comparison_page,
    comparison_text,
)
from conformance.results import read_results


def run(options: Namespace) -> int:
    """Print the comparison; returns 0, 1 for a regression, or 3 for what cannot be compared."""
    comparison = compare_runs(_report(options.old), _report(options.new))
    if options.markdown:
        _write(Path(options.markdown), comparison_page(comparison))
    if options.json:
        say(json.dumps(comparison_json(comparison), indent=2))
    else:
        say(comparison_text(comparison, layout().width))
    return comparison.exit


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(visible(text), encoding="utf-8")
    except OSError as error:
        raise CannotRunError(
            step="compare",
            reason=f"cannot write {path}: {error.strerror or error}",
            remedy="name a file in a folder that exists and is writable with --markdown",
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
