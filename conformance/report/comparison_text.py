"""The comparison of two runs as text, as Markdown, and as JSON.

Pure.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.report.assemble import Report
from conformance.report.comparing import Comparison, LanePair
from conformance.report.markdown import plain
from conformance.report.profiles import few, pair_lines, pair_page
from conformance.report.text_layout import text_of, wrapped


def comparison_text(comparison: Comparison, width: int) -> str:
    """For the terminal."""
    out: list[str] = []
    for text in comparison_notes(comparison):
        out += wrapped(text, "note  ", width)
    for pair in comparison.pairs:
        out += pair_lines(pair.diff, width)
        for text in one_sided(pair):
            out += wrapped(text, "  ", width)
        out.append("")
    return text_of([*out, *wrapped(comparison_headline(comparison), "", width)])


def comparison_page(comparison: Comparison) -> str:
    """As Markdown, for a pull request."""
    out = [f"# {plain(comparison_headline(comparison))}", ""]
    out += [f"- {name}: {plain(_run(one))}" for name, one in _runs(comparison)]
    out += [f"- {plain(text)}" for text in comparison_notes(comparison)]
    for pair in comparison.pairs:
        out += ["", f"## {plain(pair.diff.after)}", "", *pair_page(pair.diff)]
        sides = [f"- {plain(text)}" for text in one_sided(pair)]
        out += ["", *sides] if sides else []
    return "\n".join(out) + "\n"


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """For programs; every case is listed."""
    return {
        "old": comparison.old.run.id,
        "new": comparison.new.run.id,
        "exit": int(comparison.exit),
        "lanes": [_pair_json(pair) for pair in comparison.pairs],
        "only_old": list(comparison.only_old),
        "only_new": list(comparison.only_new),
    }


def _pair_json(pair: LanePair) -> dict[str, Any]:
    diff = pair.diff
    by_kind: dict[str, list[dict[str, str]]] = {"broken": [], "fixed": [], "changed": []}
    for case, before, after in diff.outcomes:
        by_kind[diff.change(case)].append({"case": case, "old": before, "new": after})
    return {
        "old": diff.before,
        "new": diff.after,
        "compared": pair.compared,
        **by_kind,
        "behaviour": [{"name": name, "old": one, "new": two} for name, one, two in diff.items],
        "profiles": [{"names": list(names), "cases": list(cases)} for names, cases in diff.entries],
        "only_old": list(pair.only_before),
        "only_new": list(pair.only_after),
    }


def comparison_headline(comparison: Comparison) -> str:
    """The counts, the two runs and the exit code."""
    fixed = sum(len(pair.diff.fixed) for pair in comparison.pairs)
    outcome = f"{comparison.broken} broken, {fixed} fixed"
    runs = f"from run {comparison.old.run.id} to run {comparison.new.run.id}"
    return f"{outcome}, {runs}; exit {int(comparison.exit)}"


def _runs(comparison: Comparison) -> Iterable[tuple[str, Report]]:
    return (("old", comparison.old), ("new", comparison.new))


def _run(report: Report) -> str:
    lanes = ", ".join(lane.lane for lane in report.lanes)
    return f"{report.run.id}, suite {report.run.suite}, {report.run.started[:10]}, {lanes}"


def comparison_notes(comparison: Comparison) -> Iterator[str]:
    """What makes the two runs less comparable."""
    old, new = comparison.old.run, comparison.new.run
    if old.vectors != new.vectors:
        yield "the vectors differ: a case may ask for something else or be judged differently"
    if old.mode != new.mode:
        yield f"the modes differ: {old.mode}, then {new.mode}"
    for name, report in _runs(comparison):
        if report.cut:
            yield f"the {name} run is incomplete: its results have no end line"
    for name, lanes in (("old", comparison.only_old), ("new", comparison.only_new)):
        if lanes:
            yield f"only the {name} run has {', '.join(lanes)}"
    if not comparison.pairs:
        yield "no lane can be compared"


def one_sided(pair: LanePair) -> Iterator[str]:
    """The cases that only one of the two runs has."""
    if not pair.compared:
        yield f"nothing to compare: {pair.diff.before} and {pair.diff.after} share no judged case"
    for name, cases in (("old", pair.only_before), ("new", pair.only_after)):
        if cases:
            yield f"{len(cases)} only in the {name} run: {few(cases)}"
