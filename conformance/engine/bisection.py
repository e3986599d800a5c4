"""Finds the first version in which a case has another verdict, by binary search.

Pure. The versions are in their order, and the oldest is the reference. What is known of each is its
outcome as text, or None if it could not be judged (it cannot be built, for example); such a version
is passed over, and the search takes the one next to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Seen = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two versions with different outcomes, and nothing judged between them."""

    before: str
    after: str
    between: tuple[str, ...] = ()  # versions that could not be judged: it may be in one of them


def next_version(versions: Sequence[str], seen: Seen) -> str | None:
    """The version to judge next; None if no more can be learned. First the two ends."""
    for end in (versions[0], versions[-1]):
        if end not in seen:
            return end
        if seen[end] is None:
            return None
    if seen[versions[0]] == seen[versions[-1]]:
        return None
    low, high = _borders(versions, seen)
    middle = (low + high) / 2
    untried = [place for place in range(low + 1, high) if versions[place] not in seen]
    return versions[min(untried, key=lambda place: abs(place - middle))] if untried else None


def change(versions: Sequence[str], seen: Seen) -> Change | None:
    """Where the outcome changes for the first time that was seen; None if the ends are equal.

    `next_version` must have returned None, and both ends must have been judged.
    """
    if seen[versions[0]] == seen[versions[-1]]:
        return None
    low, high = _borders(versions, seen)
    return Change(
        before=versions[low], after=versions[high], between=tuple(versions[low + 1 : high])
    )


def _borders(versions: Sequence[str], seen: Seen) -> tuple[int, int]:
    """The first version with another outcome than the oldest, and the last like it before that."""
    old = seen[versions[0]]
    judged = [place for place, one in enumerate(versions) if seen.get(one) is not None]
    high = next(place for place in judged if seen[versions[place]] != old)
    return max(place for place in judged if place < high), high
