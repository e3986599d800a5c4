"""The profile of a lane: its observations over all cases, each with the cases that show it.

Measured times are medians; `MEASURED` names them, so that their noise is not reported as a
difference.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from statistics import median

from conformance.judge.observation import READ_TIMEOUT, RETRY_DELAYS, Observation
from conformance.model.verdict import ProfileItem

MEASURED = frozenset({RETRY_DELAYS, READ_TIMEOUT})
# Number of cases that are listed as evidence, few enough for a readable line.
EVIDENCE = 20


def lane_profile(observations: Iterable[Observation]) -> tuple[ProfileItem, ...]:
    """The observations of a lane, grouped and sorted by name and value."""
    cases: dict[tuple[str, str], list[str]] = {}
    times: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for item in observations:
        key = (item.name, item.value)
        cases.setdefault(key, []).append(item.case)
        if item.times:
            times.setdefault(key, []).append(item.times)
    return tuple(
        ProfileItem(
            name=name,
            value=value.format(_medians(times[name, value])) if (name, value) in times else value,
            count=len(seen),
            cases=tuple(sorted(seen)[:EVIDENCE]),
        )
        for (name, value), seen in sorted(cases.items())
    )


def _medians(measured: Sequence[tuple[float, ...]]) -> str:
    columns = zip_longest(*measured)
    medians = (median([time for time in column if time is not None]) for column in columns)
    return ", ".join(f"{time:.1f}" for time in medians) + " s"
