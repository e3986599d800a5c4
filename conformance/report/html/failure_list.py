"""The failures of a run as the first screen lists them: those that are alike once.

Pure.
"""

from dataclasses import dataclass

from conformance.model.case import Source
from conformance.report.alike_results import AlikeResults, alike_results, repeat_all
from conformance.report.assemble import Report
from conformance.report.html.shared_strings import shown_text
from conformance.report.known_causes import KnownCause, known_causes, upkeep_text
from conformance.report.sections import LOUD, result_groups, source_of, topic_of

_TEXT = 400  # characters of a value; the case has more
NEW_SHOWN = 50  # groups of new failures on the first screen; the table of cases has all
_CASES = 12  # cases of a cause that are named
_ALIKE = 200  # cases alike that are named, as links in an element that is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFailure:
    """Results that fail the run and are alike, on the lanes that have them."""

    word: str
    heading: str  # of several cases; empty: one case
    case: str
    alike: tuple[str, ...]  # the first of the other cases
    alike_more: int
    total: int  # number of cases
    title: str
    lanes: tuple[str, ...]
    rule: str
    where: str
    expected: str
    got: str
    why: str
    source: str  # of the finding, or of the case
    is_derived: bool  # see `ShownCause`
    more: int  # further findings of the same trial
    repeat: str
    repeat_all: str  # empty: one case


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCause:
    """Known failures with the same reason."""

    reason: str
    claims: tuple[tuple[str, str, str], ...]  # rules, level, source
    is_derived: bool  # whether one of the sources is the suite's own conclusion
    upkeep: str  # owner, expiry, versions, link; may be empty
    lanes: tuple[str, ...]
    cases: tuple[str, ...]  # the first of them
    more: int
    topics: tuple[str, ...]


def failures(report: Report) -> tuple[list[NewFailure], list[ShownCause]]:
    """All new failures, and the causes of known ones."""
    groups = result_groups(report.verdicts)
    loud = alike_results(group for group in groups if group.word in LOUD)
    return [_new(alike, report) for alike in loud], list(map(_cause, known_causes(report)))


def _new(alike: AlikeResults, report: Report) -> NewFailure:
    group, others = alike.example, alike.cases[1:]
    first = group.findings[0] if group.findings else None
    source = (first and first.source) or report.cases[group.case].provenance
    return NewFailure(
        word=group.word,
        heading=alike.heading() if others else "",
        case=group.case,
        alike=others[:_ALIKE],
        alike_more=max(0, len(others) - _ALIKE),
        total=len(alike.groups),
        title=report.cases[group.case].title,
        lanes=group.lanes,
        rule=first.rule if first else "",
        where=shown_text(first.where, _TEXT) if first else "",
        expected=shown_text(first.expected, _TEXT) if first else "",
        got=shown_text(first.got, _TEXT) if first else "",
        why=shown_text(group.why or (first.why if first else ""), _TEXT),
        source=shown_text(source_of(source), _TEXT),
        is_derived=source.source is Source.DERIVED,
        more=max(0, len(group.findings) - 1),
        repeat=report.repeat(group.case, group.lanes),
        repeat_all=repeat_all(alike, report),
    )


def _cause(cause: KnownCause) -> ShownCause:
    return ShownCause(
        reason=shown_text(cause.reason),
        claims=tuple(
            (", ".join(one.rules), one.level.value, shown_text(source_of(one.source), _TEXT))
            for one in cause.claims
        ),
        is_derived=any(one.source.source is Source.DERIVED for one in cause.claims),
        upkeep=shown_text(upkeep_text(cause.entries), _TEXT),
        lanes=cause.lanes,
        cases=cause.cases[:_CASES],
        more=max(0, len(cause.cases) - _CASES),
        topics=tuple(dict.fromkeys(map(topic_of, cause.cases))),
    )
