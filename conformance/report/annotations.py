"""Workflow commands of GitHub Actions: an annotation for each new failure, and quiet around text.

Pure. A runner of GitHub acts on lines of the output that begin with `::`, also in what an SDK or a
server has sent, so the report is printed while commands are stopped.
"""

import hashlib
from collections.abc import Iterator

from conformance.report.assemble import Report
from conformance.report.sections import ResultGroup, not_run_reason, result_groups, topic_of
from conformance.report.text_layout import shortened

_ERRORS = 10  # GitHub shows as many errors of a step
_SHOWN = 1000  # characters of a message


def stopped(text: str) -> str:
    """The text with commands stopped; the token follows from the text, which cannot contain it."""
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"::stop-commands::{token}\n{text}\n::{token}::"


def annotations(report: Report) -> Iterator[str]:
    """The commands."""
    groups = [group for group in result_groups(report.verdicts) if group.word in _WORDS]
    shown = groups if len(groups) <= _ERRORS else groups[: _ERRORS - 1]
    for group in shown:
        yield _command("error", _message(group, report), file=_file(report, group.case),
                       title=f"{group.case} {_WORDS[group.word]}")  # fmt: skip
    if len(groups) > len(shown):
        yield _command("error", f"{len(groups) - len(shown)} more: see summary.md")
    for lane in report.lanes:
        if lane.status != "ran":
            yield _command("warning", not_run_reason(lane)[0], title=f"{lane.lane} did not run")


_WORDS = {"FAIL": "fails", "ERR": "could not be judged", "ok!": "passes although listed"}


def _message(group: ResultGroup, report: Report) -> str:
    parts = [f"on {', '.join(group.lanes)}", group.why]
    for finding in group.findings:
        parts.append(
            f"{finding.rule} at {finding.where}: expected {finding.expected}, got {finding.got}"
        )
    text = "\n".join(filter(None, parts))
    return f"{shortened(text, _SHOWN)}\nrepeat: {report.repeat(group.case, group.lanes)}"


def _file(report: Report, case: str) -> str:
    """The vector file of a case: the one that was given, or that of the corpus."""
    files = report.run.vector_files
    return files[0] if len(files) == 1 else f"vectors/{topic_of(case)}.json"


def _command(name: str, message: str, **properties: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
