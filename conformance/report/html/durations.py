"""Where the time of a run went: seconds in calls, by lane and family, and the slowest cases.

Pure but for the state of `Durations`. A call is timed from writing the command to reading the
answer. Lanes run at the same time, so the sum is more than the duration of the run.
"""

import heapq
from dataclasses import dataclass

_SLOWEST = 5  # cases of a lane


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTime:
    """The time that the calls of one lane took."""

    lane: str
    seconds: float
    families: tuple[tuple[str, float], ...]  # with their seconds, in the order of all lanes
    slowest: tuple[tuple[str, float], ...]  # cases with their seconds


class Durations:
    """The times of the trials that were added."""

    def __init__(self) -> None:
        self._families: dict[str, dict[str, float]] = {}
        self._slowest: dict[str, list[tuple[float, str]]] = {}

    def add(self, case: str, lane: str, seconds: float) -> None:
        """Count one trial. seconds: that its calls took."""
        family = case.partition("/")[0]
        families = self._families.setdefault(lane, {})
        families[family] = families.get(family, 0.0) + seconds
        slowest = self._slowest.setdefault(lane, [])
        heapq.heappush(slowest, (seconds, case))
        if len(slowest) > _SLOWEST:
            heapq.heappop(slowest)

    @property
    def families(self) -> list[str]:
        """All families, sorted."""
        return sorted({family for of_lane in self._families.values() for family in of_lane})

    def lanes(self) -> list[LaneTime]:
        """The lanes, the slowest first."""
        found = [
            LaneTime(
                lane=lane,
                seconds=sum(families.values()),
                families=tuple((name, families.get(name, 0.0)) for name in self.families),
                slowest=tuple((case, s) for s, case in sorted(self._slowest[lane], reverse=True)),
            )
            for lane, families in self._families.items()
        ]
        return sorted(found, key=lambda one: (-one.seconds, one.lane))
