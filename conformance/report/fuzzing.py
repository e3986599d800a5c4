"""A fuzz as text for a person: a function of its `fuzz` line and the verdicts of its finds.

Pure.
"""

from collections.abc import Iterable, Iterator, Mapping

from conformance.model.verdict import Finding, Verdict
from conformance.report.assemble import Report
from conformance.report.sections import in_seconds
from conformance.report.text_layout import text_of
from conformance.results.values import Json

_CLASSES_SHOWN = 12  # classes of input; the fuzz line has them all

Verdicts = Mapping[tuple[str, str], Verdict]  # by case and lane


def fuzz_text(report: Report) -> str:
    """Causes, flaky examples, what is only recorded, and what was covered."""
    assert report.fuzz is not None, "only the report of a fuzz has a fuzz line"
    fuzz, verdicts = report.fuzz, {(one.case, one.lane): one for one in report.verdicts}
    out: list[str] = []
    for cause in fuzz["causes"]:
        out += [*_cause(cause, verdicts, report), ""]
    for flaky in fuzz["flaky"]:
        out += [*_flaky(flaky, verdicts, report), ""]
    for noted in sorted(fuzz["noted"], key=lambda one: (-one["count"], one["lane"])):
        out += _noted(noted, verdicts, report)
    for disagreement in fuzz["disagreements"]:
        out += _disagreement(disagreement, report)
    out += [f"lost {lane}: {reason.splitlines()[0]}" for lane, reason in fuzz["lost"].items()]
    out += _covered(fuzz)
    if report.interrupted:
        out.append("interrupted: what was found until then is kept")
    origin = f"seed {report.run.seed}, Hypothesis {fuzz['hypothesis']}"
    return text_of([*out, f"{origin}{in_seconds(report)}; exit {report.exit}"])


def _cause(cause: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    case, lane = cause["case"], cause["lane"]
    verdict = verdicts.get((case, lane))
    findings = _named(verdict, cause["rules"])
    rule = findings[0].rule if findings else min(cause["rules"])
    if cause["known"]:
        yield f"known {lane} {rule} ({case}): {cause['known']}"
        return
    yield f"FAIL {lane} {rule} (property {cause['property']})"
    yield f"  with      {cause['with']}"
    yield f"  explains  {cause['explains']} failure{'s' if cause['explains'] != 1 else ''}"
    yield from _findings(findings)
    if verdict is not None and not findings:
        yield f"  why       {verdict.reason}"
    yield _repeat(report, case, [lane])


def _flaky(flaky: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    case, lane = flaky["case"], flaky["lane"]
    times = _times(flaky["count"])
    yield f"FLAKY {lane} {', '.join(flaky['rules'])}: failed {times}, passed when it was run alone"
    first = verdicts.get((case, lane))
    yield from _findings(first.findings if first is not None else ())
    yield f"  both transcripts {case}, {flaky['again']}"
    yield _repeat(report, case, [lane])


def _noted(noted: Json, verdicts: Verdicts, report: Report) -> Iterator[str]:
    """What a lane does beyond the contract."""
    case, lane = noted["case"], noted["lane"]
    rules = ", ".join(noted["rules"])
    yield f"note {lane} {rules}: {_times(noted['count'])}, beyond the contract; for example"
    yield f"  with      {noted['with']}"
    for finding in _named(verdicts.get((case, lane)), noted["rules"])[:1]:
        yield f"  expected  {finding.expected}"
        yield f"  got       {finding.got}"
    yield _repeat(report, case, [lane])


def _disagreement(differ: Json, report: Report) -> Iterator[str]:
    """Where lanes differ and none of them is wrong."""
    case = differ["case"]
    yield f"differ {differ['lanes']}: {_times(differ['count'])}; for example"
    for record in report.agreements:
        if record.agreement.case == case:
            for got, lanes in record.agreement.groups:
                yield f"    {', '.join(lanes)}: {got}"
    yield _repeat(report, case, [one.lane for one in report.verdicts if one.case == case])


def _named(verdict: Verdict | None, rules: Iterable[str]) -> list[Finding]:
    return [one for one in verdict.findings if one.rule in rules] if verdict is not None else []


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"  {finding.rule} ({finding.claim.value})"
        for name in ("where", "expected", "got", "why"):
            yield f"    {name:<9} {getattr(finding, name)}"


def _repeat(report: Report, case: str, lanes: Iterable[str]) -> str:
    return f"  repeat    {report.repeat(case, lanes)}"


def _covered(fuzz: Json) -> Iterator[str]:
    trials, failed, skipped = (sum(fuzz[name].values()) for name in ("trials", "failed", "skipped"))
    yield (
        f"{fuzz['examples']} examples, {trials} trials, {failed} failed "
        f"({fuzz['known_failing']} known), {skipped} skipped because a capability is missing"
    )
    yield f"drawn: {fuzz['drawn']}, of which {fuzz['repeated']} had been drawn before"
    for name, parameter in fuzz["parameters"].items():
        covered, valid = len(parameter["covered"]), parameter["valid"]
        yield f"{name} values covered: {covered} of {valid}, and none"
    classes = sorted(fuzz["classes"].items(), key=lambda item: -item[1])
    shown = ", ".join(f"{name} {count}" for name, count in classes[:_CLASSES_SHOWN])
    yield f"classes of input ({len(classes)}), the most frequent: {shown}"
    if fuzz["exhausted"]:
        yield "nothing new was left to draw"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
