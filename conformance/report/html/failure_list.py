"""The failures of a run as the first screen lists them: new ones singly, known ones by cause.

Pure.
"""

from dataclasses import dataclass

from conformance.report.assemble import Report
from conformance.report.html.shared_strings import shown_text
from conformance.report.sections import LOUD, ResultGroup, result_groups, topic_of

_TEXT = 400  # characters of a value; the case has more
NEW_SHOWN = 50  # new failures on the first screen; the table of cases has all
_CASES = 12  # cases of a cause that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFailure:
    """A result that fails the run, on the lanes that have it."""

    word: str
    case: str
    title: str
    lanes: tuple[str, ...]
    rule: str
    where: str
    expected: str
    got: str
    why: str
    more: int  # further findings of the same trial
    repeat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCause:
    """Known failures with the same reason."""

    reason: str
    lanes: tuple[str, ...]
    cases: tuple[str, ...]  # the first of them
    more: int
    topics: tuple[str, ...]


def failures(report: Report) -> tuple[list[NewFailure], list[KnownCause]]:
    """All new failures, and the causes of known ones with the most cases first."""
    groups = result_groups(report.verdicts)
    new = [_new(group, report) for group in groups if group.word in LOUD]
    by_reason: dict[str, list[ResultGroup]] = {}
    for group in groups:
        if group.word == "known":
            by_reason.setdefault(group.reason, []).append(group)
    causes = [_cause(reason, same) for reason, same in by_reason.items()]
    return new, sorted(causes, key=lambda cause: -(len(cause.cases) + cause.more))


def _new(group: ResultGroup, report: Report) -> NewFailure:
    first = group.findings[0] if group.findings else None
    return NewFailure(
        word=group.word,
        case=group.case,
        title=report.cases[group.case].title,
        lanes=group.lanes,
        rule=first.rule if first else "",
        where=shown_text(first.where, _TEXT) if first else "",
        expected=shown_text(first.expected, _TEXT) if first else "",
        got=shown_text(first.got, _TEXT) if first else "",
        why=shown_text(group.why or (first.why if first else ""), _TEXT),
        more=max(0, len(group.findings) - 1),
        repeat=report.repeat(group.case, group.lanes),
    )


def _cause(reason: str, groups: list[ResultGroup]) -> KnownCause:
    cases = list(dict.fromkeys(group.case for group in groups))
    return KnownCause(
        reason=shown_text(reason),
        lanes=tuple(sorted({lane for group in groups for lane in group.lanes})),
        cases=tuple(cases[:_CASES]),
        more=max(0, len(cases) - _CASES),
        topics=tuple(dict.fromkeys(map(topic_of, cases))),
    )
