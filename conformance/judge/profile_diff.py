"""Two versions of one SDK compared: where verdicts, lane profiles and turn profiles differ.

What always changes is left out: times, version numbers, and the ids and signatures of every
exchange. An observation that only one of the two made is no difference, because the other may not
have run the case; values from a clock differ if they are far apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.judge.lane_profile import MEASURED
from conformance.judge.observation import unversioned
from conformance.model.manifest import runner_of
from conformance.model.verdict import ProfileItem, Verdict

# Entries of a turn profile that contain a time or, of a signed URL, a signature.
_VOLATILE = ("request-intervals", "elapsed", "re-signed")
_TURN = re.compile(r"turn-[0-9]+-")
# Signatures, times, ids, hashes and sizes in the values of the others.
_VOLATILE_TEXT = re.compile(
    r"(?i)(?<=signature[=:])[^&\s'\"]+|(?<=expires=)[0-9]+|[0-9]{8}T[0-9]{6}Z"
    r"|[0-9A-F]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=sha256 )[0-9a-f]{64}"
    r"|(?<=\()[0-9]+(?= (?:characters|bytes))"
)
_NUMBER = re.compile(r"[0-9]+\.[0-9]")
# Times differ from this many seconds and this ratio on: a busy machine adds less.
_FAR, _FAR_RATIO = 0.3, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionProfile:
    """What one lane did, as far as versions are compared."""

    lane: str
    outcomes: Mapping[str, str]  # by case, as `outcome` words them
    entries: Mapping[str, tuple[tuple[str, str], ...]]  # turn profiles by case, from `comparable`
    items: tuple[ProfileItem, ...]  # the lane profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDiff:
    """What differs between two lanes of one runner."""

    before: str  # lane
    after: str  # lane
    items: tuple[tuple[str, str, str], ...] = ()  # lane profiles: name, value before and after
    outcomes: tuple[tuple[str, str, str], ...] = ()  # case, outcome before and after
    # Of the turn profiles: names of entries, and the cases in which exactly these differ.
    entries: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.items or self.outcomes or self.entries)


def version_diffs(
    lanes: Iterable[str],
    verdicts: Sequence[Verdict],
    items: Mapping[str, tuple[ProfileItem, ...]],
) -> tuple[ProfileDiff, ...]:
    """The differences between the versions of one SDK that a run has judged.

    lanes: in their order; verdicts: with their profiles; items: lane -> its profile.
    """
    judged = {verdict.lane for verdict in verdicts}
    siblings = tuple(pairs([lane for lane in lanes if lane in judged]))
    profiles = {
        lane: _version_profile(lane, verdicts, items.get(lane, ()))
        for lane in dict.fromkeys(lane for pair in siblings for lane in pair)
    }
    return tuple(differences(profiles[one], profiles[other]) for one, other in siblings)


def _version_profile(
    lane: str, verdicts: Sequence[Verdict], items: tuple[ProfileItem, ...]
) -> VersionProfile:
    own = [verdict for verdict in verdicts if verdict.lane == lane]
    return VersionProfile(
        lane=lane,
        outcomes={verdict.case: outcome(verdict) for verdict in own},
        entries={verdict.case: comparable(verdict.profile) for verdict in own},
        items=items,
    )


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
    """The turn profile of a case without what always changes."""
    return tuple(
        (name, _stable(name, value))
        for name, value in profile
        if _TURN.sub("", name) not in _VOLATILE
    )


def differences(before: VersionProfile, after: VersionProfile) -> ProfileDiff:
    """What differs between two versions; cases that only one of them has are left out."""
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
        items=tuple(_items(before.items, after.items)),
        outcomes=tuple(
            (case, before.outcomes[case], after.outcomes[case])
            for case in sorted(both)
            if before.outcomes[case] != after.outcomes[case]
        ),
        entries=tuple((names, tuple(sorted(entries[names]))) for names in sorted(entries)),
    )


def values(items: Iterable[ProfileItem]) -> dict[str, tuple[str, ...]]:
    """Name of an observation -> its values, most frequent first."""
    found: dict[str, list[ProfileItem]] = {}
    for item in items:
        found.setdefault(item.name, []).append(item)
    return {
        name: tuple(i.value for i in sorted(same, key=lambda i: (-i.count, i.value)))
        for name, same in found.items()
    }


def _items(
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


def _stable(name: str, value: str) -> str:
    """A value without what always changes; of the texts of errors and programs only the kind."""
    if name.endswith("user-agent"):
        return unversioned(value)
    if name.endswith("observed-answer") or value.startswith("refused: "):
        return value.partition(":")[0]
    if name.endswith("observed-exit"):
        return value.partition(",")[0]
    return _VOLATILE_TEXT.sub("*", value)


def _names(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    if one == other:
        return ()
    left, right = dict(one), dict(other)
    differing = (n for n in {**left, **right} if left.get(n) != right.get(n))
    return tuple(dict.fromkeys(_TURN.sub("", name) for name in differing))
