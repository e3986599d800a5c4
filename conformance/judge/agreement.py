"""Agreement of the lanes on one case, and whether a case that all of them fail is suspect.

Lanes are grouped by the values of `comparable`. A field of an error counts only if every lane
exposes it, and whether it is caught only if every runner says so. Agreement is reported separately
from the verdicts and changes none of them.
"""

from collections.abc import Iterable, Sequence

from conformance.judge.comparable import UNKNOWN, Comparable, Got
from conformance.model.case import Level
from conformance.model.manifest import runner_of
from conformance.model.message import ERROR_FIELDS
from conformance.model.verdict import Agreement, Outcome, Verdict

# Characters of a long value that are shown, and those of them before the first difference.
_SHOWN, _BEFORE = 88, 28


def compare(case: str, lanes: Iterable[Comparable]) -> Agreement:
    """The agreement on one case, given its id; lanes that are not complete are left out."""
    # Sorted by name, so that the order in which lanes finish does not matter.
    complete = sorted((lane for lane in lanes if lane.complete), key=lambda lane: lane.lane)
    hidden = {name for name in ERROR_FIELDS if not all(name in lane.exposes for lane in complete)}
    if any(value == UNKNOWN for lane in complete for name, value in lane.got if _is_caught(name)):
        hidden.add("caught")
    groups: dict[Got, list[str]] = {}
    for lane in complete:
        got = tuple(pair for pair in lane.got if pair[0].rpartition(" ")[2] not in hidden)
        groups.setdefault(got, []).append(lane.lane)
    return Agreement(
        case=case,
        agree=len(groups) < 2,
        groups=tuple(zip(_labels(list(groups)), map(tuple, groups.values()), strict=True)),
    )


def _is_caught(name: str) -> bool:
    return name.rpartition(" ")[2] == "caught"


def suspect(verdicts: Iterable[Verdict]) -> bool:
    """Whether every lane that was judged on one case failed by the same rules.

    Versions of one SDK share their mistakes, so lanes of at least two runners have to fail. A known
    failure was looked up in its SDK, so a case that has no other is not suspected.
    """
    judged = [v for v in verdicts if v.outcome in (Outcome.PASS, Outcome.FAIL)]
    rules = {
        frozenset(f.rule for f in verdict.findings if f.claim is Level.REQUIRED)
        for verdict in judged
    }
    runners = {runner_of(verdict.lane) for verdict in judged}
    failed = all(verdict.outcome is Outcome.FAIL for verdict in judged)
    known = all(verdict.known_failing is not None for verdict in judged)
    return len(runners) > 1 and len(rules) == 1 and failed and not known


def _labels(groups: Sequence[Got]) -> list[str]:
    """The values that distinguish each group from the others; all values of a single group."""
    common = set(groups[0]).intersection(*groups[1:]) if len(groups) > 1 else set()
    return [
        "; ".join(
            f"{name} {_around_difference(name, value, groups)}"
            for name, value in got
            if (name, value) not in common
        )
        for got in groups
    ]


def _around_difference(name: str, value: str, groups: Iterable[Got]) -> str:
    """A value, or of a long one the part around its first difference from other groups."""
    if len(value) <= _SHOWN:
        return value
    others = [dict(got).get(name, "") for got in groups]
    equal = min((_equal(value, other) for other in others if other != value), default=0)
    start = max(0, min(equal - _BEFORE, len(value) - _SHOWN))
    end = start + _SHOWN
    before, after = ("..." if cut else "" for cut in (start > 0, end < len(value)))
    return f"{before}{value[start:end]}{after}"


def _equal(value: str, other: str) -> int:
    """The number of equal characters at the beginning."""
    pairs = enumerate(zip(value, other, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(value), len(other)))
