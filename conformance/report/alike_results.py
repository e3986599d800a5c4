"""Groups results that are alike: one defect of an SDK fails many cases and is reported once.

Pure. Outputs that people read take their groups from here; results.jsonl, junit.xml and `-v` have
each case. Alike are results on the same lanes with the same reason, or that fail by the same rules
at the same places with the same kind of answer. Values are not compared: each case has its own.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.model.case import Level
from conformance.model.verdict import Finding
from conformance.report.assemble import Report
from conformance.report.leak_notes import LEAKS
from conformance.report.sections import LOUD, ResultGroup, by_number, differing, topic_of
from conformance.report.wording import got_words
from conformance.results import AgreementRecord

_ORDER = (*LOUD, "known", "note")
_NAMES = 5  # cases that are named besides the example
_PATTERNS = 24  # `--case` options of a command that repeats all
# What a place has besides the part of the message: calls, and values in quotes.
_CASE_PART = re.compile(
    r"call \d+, |parallel calls? \d[^()]*?(?: \(shown: \d+\))?, (?=\D)| in ['\"].*$"
)
# The kind of a value: the origin and class of an error, or the words before the first literal.
_KIND = re.compile(r"""error, \w+: '[^']*'|.*?(?=b?['"]|[0-9:;]|$)""", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeResults:
    """Results that are alike, each on another case."""

    groups: tuple[ResultGroup, ...]  # the one that is shown in full, then the others by id

    @property
    def example(self) -> ResultGroup:
        """The result that is shown in full."""
        return self.groups[0]

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids of all cases."""
        return tuple(group.case for group in self.groups)

    @property
    def rules(self) -> str:
        """The rules that the results have in common, in one line; may be empty."""
        return ", ".join(dict.fromkeys(finding.rule for finding in decisive(self.example)))

    def heading(self, one: str = "", several: str = "alike") -> str:
        """The case, or the number of cases with their rules: `57 cases alike: process.string`.

        one, several: what is said of one case, and of several.
        """
        if len(self.groups) == 1:
            return f"{self.example.case} {one}".rstrip()
        return f"{len(self.groups)} cases {several}{': ' if self.rules else ''}{self.rules}"

    @property
    def others(self) -> tuple[tuple[str, ...], int]:
        """The ids of some other cases, and the number of those that are not named."""
        return self.cases[1 : _NAMES + 1], max(0, len(self.groups) - 1 - _NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeDifferences:
    """Cases on which the lanes differ in the same way."""

    cases: tuple[str, ...]
    groups: tuple[tuple[tuple[str, ...], str], ...]  # lanes, and what they did in words


def alike_results(groups: Iterable[ResultGroup]) -> list[AlikeResults]:
    """The groups, the most important first.

    A failure comes before what could not be judged, and a leak before any other failure, however
    few the cases: it is the worst. Then the most cases come first: in a red release the cause that
    explains most of the failures is the one to look at, and often the others follow from it.
    """
    found: dict[object, list[ResultGroup]] = {}
    for group in groups:
        found.setdefault(_likeness(group), []).append(group)
    alike = [AlikeResults(groups=_typical_first(same)) for same in found.values()]
    return sorted(
        alike,
        key=lambda one: (
            _ORDER.index(one.example.word),
            not any(finding.rule in LEAKS for finding in one.example.findings),
            -len(one.groups),
            by_number(one.example.case),
            one.example.lanes,
        ),
    )


def others_text(alike: AlikeResults) -> str:
    """The other cases in one line: `a, b, c, d, e and 51 more`; empty if there are none."""
    names, more = alike.others
    return ", ".join(names) + (f" and {more} more" if more else "")


def alike_differences(records: Iterable[AgreementRecord]) -> list[AlikeDifferences]:
    """The cases on which lanes differ, those with the same difference together, most cases first.

    What the lanes did is compared in the words in which it is said.
    """
    found: dict[AlikeDifferences, list[str]] = {}
    for record in differing(records):
        groups = tuple((lanes, got_words(got)) for got, lanes in record.agreement.groups)
        found.setdefault(AlikeDifferences(cases=(), groups=groups), []).append(
            record.agreement.case
        )
    alike = [replace(key, cases=tuple(cases)) for key, cases in found.items()]
    return sorted(alike, key=lambda one: -len(one.cases))


def repeat_all(alike: AlikeResults, report: Report) -> str:
    """The command that runs all the cases on their lanes; empty for one case, and where a case is a
    file or a sample of its own."""
    if len(alike.groups) == 1 or report.fuzz is not None or report.of_page:
        return ""
    return report.repeat_matching(
        _patterns(alike.cases, report.cases), alike.example.lanes, ran=alike.cases
    )


def _likeness(group: ResultGroup) -> object:
    if group.word == "known":
        return group.word, group.lanes, group.reason
    ways = frozenset(map(_way, decisive(group)))
    return group.word, group.lanes, group.reason, ways


def decisive(group: ResultGroup) -> Sequence[Finding]:
    """The findings that a case fails by; all if it fails by none."""
    required = [finding for finding in group.findings if finding.claim is Level.REQUIRED]
    return required or group.findings


def _way(finding: Finding) -> tuple[str, ...]:
    kinds = (_KIND.match(text) for text in (finding.expected, finding.got))
    place = _CASE_PART.sub("", finding.where)
    return finding.rule, place, *(kind[0].strip() for kind in kinds if kind)


def _typical_first(same: list[ResultGroup]) -> tuple[ResultGroup, ...]:
    """The results, the one that shows the cause best first.

    It has the shortest places (one finding of one call), the values that most have, and is of the
    topic with the most of the cases: of a broken processing string that is `process/sen/50`, not a
    case on anonymous access or on an unusual string.
    """
    values = Counter(map(_values, same))
    topics = Counter(topic_of(group.case) for group in same)
    first = min(
        same,
        key=lambda group: (
            sum(len(finding.where) for finding in group.findings),
            -values[_values(group)],
            -topics[topic_of(group.case)],
        ),
    )
    return (first, *(group for group in same if group is not first))


def _values(group: ResultGroup) -> tuple[tuple[str, str], ...]:
    return tuple((finding.expected, finding.got) for finding in group.findings)


def _patterns(cases: Sequence[str], ran: Collection[str]) -> list[str]:
    """Patterns that select at least these cases, and few others. ran: all cases of the run.

    A family or a topic is one pattern if at least half of its cases are meant; if that makes too
    many patterns, each family is one.
    """
    levels = (topic_of, _family)
    meant, of_run = (Counter(level(case) for level in levels for case in of) for of in (cases, ran))
    found: dict[str, None] = {}
    for case in cases:
        parts = (level(case) for level in levels)
        most = (part for part in parts if meant[part] > 1 and 2 * meant[part] >= of_run[part])
        part = max(most, key=meant.__getitem__, default=None)  # the narrower of equals
        found[case if part is None else f"{part}/*"] = None
    if len(found) <= _PATTERNS:
        return list(found)
    return [f"{family}/*" for family in dict.fromkeys(map(_family, cases))]


def _family(case: str) -> str:
    return case.partition("/")[0]
