"""Workflow commands of GitHub Actions: annotations of new failures, and quiet around text.

Pure. GitHub shows few annotations of a step, and one defect of an SDK fails many cases: failures
with the same rules at the same places are one annotation. A runner of GitHub acts on lines of the
output that begin with `::`, also in what an SDK or a server has sent, so the report is printed
while commands are stopped.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from conformance.errors import ExitCode
from conformance.report.assemble import Report
from conformance.report.sections import ResultGroup, not_run_reason, result_groups
from conformance.report.text_layout import shortened

_ERRORS = 10  # GitHub shows as many errors of a step
_SHOWN = 1500  # characters of a message
_NAMES = 5  # cases that are named besides the first


def stopped(text: str) -> str:
    """The text with commands stopped; the token follows from the text, which cannot contain it."""
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"::stop-commands::{token}\n{text}\n::{token}::"


def annotations(report: Report) -> Iterator[str]:
    """The commands."""
    alike = _alike(group for group in result_groups(report.verdicts) if group.word in _WORDS)
    shown = alike if len(alike) <= _ERRORS else alike[: _ERRORS - 1]
    for groups in shown:
        yield _command("error", _message(groups, report), title=_title(groups), **_file(report))
    if more := sum(map(len, alike[len(shown) :])):
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


def _alike(groups: Iterable[ResultGroup]) -> list[list[ResultGroup]]:
    """The failures on the same lanes with the same rules at the same places, or the same reason."""
    found: dict[object, list[ResultGroup]] = {}
    for group in groups:
        places = frozenset((finding.rule, finding.where) for finding in group.findings)
        found.setdefault((group.word, group.lanes, group.why, places), []).append(group)
    return [*found.values()]


def _title(groups: Sequence[ResultGroup]) -> str:
    one, several = _WORDS[groups[0].word]
    if len(groups) == 1:
        return f"{groups[0].case} {one}"
    rules = ", ".join(dict.fromkeys(finding.rule for finding in groups[0].findings))
    return f"{len(groups)} cases {several}{': ' if rules else ''}{rules}"


def _message(groups: Sequence[ResultGroup], report: Report) -> str:
    """What the first case shows, and the names of some others."""
    first, *others = groups
    parts = [f"on {', '.join(first.lanes)}", first.why]
    parts.append(f"{first.case}: {report.cases[first.case].title}" if others else
                 report.cases[first.case].title)  # fmt: skip
    for finding in first.findings:
        parts.append(
            f"{finding.rule} at {finding.where}: expected {finding.expected}, got {finding.got}\n"
            f"  {finding.why}"
        )
    if others:
        names = ", ".join(group.case for group in others[:_NAMES])
        more = f" and {len(others) - _NAMES} more" if len(others) > _NAMES else ""
        parts.append(f"alike: {names}{more}")
    text = "\n".join(filter(None, parts))
    return f"{shortened(text, _SHOWN)}\nrepeat: {report.repeat(first.case, first.lanes)}"


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
