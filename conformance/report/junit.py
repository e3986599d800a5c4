"""`junit.xml`: a suite for each lane, for CI systems that show test results.

Pure. A known failure is skipped with its reason, so that only new failures are red; a case that
passes although a list says it fails is one. The time of a case is that of its calls.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from conformance.documents.escape import visible
from conformance.errors import ExitCode
from conformance.model.verdict import Finding, Verdict
from conformance.report.assemble import Report
from conformance.report.sections import cell, not_run_reason, result_groups, topic_of
from conformance.report.text_layout import shortened
from conformance.results import LaneRecord

_NOT_IN_XML = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}  # XML 1.0, 2.2
_SHOWN = 4000  # characters of a text; the results have all of it
Seconds = Mapping[tuple[str, str], float]


def junit(report: Report, seconds: Seconds = MappingProxyType({})) -> str:
    """The document. seconds: that the calls took, by case and lane; 0 for what it lacks."""
    commands = {
        (group.case, lane): report.repeat(group.case, group.lanes)
        for group in result_groups(report.verdicts)
        for lane in group.lanes
        if group.word in ("FAIL", "ERR", "ok!")
    }
    document = JUnitXml("oss-bodies")
    by_lane: dict[str, list[Verdict]] = {lane.lane: [] for lane in report.lanes}
    for verdict in report.verdicts:
        by_lane.setdefault(verdict.lane, []).append(verdict)
    for lane in report.lanes:
        suite = _suite(report, lane, by_lane[lane.lane], commands, seconds)
        document.append(suite)  # type: ignore[no-untyped-call]  # junitparser types it in part
    document.update_statistics()  # type: ignore[no-untyped-call]
    data: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return data.decode("utf-8") + "\n"


def _suite(
    report: Report,
    lane: LaneRecord,
    verdicts: Iterable[Verdict],
    commands: Mapping[tuple[str, str], str],
    seconds: Seconds,
) -> TestSuite:
    suite = TestSuite(_text(lane.lane))
    suite.timestamp = report.run.started[:19]
    for name, value in _properties(report, lane):
        suite.add_property(name, _text(value))
    cases = [
        _case(verdict, commands.get(key), seconds.get(key, 0.0))
        for verdict in verdicts
        for key in [(verdict.case, verdict.lane)]
    ]
    if lane.status != "ran":
        cases.append(_not_run(report, lane))
    suite.add_testcases(cases)
    return suite


def _properties(report: Report, lane: LaneRecord) -> Iterator[tuple[str, str]]:
    yield "suite.version", report.run.suite
    yield "run.id", report.run.id
    yield "run.mode", report.run.mode
    yield "vectors.sha256", report.run.vectors
    checkout = lane.checkout
    optional = {
        "sdk": lane.sdk,
        "sdk.version": lane.sdk_version,
        "sdk.checksum": lane.checksum,
        "sdk.checkout": None if checkout is None else checkout.describe,
        "sdk.tree": None if checkout is None else checkout.tree,
        "runtime": lane.runtime,
        "os": lane.os,
        "image": lane.image,
        **{f"dependency.{name}": version for name, version in lane.dependencies},
    }
    yield from ((name, value) for name, value in optional.items() if value)


def _case(verdict: Verdict, command: str | None, seconds: float) -> TestCase:
    name = f"{_text(verdict.lane)}/{topic_of(verdict.case)}"
    case = TestCase(verdict.case, name, round(seconds, 3))
    details = "\n".join(_details(verdict.findings, command))
    result = _result(verdict)
    if result is not None:
        result.text = _text(details)
        case.result = [result]
    elif details:
        case.system_out = _text(details)
    return case


def _result(verdict: Verdict) -> FinalResult | None:
    """What the case is besides passed."""
    rules = ", ".join(dict.fromkeys(finding.rule for finding in verdict.findings))
    word = cell(verdict)
    if word == "FAIL":
        first = verdict.findings[0]
        return Failure(_text(f"{first.where}: expected {first.expected}, got {first.got}"), rules)
    if word == "ok!":
        message = f"passes; remove it from its known-failing list: {verdict.known_failing}"
        return Failure(_text(message), "known-failing")
    if word == "known":
        return Skipped(_text(f"known failure: {verdict.known_failing}"), "known-failing")
    if word == "ERR":
        return Error(_text(verdict.reason), "not-judged")
    return Skipped(_text(verdict.reason), "capability") if word == "skip" else None


def _details(findings: Iterable[Finding], command: str | None) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.rule} ({finding.claim.value})"
        for name in ("where", "expected", "got", "why"):
            yield f"  {name}: {getattr(finding, name)}"
    if command is not None:
        yield f"repeat: {command}"


def _not_run(report: Report, lane: LaneRecord) -> TestCase:
    """The lane itself: an error if the run failed for what could not run."""
    case = TestCase("lane", _text(lane.lane), 0.0)
    reason, remedy = not_run_reason(lane)
    kind = Error if report.exit == ExitCode.COULD_NOT_RUN else Skipped
    result = kind(_text(f"not run: {reason}"), "not-run")
    result.text = _text("\n".join(remedy))
    case.result = [result]
    return case


def _text(text: str) -> str:
    """A text that XML can hold."""
    return visible(shortened(text, _SHOWN)).translate(_NOT_IN_XML)
