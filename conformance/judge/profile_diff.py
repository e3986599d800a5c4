"""Compares two versions of one SDK: their verdicts, lane profiles and turn profiles.

Values that change in every run are left out: times, version numbers, ids and signatures. An
observation of only one of the two is not a difference, because the other may not have run the case;
measured times differ only if they are far apart.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from conformance.judge.lane_profile import MEASURED
from conformance.judge.observation import unversioned
from conformance.model.case import Level
from conformance.model.manifest import runner_of
from conformance.model.verdict import Outcome, ProfileItem, Verdict

# Entries of a turn profile that contain a time or depend on one.
_VOLATILE = ("request-intervals", "elapsed", "re-signed")
_TURN = re.compile(r"turn-[0-9]+-")
# Signatures, times, ids, hashes and sizes in the values of the other entries.
_VOLATILE_TEXT = re.compile(
    r"(?i)(?<=signature[=:])[^&\s'\"]+|(?<=expires=)[0-9]+|[0-9]{8}T[0-9]{6}Z"
    r"|[0-9A-F]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=sha256 )[0-9a-f]{64}"
    r"|(?<=\()[0-9]+(?= (?:characters|bytes))"
)
_NUMBER = re.compile(r"[0-9]+\.[0-9]")
# Times differ if they are more than this many seconds and this ratio apart: more than a busy
# machine adds.
_FAR, _FAR_RATIO = 0.3, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionProfile:
    """The results of one lane that are compared with those of another version."""

    lane: str
    outcomes: Mapping[str, str]  # by case, as `outcome` writes them
    entries: Mapping[str, tuple[tuple[str, str], ...]]  # turn profiles by case, from `comparable`
    items: tuple[ProfileItem, ...]  # the lane profile
    # By case, the rules by which it fails; None: it could not be judged.
    violations: Mapping[str, frozenset[str] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDiff:
    """The differences between two lanes of one runner."""

    before: str  # lane
    after: str  # lane
    items: tuple[tuple[str, str, str], ...] = ()  # lane profiles: name, value before and after
    outcomes: tuple[tuple[str, str, str], ...] = ()  # case, outcome before and after
    # Turn profiles: names of entries, and the cases in which exactly these entries differ.
    entries: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    # Of the cases in `outcomes`: those that fail only now or by further rules, or can no longer be
    # judged, and those that fail no longer.
    broken: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()

    def change(self, case: str) -> str:
        """`broken`, `fixed` or `changed`: what happened to a case in `outcomes`."""
        return "broken" if case in self.broken else "fixed" if case in self.fixed else "changed"

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
        lane: version_profile(lane, verdicts, items.get(lane, ()))
        for lane in dict.fromkeys(lane for pair in siblings for lane in pair)
    }
    return tuple(differences(profiles[one], profiles[other]) for one, other in siblings)


def version_profile(
    lane: str, verdicts: Sequence[Verdict], items: tuple[ProfileItem, ...]
) -> VersionProfile:
    """What is compared of one lane. verdicts: of all lanes."""
    of_lane = [verdict for verdict in verdicts if verdict.lane == lane]
    return VersionProfile(
        lane=lane,
        outcomes={verdict.case: outcome(verdict) for verdict in of_lane},
        violations={verdict.case: violations(verdict) for verdict in of_lane},
        entries={verdict.case: comparable(verdict.profile) for verdict in of_lane},
        items=items,
    )


def pairs(lanes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Consecutive pairs of lanes that have the same runner."""
    by_runner: dict[str, list[str]] = {}
    for lane in lanes:
        by_runner.setdefault(runner_of(lane), []).append(lane)
    for siblings in by_runner.values():
        yield from pairwise(siblings)


def outcome(verdict: Verdict) -> str:
    """The outcome with the rules of its findings, such as `fail (errors.code, process.string)`."""
    rules = ", ".join(sorted({finding.rule for finding in verdict.findings}))
    return verdict.outcome.value + (f" ({rules})" if rules else "")


