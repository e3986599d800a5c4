"""Lanes as a run shows them: what each did where it was free, and how versions differ.

Pure but for what it collects. Profile entries are kept only of lanes that have a sibling
(another version of the same SDK), and equal ones once, so that memory stays small.
"""

from collections.abc import Iterable, Sequence

from conformance.judge.lane_profile import lane_profile
from conformance.judge.observation import Observation, observe
from conformance.judge.profile_diff import (
    ProfileDiff,
    VersionProfile,
    comparable,
    differences,
    outcome,
    pairs,
)
from conformance.model.case import Case
from conformance.model.verdict import ProfileItem, Transcript, Verdict
from conformance.results import LaneProfile

Entries = tuple[tuple[str, str], ...]


class Profiles:
    """The profiles of a run's lanes, trial by trial."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self._traits: dict[str, list[Observation]] = {lane: [] for lane in lanes}
        self._pairs = tuple(pairs(lanes))
        siblings = {lane for pair in self._pairs for lane in pair}
        self._outcomes: dict[str, dict[str, str]] = {lane: {} for lane in siblings}
        self._entries: dict[str, dict[str, Entries]] = {lane: {} for lane in siblings}
        self._once: dict[Entries, Entries] = {}

    def add(self, case: Case, transcript: Transcript, verdict: Verdict) -> None:
        """Take in one trial; verdict with its profile."""
        lane = verdict.lane
        self._traits.setdefault(lane, []).extend(observe(case, transcript))
        if lane in self._entries:
            entries = comparable(verdict.profile)
            self._entries[lane][case.id] = self._once.setdefault(entries, entries)
            self._outcomes[lane][case.id] = outcome(verdict)

    def profiles(self) -> tuple[LaneProfile, ...]:
        """One for each lane that was judged at all, in the order of the lanes."""
        told = ((lane, lane_profile(traits)) for lane, traits in self._traits.items())
        return tuple(LaneProfile(lane=lane, items=items) for lane, items in told if items)

    def versions(self, profiles: Iterable[LaneProfile]) -> tuple[ProfileDiff, ...]:
        """The differences between versions that both ran. profiles: as `profiles` gave them."""
        items = {profile.lane: profile.items for profile in profiles}
        return tuple(
            differences(*(self._portrait(lane, items) for lane in pair))
            for pair in self._pairs
            if all(self._outcomes[lane] for lane in pair)
        )

    def _portrait(self, lane: str, items: dict[str, tuple[ProfileItem, ...]]) -> VersionProfile:
        return VersionProfile(
            lane=lane,
            outcomes=self._outcomes[lane],
            entries=self._entries[lane],
            items=items.get(lane, ()),
        )
