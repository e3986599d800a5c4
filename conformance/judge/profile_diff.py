"""Two versions of one SDK beside each other: where verdicts, behaviours and profiles differ.

What changes by itself is left out: times, version numbers, the ids and signatures that
every exchange has of its own. A behaviour that only one of the two showed is no difference, for
the case may not have brought it about; values from a clock count when they are far apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.judge.lane_profile import MEASURED, user_agent
from conformance.model.manifest import runner_of
from conformance.model.verdict import ProfileItem, Verdict

# Of profile entries those that hold a time or, of a signed URL, a signature.
_PASSING = ("waits", "elapsed", "signed-anew")
_TURN = re.compile(r"turn-[0-9]+-")
_OWN = re.compile(
    r"(?i)(?<=signature[=:])[^&\s'\"]+|(?<=expires=)[0-9]+|[0-9]{8}T[0-9]{6}Z"
    r"|[0-9A-F]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=sha256 )[0-9a-f]{64}"
    r"|(?<=\()[0-9]+(?= (?:characters|bytes))"
)
_NUMBER = re.compile(r"[0-9]+\.[0-9]")
# Two times are told apart from this much on: what a busy machine adds stays below it.
_FAR, _FAR_RATIO = 0.3, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionProfile:
    """One lane: its verdicts and profile entries by case, and its behaviours.

    outcomes: outcome and rules in words. entries: as `comparable` makes them.
    """

    lane: str
    outcomes: Mapping[str, str]
    entries: Mapping[str, tuple[tuple[str, str], ...]]
    behaviours: tuple[ProfileItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDiff:
    """What differs between two lanes of one runner.

    behaviours: name, value before and after. outcomes: case, before and after. entries: names of
    profile entries and the cases in which just these differ.
    """

    before: str
    after: str
    behaviours: tuple[tuple[str, str, str], ...] = ()
    outcomes: tuple[tuple[str, str, str], ...] = ()
    entries: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.behaviours or self.outcomes or self.entries)


def pairs(lanes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lanes of one runner, each with the next in the order given."""
    by_runner: dict[str, list[str]] = {}
    for lane in lanes:
        by_runner.setdefault(runner_of(lane), []).append(lane)
    for same in by_runner.values():
        yield from pairwise(same)


def outcome(verdict: Verdict) -> str:
    """`pass`, `fail (errors.code, process.string)`: what two versions are compared by."""
    rules = ", ".join(sorted({finding.rule for finding in verdict.findings}))
    return verdict.outcome.value + (f" ({rules})" if rules else "")


def comparable(profile: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The entries of a case's profile without what changes by itself."""
    return tuple(
        (name, _lasting(name, value))
        for name, value in profile
        if _TURN.sub("", name) not in _PASSING
    )


def differences(before: VersionProfile, after: VersionProfile) -> ProfileDiff:
    """What differs between two portraits; cases that only one of them has are left out."""
    both = [case for case in before.outcomes if case in after.outcomes]
    entries: dict[tuple[str, ...], list[str]] = {}
    for case in both:
        if before.outcomes[case] == after.outcomes[case]:
            names = _names(before.entries.get(case, ()), after.entries.get(case, ()))
            if names:
                entries.setdefault(names, []).append(case)
    return ProfileDiff(
        before=before.lane,
        after=after.lane,
        behaviours=tuple(_behaviours(before.behaviours, after.behaviours)),
        outcomes=tuple(
            (case, before.outcomes[case], after.outcomes[case])
            for case in sorted(both)
            if before.outcomes[case] != after.outcomes[case]
        ),
        entries=tuple((names, tuple(sorted(entries[names]))) for names in sorted(entries)),
    )


def values(behaviours: Iterable[ProfileItem]) -> dict[str, tuple[str, ...]]:
    """Name of a behaviour -> its values, most frequent first."""
    found: dict[str, list[ProfileItem]] = {}
    for item in behaviours:
        found.setdefault(item.name, []).append(item)
    return {
        name: tuple(i.value for i in sorted(items, key=lambda i: (-i.count, i.value)))
        for name, items in found.items()
    }


def _behaviours(
    before: Iterable[ProfileItem], after: Iterable[ProfileItem]
) -> Iterator[tuple[str, str, str]]:
    was, now = values(before), values(after)
    for name in sorted(was.keys() & now.keys()):
        one, other = was[name], now[name]
        if set(one) == set(other) or (name in MEASURED and _near(" ".join(one), " ".join(other))):
            continue
        yield name, "; ".join(one), "; ".join(other)


def _near(one: str, other: str) -> bool:
    left, right = ([float(n) for n in _NUMBER.findall(text)] for text in (one, other))
    return len(left) == len(right) and all(
        abs(a - b) <= _FAR or max(a, b) <= _FAR_RATIO * min(a, b)
        for a, b in zip(left, right, strict=True)
    )


def _lasting(name: str, value: str) -> str:
    """What lasts of a value; of the words of an error and of a program only their kind does."""
    if name.endswith("user-agent"):
        return user_agent(value)
    if name.endswith("observed-answer") or value.startswith("refused: "):
        return value.partition(":")[0]
    if name.endswith("observed-exit"):
        return value.partition(",")[0]
    return _OWN.sub("*", value)


def _names(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    if one == other:
        return ()
    left, right = dict(one), dict(other)
    differing = (n for n in {**left, **right} if left.get(n) != right.get(n))
    return tuple(dict.fromkeys(_TURN.sub("", name) for name in differing))
