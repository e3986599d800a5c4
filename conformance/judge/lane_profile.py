"""The profile of a lane: its observations over all cases, each with the cases that show it.

Measured times are medians; `MEASURED` names them, so that their noise is not reported as a
difference.
"""

import bisect
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from statistics import median

from conformance.judge.observation import READ_TIMEOUT, RETRY_DELAYS, Observation
from conformance.model.verdict import ProfileItem

MEASURED = frozenset({RETRY_DELAYS, READ_TIMEOUT})
# Number of cases that are listed as evidence, few enough for a readable line.
EVIDENCE = 20
# Measurements of one behaviour whose median is taken; the corpus has fewer than a hundred.
_MEASUREMENTS = 1_000


class ProfileCount:
    """The observations of a lane so far, whose memory does not grow with the number of trials."""

    def __init__(self) -> None:
        # By name and value: how often, the first cases by name, the first times.
        self._counts: Counter[tuple[str, str]] = Counter()
        self._cases: dict[tuple[str, str], list[str]] = {}
        self._times: dict[tuple[str, str], list[tuple[float, ...]]] = {}

    def add(self, observations: Iterable[Observation]) -> None:
        """Count the observations of a trial."""
        for item in observations:
            key = (item.name, item.value)
            self._counts[key] += 1
            cases = self._cases.setdefault(key, [])
            bisect.insort(cases, item.case)
            del cases[EVIDENCE:]
            times = self._times.setdefault(key, [])
            if item.times and len(times) < _MEASUREMENTS:
                times.append(item.times)

    def items(self) -> tuple[ProfileItem, ...]:
        """The observations, grouped and sorted by name and value."""
        return tuple(
            ProfileItem(
                name=name,
                value=value.format(_medians(times)) if times else value,
                count=count,
                cases=tuple(self._cases[name, value]),
            )
            for (name, value), count in sorted(self._counts.items())
            for times in (self._times[name, value],)
        )


def lane_profile(observations: Iterable[Observation]) -> tuple[ProfileItem, ...]:
    """The observations of a lane, grouped and sorted by name and value."""
    counted = ProfileCount()
    counted.add(observations)
    return counted.items()


def _medians(measured: Sequence[tuple[float, ...]]) -> str:
    columns = zip_longest(*measured)
    medians = (median([time for time in column if time is not None]) for column in columns)
    return ", ".join(f"{time:.1f}" for time in medians) + " s"
