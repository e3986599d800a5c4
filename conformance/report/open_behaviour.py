"""Behaviour that the documentation leaves open: lanes side by side, in plain words.

Pure. Each cell has the values of a lane with cases that show them. Statuses for which every lane
does the same share a row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.model.verdict import ProfileItem
from conformance.report.wording import HEADINGS, behaviour, behaviour_value, is_status
from conformance.results import LaneProfile

NOT_SEEN = "-"
_CASES = 5  # cases of one value


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """One behaviour, or the retries on several statuses."""

    name: str  # the first of the names of its profile items
    label: str
    cells: tuple[tuple[ProfileItem, ...], ...]  # the values of each lane, the most frequent first

    @property
    def texts(self) -> tuple[str, ...]:
        """The values of each lane in words; `-` if the lane shows none."""
        return tuple(" / ".join(map(value_of, cell)) or NOT_SEEN for cell in self.cells)

    @property
    def differs(self) -> bool:
        """Whether two lanes have different values."""
        return len({frozenset(item.value for item in cell) for cell in self.cells if cell}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """Related behaviours under a heading."""

    heading: str
    rows: tuple[OpenRow, ...]


def open_behaviour(profiles: Sequence[LaneProfile]) -> list[OpenGroup]:
    """The groups that have rows; the cells of a row are in the order of the profiles."""
    by_name: dict[str, list[list[ProfileItem]]] = {}
    for number, profile in enumerate(profiles):
        for item in profile.items:
            by_name.setdefault(item.name, [[] for _ in profiles])[number].append(item)
    found: dict[str, list[tuple[tuple[int, str], OpenRow]]] = {}
    for names in _shared(by_name):
        heading, place, label = behaviour(names)
        cells = tuple(
            tuple(sorted(items, key=lambda item: (-item.count, item.value)))
            for items in by_name[names[0]]
        )
        row = OpenRow(name=names[0], label=label, cells=cells)
        found.setdefault(heading, []).append(((place, label), row))
    return [
        OpenGroup(heading=heading, rows=tuple(row for _, row in sorted(rows, key=lambda r: r[0])))
        for heading, rows in sorted(found.items(), key=lambda one: HEADINGS.index(one[0]))
    ]


def cases_of(item: ProfileItem) -> tuple[str, ...]:
    """The first cases that show a value."""
    return item.cases[:_CASES]


def value_of(item: ProfileItem) -> str:
    """The value in words."""
    return behaviour_value(item.name, item.value)


def _shared(by_name: dict[str, list[list[ProfileItem]]]) -> Iterator[list[str]]:
    """The names, those of statuses with equal values together."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name in sorted(by_name):
        values = tuple(tuple(sorted(item.value for item in cell)) for cell in by_name[name])
        groups.setdefault(values if is_status(name) else (name,), []).append(name)
    yield from groups.values()
