"""The report of a fuzz as text: a function of its `fuzz` line and the verdicts of its finds.

Pure.
"""

from collections.abc import Iterable, Iterator, Mapping

from conformance.model.verdict import Finding, Verdict
from conformance.report.assemble import Report
from conformance.report.sections import duration, source_of
from conformance.report.text_layout import text_of
from conformance.results.values import Json

_CLASSES_SHOWN = 12  # classes of input; the `fuzz` line has all of them

Verdicts = Mapping[tuple[str, str], Verdict]  # by case and lane


def fuzz_text(report: Report) -> str:
    """Causes, flaky examples, notes, disagreements, lost lanes, and coverage."""
    assert report.fuzz is not None, "only the report of a fuzz has a fuzz line"
    fuzz = report.fuzz
    verdicts = {(verdict.case, verdict.lane): verdict for verdict in report.verdicts}
    out: list[str] = []
    for cause in fuzz["causes"]:
        out += [*_cause(cause, verdicts, report), ""]
    for flaky in fuzz["flaky"]:
        out += [*_flaky(flaky, verdicts, report), ""]
    for note in sorted(fuzz["noted"], key=lambda note: (-note["count"], note["lane"])):
        out += _note(note, verdicts, report)
    for disagreement in fuzz["disagreements"]:
        out += _disagreement(disagreement, report)
    out += [f"lost {lane}: {reason.splitlines()[0]}" for lane, reason in fuzz["lost"].items()]
    out += _coverage(fuzz)
    if report.cut:
        out.append("results incomplete: the fuzz was killed, or is not over")
    if report.interrupted:
        out.append("interrupted: the results until then are kept")
    origin = f"seed {report.run.seed}, Hypothesis {fuzz['hypothesis']}"
    return text_of([*out, f"{origin}{duration(report)}; exit {report.exit}"])


def _cause(cause: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    case, lane = cause["case"], cause["lane"]
    verdict = verdicts.get((case, lane))
    findings = _with_rules(verdict, cause["rules"])
    rule = findings[0].rule if findings else min(cause["rules"])
    if cause["known"]:
        yield f"known {lane} {rule} ({case}): {cause['known']}"
        return
    yield f"FAIL {lane} {rule} (property {cause['property']})"
    yield f"  with      {cause['with']}"
    yield f"  explains  {cause['explains']} failure{'s' if cause['explains'] != 1 else ''}"
    if cause.get("alone", True) is None:
        yield "  not yet   run alone, so it may depend on examples before it"
    yield from _findings(findings)
    if verdict is not None and not findings:
        yield f"  why       {verdict.reason}"
    yield _repeat(report, case, [lane])


def _flaky(flaky: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    case, lane = flaky["case"], flaky["lane"]
    times = _times(flaky["count"])
    yield f"FLAKY {lane} {', '.join(flaky['rules'])}: failed {times}, passed when it was run alone"
    failed = verdicts.get((case, lane))
    yield from _findings(failed.findings if failed is not None else ())
    yield f"  both transcripts {case}, {flaky['again']}"
    yield _repeat(report, case, [lane])


def _note(note: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    """Findings about input that the documented contract does not cover."""
    case, lane = note["case"], note["lane"]
    rules = ", ".join(note["rules"])
    times = _times(note["count"]) + _only_after_others(note)
    yield f"note {lane} {rules}: {times}, beyond the contract; for example"
    yield f"  with      {note['with']}"
    for finding in _with_rules(verdicts.get((case, lane)), note["rules"])[:1]:
        yield f"  expected  {finding.expected}"
        yield f"  got       {finding.got}"
    yield _repeat(report, case, [lane])


def _disagreement(disagreement: Json, report: Report) -> Iterator[str]:
    """An example on which the lanes differ although none of them has a finding."""
    case, lanes_apart = disagreement["case"], disagreement["lanes"]
    times = _times(disagreement["count"]) + _only_after_others(disagreement)
    yield f"differ {lanes_apart}: {times}; for example"
    for record in report.agreements:
        if record.agreement.case == case:
            for got, lanes in record.agreement.groups:
                yield f"    {', '.join(lanes)}: {got}"
    yield _repeat(report, case, [v.lane for v in report.verdicts if v.case == case])


def _with_rules(verdict: Verdict | None, rules: Iterable[str]) -> list[Finding]:
    findings = verdict.findings if verdict is not None else ()
    return [finding for finding in findings if finding.rule in rules]


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"  {finding.rule} ({finding.claim.value})"
        for name in ("where", "expected", "got", "why"):
            yield f"    {name:<9} {getattr(finding, name)}"
        if finding.source is not None:
            yield f"    {'source':<9} {source_of(finding.source)}"


def _repeat(report: Report, case: str, lanes: Iterable[str]) -> str:
    return f"  repeat    {report.repeat(case, lanes)}"


def _coverage(fuzz: Json) -> Iterator[str]:
    trials, failed, skipped = (sum(fuzz[name].values()) for name in ("trials", "failed", "skipped"))
    yield (
        f"{fuzz['examples']} examples, {trials} trials, {failed} failed "
        f"({fuzz['known_failing']} known), {skipped} skipped because a capability is missing"
    )
    yield f"{fuzz['drawn']} drawn, {fuzz['repeated']} of them had been drawn before"
    for name, parameter in fuzz["parameters"].items():
        covered, valid = len(parameter["covered"]), parameter["valid"]
        yield f"{name}: {covered} of {valid} valid values covered, and the call without it"
    classes = sorted(fuzz["classes"].items(), key=lambda item: -item[1])
    shown = ", ".join(f"{name} {count}" for name, count in classes[:_CLASSES_SHOWN])
    yield f"{len(classes)} classes of input, most frequent first: {shown}"
    if fuzz["exhausted"]:
        yield "the search ended because it drew no new examples"


def _only_after_others(find: Json) -> str:
    return ", but not when run alone" if find.get("alone") is False else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
