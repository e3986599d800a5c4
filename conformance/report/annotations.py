"""Workflow commands of GitHub Actions: annotations of new failures, and quiet around text.

Pure. GitHub shows few annotations of a step, and one defect of an SDK fails many cases: failures
that are alike are one annotation. A runner of GitHub acts on lines of the output that begin with
`::`, also in what an SDK or a server has sent, so the report is printed while commands are stopped.
"""

import hashlib
from collections.abc import Iterator

from conformance.errors import ExitCode
from conformance.report.alike_results import (
    AlikeResults,
    alike_results,
    others_text,
    repeat_all,
)
from conformance.report.assemble import Report
from conformance.report.sections import not_run_reason, result_groups
from conformance.report.text_layout import shortened

_ERRORS = 10  # GitHub shows as many errors of a step
_SHOWN = 1500  # characters of a message


def stopped(text: str) -> str:
    """The text with commands stopped; the token follows from the text, which cannot contain it."""
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"::stop-commands::{token}\n{text}\n::{token}::"


def annotations(report: Report) -> Iterator[str]:
    """The commands."""
    alike = alike_results(g for g in result_groups(report.verdicts) if g.word in _WORDS)
    shown = alike if len(alike) <= _ERRORS else alike[: _ERRORS - 1]
    for one in shown:
        title = one.heading(*_WORDS[one.example.word])
        yield _command("error", _message(one, report), title=title, **_file(report))
    if more := sum(len(one.groups) for one in alike[len(shown) :]):
        yield _command("error", "They are in the summary of the job.", title=f"{more} more cases")
    # The reason why the job fails is an error.
    level = "error" if report.exit == ExitCode.COULD_NOT_RUN else "warning"
    for lane in report.lanes:
        if lane.status != "ran":
            reason, remedy = not_run_reason(lane)
            text = "\n".join([reason, *remedy])
            yield _command(level, text, title=f"{lane.lane} did not run")


# What is said of one case, and of several.
_WORDS = {
    "FAIL": ("fails", "fail"),
    "ERR": ("could not be judged", "could not be judged"),
    "ok!": ("passes although listed", "pass although listed"),
}


def _message(alike: AlikeResults, report: Report) -> str:
    """What the example shows, and the names of some others."""
    first, others = alike.example, others_text(alike)
    parts = [f"on {', '.join(first.lanes)}", first.why]
    parts.append((f"{first.case}: " if others else "") + report.cases[first.case].title)
    for finding in first.findings:
        parts.append(
            f"{finding.rule} at {finding.where}: expected {finding.expected}, got {finding.got}\n"
            f"  {finding.why}"
        )
    if others:
        parts.append(f"alike: {others}")
    text = shortened("\n".join(filter(None, parts)), _SHOWN)
    text += f"\nrepeat: {report.repeat(first.case, first.lanes)}"
    command = repeat_all(alike, report)
    return text + (f"\nrepeat all {len(alike.groups)}: {command}" if command else "")


def _file(report: Report) -> dict[str, str]:
    """The vector file that was given; those of the corpus are not in the repository of an SDK."""
    files = report.run.vector_files
    return {"file": files[0]} if len(files) == 1 else {}


def _command(name: str, message: str, **properties: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in sorted(properties.items()))
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