def violations(verdict: Verdict) -> frozenset[str] | None:
    """The rules by which a case fails; None if it could not be judged."""
    if verdict.outcome is Outcome.ERROR:
        return None
    required = (one.rule for one in verdict.findings if one.claim is Level.REQUIRED)
    return frozenset(required if verdict.outcome is Outcome.FAIL else ())


def comparable(profile: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The turn profile of a case without values that change in every run."""
    return tuple(
        (name, _stable(name, value))
        for name, value in profile
        if _TURN.sub("", name) not in _VOLATILE
    )


def differences(before: VersionProfile, after: VersionProfile) -> ProfileDiff:
    """The differences between two versions, in the cases that both have run."""
    both = {case: None for case in before.outcomes if case in after.outcomes}
    entries: dict[tuple[str, ...], list[str]] = {}
    for case in both:
        if before.outcomes[case] == after.outcomes[case]:
            names = _names(before.entries.get(case, ()), after.entries.get(case, ()))
            if names:
                entries.setdefault(names, []).append(case)
    changed = [case for case in both if before.outcomes[case] != after.outcomes[case]]
    return ProfileDiff(
        before=before.lane,
        after=after.lane,
        items=tuple(_items(_of_cases(before.items, both), _of_cases(after.items, both))),
        outcomes=tuple(
            (case, before.outcomes[case], after.outcomes[case]) for case in sorted(changed)
        ),
        entries=tuple((names, tuple(sorted(entries[names]))) for names in sorted(entries)),
        broken=frozenset(case for case in changed if _worse(case, before, after)),
        fixed=frozenset(
            case
            for case in changed
            if before.violations.get(case, frozenset()) != frozenset()
            and after.outcomes[case].startswith(Outcome.PASS)
        ),
    )


def _worse(case: str, before: VersionProfile, after: VersionProfile) -> bool:
    none: frozenset[str] = frozenset()
    old, new = before.violations.get(case, none), after.violations.get(case, none)
    if new is None:
        return old is not None
    return bool(new if old is None else new - old)


def values(items: Iterable[ProfileItem]) -> dict[str, tuple[str, ...]]:
    """Name of an observation -> its values, most frequent first."""
    found: dict[str, list[ProfileItem]] = {}
    for item in items:
        found.setdefault(item.name, []).append(item)
    return {
        name: tuple(i.value for i in sorted(same, key=lambda i: (-i.count, i.value)))
        for name, same in found.items()
    }


def _of_cases(items: Iterable[ProfileItem], cases: Collection[str]) -> Iterator[ProfileItem]:
    """The items that one of these cases shows, or may show: an item lists few of many cases."""
    return (
        item
        for item in items
        if item.count > len(item.cases) or any(case in cases for case in item.cases)
    )


def _items(
    before: Iterable[ProfileItem], after: Iterable[ProfileItem]
) -> Iterator[tuple[str, str, str]]:
    before_values, after_values = values(before), values(after)
    for name in sorted(before_values.keys() & after_values.keys()):
        old, new = before_values[name], after_values[name]
        if set(old) == set(new) or (name in MEASURED and _near(" ".join(old), " ".join(new))):
            continue
        yield name, "; ".join(old), "; ".join(new)


def _near(one: str, other: str) -> bool:
    left, right = ([float(n) for n in _NUMBER.findall(text)] for text in (one, other))
    return len(left) == len(right) and all(
        abs(a - b) <= _FAR or max(a, b) <= _FAR_RATIO * min(a, b)
        for a, b in zip(left, right, strict=True)
    )


def _stable(name: str, value: str) -> str:
    """A value without the parts that change in every run; of an error or exit only the kind."""
    if name.endswith("user-agent"):
        return unversioned(value)
    if name.endswith("observed-answer") or value.startswith("refused: "):
        return value.partition(":")[0]
    if name.endswith("observed-exit"):
        return value.partition(",")[0]
    return _VOLATILE_TEXT.sub("*", value)


def _names(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The names of the entries that differ, without the number of the turn."""
    old, new = dict(before), dict(after)
    differing = (name for name in {**old, **new} if old.get(name) != new.get(name))
    return tuple(dict.fromkeys(_TURN.sub("", name) for name in differing))
