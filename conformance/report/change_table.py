"""What changed between versions of one SDK, or between two runs, as a table with a column for each.

Pure. A cell is filled next to a change; elsewhere a version is as the one before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.judge.profile_diff import ProfileDiff
from conformance.model.manifest import runner_of
from conformance.report.profiles import behaviour_change, counted
from conformance.report.sections import by_number

_ORDER = ("broken", "fixed", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A case or a behaviour that changed."""

    label: str
    cells: tuple[str, ...]  # for each version
    # For each version how it differs from the one before: `broken`, `fixed`, `changed` or "".
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTable:
    """The differences between each version and the next."""

    columns: tuple[str, ...]  # lanes
    steps: tuple[str, ...]  # what changed from one to the next, in a sentence
    cases: tuple[ChangeRow, ...]  # regressions first
    behaviours: tuple[ChangeRow, ...]


def by_runner(diffs: Iterable[ProfileDiff]) -> list[list[ProfileDiff]]:
    """The differences of each SDK; those of one follow each other."""
    found: dict[str, list[ProfileDiff]] = {}
    for diff in diffs:
        found.setdefault(runner_of(diff.before), []).append(diff)
    return list(found.values())


def change_table(diffs: Sequence[ProfileDiff]) -> ChangeTable:
    """The table of differences that follow each other: each begins where the last one ends."""
    width = len(diffs) + 1
    cases: dict[str, list[tuple[str, str]]] = {}
    behaviours: dict[str, list[tuple[str, str]]] = {}
    for number, diff in enumerate(diffs):
        for case, before, after in diff.outcomes:
            row = cases.setdefault(case, [("", "")] * width)
            _fill(row, number, before, after, diff.change(case))
        for item in diff.items:
            label, before, after = behaviour_change(*item)
            row = behaviours.setdefault(label, [("", "")] * width)
            _fill(row, number, before, after, "changed")
    rows = [_row(label, row) for label, row in cases.items()]
    return ChangeTable(
        columns=(diffs[0].before, *(diff.after for diff in diffs)),
        steps=tuple(f"{diff.before} -> {diff.after}: {counted(diff)}" for diff in diffs),
        cases=tuple(sorted(rows, key=lambda row: (_rank(row), by_number(row.label)))),
        behaviours=tuple(_row(label, row) for label, row in sorted(behaviours.items())),
    )


def _fill(row: list[tuple[str, str]], number: int, before: str, after: str, change: str) -> None:
    row[number] = (before, row[number][1])
    row[number + 1] = (after, change)


def _row(label: str, row: list[tuple[str, str]]) -> ChangeRow:
    cells, changes = zip(*row, strict=True)
    return ChangeRow(label=label, cells=cells, changes=changes)


def _rank(row: ChangeRow) -> int:
    return min(_ORDER.index(change) for change in row.changes if change)
