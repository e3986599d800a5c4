"""The profiles of the lanes side by side, and the differences between two versions of one SDK.

Pure. A profile is what a lane does where the documentation leaves the behaviour open. The page has
every behaviour with a case that shows it; the terminal only those in which lanes differ, with a
table for the short values. Profiles are not verdicts, so they are not coloured.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.judge.observation import OUTSIDE
from conformance.judge.profile_diff import ProfileDiff, values
from conformance.report.markdown import code, plain
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.results import LaneProfile

NOT_SEEN = "-"
_STATUS = "retries-on-"
_SHORT = 6  # columns of the longest value in the terminal's table
# Long texts that differ between any two SDKs, which the terminal leaves out.
_PAGE_ONLY = ("user-agent",)
_SHOWN = 3  # cases or names in a list; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One behaviour, or several for which each lane has the same value."""

    names: tuple[str, ...]
    cells: tuple[str, ...]  # the value for each lane
    case: str  # the id of a case that shows the behaviour

    @property
    def label(self) -> str:
        """The name in words; for several statuses, `retries on 400, 404`."""
        first, *rest = (name.replace("-", " ") for name in self.names)
        return ", ".join([first, *(name.rpartition(" ")[2] for name in rest)])

    @property
    def differs(self) -> bool:
        """Whether two lanes have different values."""
        return len(set(self.cells) - {NOT_SEEN}) > 1


def side_by_side(profiles: Sequence[LaneProfile]) -> list[Row]:
    """A row for each behaviour; retried statuses with the same cells share a row."""
    by_lane = [values(profile.items) for profile in profiles]
    cases = {i.name: i.cases[0] for profile in reversed(profiles) for i in reversed(profile.items)}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(cases):
        cells = tuple(" / ".join(by_name.get(name, (NOT_SEEN,))) for by_name in by_lane)
        status = name.startswith(_STATUS) and name.removeprefix(_STATUS).isdecimal()
        groups.setdefault((*cells, "" if status else name), []).append(name)
    return [
        Row(names=tuple(names), cells=key[:-1], case=cases[names[0]])
        for key, names in groups.items()
    ]


def profile_text(profiles: Sequence[LaneProfile], layout: Layout) -> str:
    """The behaviours in which lanes differ, for the terminal; empty for fewer than two lanes."""
    rows = side_by_side(profiles) if len(profiles) > 1 else []
    rows = [row for row in rows if row.differs or OUTSIDE in row.names]
    rows = [row for row in rows if row.names[0] not in _PAGE_ONLY]
    lanes = [profile.lane for profile in profiles]
    short = [row for row in rows if max(map(len, row.cells)) <= _SHORT]
    if not rows:
        return ""
    out = ["behaviour that the documentation leaves open: recorded, not judged", ""]
    out += table(
        "behaviour", [(r.label, r.cells) for r in short], lanes, Layout(width=layout.width)
    )
    for row in rows:
        if row not in short:
            out.append(row.label)
            lanes_by_cell: dict[str, list[str]] = {}
            for lane, cell in zip(lanes, row.cells, strict=True):
                lanes_by_cell.setdefault(cell, []).append(lane)
            for cell, same in lanes_by_cell.items():
                if cell != NOT_SEEN:
                    out += wrapped(f"{cell}: {', '.join(same)}", "  ", layout.width)
    return text_of(out)


def versions_text(pairs: Iterable[ProfileDiff], width: int) -> str:
    """The differences between versions, for the terminal."""
    out: list[str] = []
    for pair in pairs:
        out += [*pair_lines(pair, width), ""]
    return text_of(out)


def pair_lines(pair: ProfileDiff, width: int) -> Iterator[str]:
    """The differences between two lanes, for the terminal; regressions come first."""
    yield from textwrap.wrap(_heading(pair), width, subsequent_indent="  ", break_on_hyphens=False)
    for case, before, after in _regressions_first(pair):
        yield f"  {pair.change(case):<7} {case}"
        yield from wrapped(f"{before} -> {after}", "    ", width)
    for name, before, after in pair.items:
        yield from wrapped(f"{name.replace('-', ' ')}: {before} -> {after}", "  ", width)
    for names, cases in pair.entries:
        yield from wrapped(f"{few(names)} in the profile of {few(cases)}", "  ", width)


def profiles_page(profiles: Sequence[LaneProfile], pairs: Sequence[ProfileDiff]) -> str:
    """Profiles and versions as Markdown, for the end of the summary; may be empty."""
    out: list[str] = []
    rows = side_by_side(profiles)
    if rows:
        out += ["", "## Behaviour that the documentation leaves open", ""]
        out += ["Recorded, not judged. `-`: not seen.", ""]
        out += _rows(rows, [profile.lane for profile in profiles])
        out += _outside(profiles)
    if pairs:
        out += ["", "## Versions"]
        for pair in pairs:
            out += ["", *pair_page(pair)]
    return "\n".join(out) + "\n" if out else ""


def _rows(rows: Iterable[Row], lanes: Sequence[str]) -> Iterator[str]:
    yield "| behaviour | " + " | ".join(map(plain, lanes)) + " | seen in |"
    yield "|---|" + "---|" * (len(lanes) + 1)
    for row in rows:
        cells = " | ".join(map(plain, row.cells))
        yield f"| {plain(row.label)} | {cells} | {code(row.case, cell=True)} |"


def _outside(profiles: Iterable[LaneProfile]) -> Iterator[str]:
    """The errors that a program does not catch by the SDK's types, each with its cases."""
    items = [(one.lane, item) for one in profiles for item in one.items if item.name == OUTSIDE]
    if items:
        yield from ("", "Errors outside the SDK's types, which a program does not expect:", "")
    for lane, item in items:
        cases = f"{item.count} case{'s' if item.count != 1 else ''}"
        more = "" if item.count == len(item.cases) else ", ..."
        yield f"- {plain(lane)}: {code(item.value)} in {cases}: " + (
            ", ".join(map(code, item.cases)) + more
        )


def pair_page(pair: ProfileDiff) -> Iterator[str]:
    """The differences between two lanes as Markdown; regressions come first."""
    yield plain(_heading(pair))
    if pair.equal:
        return
    yield ""
    for case, before, after in _regressions_first(pair):
        yield f"- {pair.change(case)} {code(case)}: {plain(before)} -> {plain(after)}"
    for name, before, after in pair.items:
        yield f"- {plain(name.replace('-', ' '))}: {code(before)} -> {code(after)}"
    for names, cases in pair.entries:
        yield f"- {plain(', '.join(names))} in the profile of {few(tuple(map(code, cases)))}"


def _heading(pair: ProfileDiff) -> str:
    if pair.equal:
        return f"{pair.before} and {pair.after} do not differ"
    cases = sum(len(cases) for _, cases in pair.entries)
    return (
        f"{pair.before} -> {pair.after}: different verdicts: {len(pair.outcomes)}, different "
        f"behaviours: {len(pair.items)}, same verdict but different profile: {cases}"
    )


def _regressions_first(pair: ProfileDiff) -> list[tuple[str, str, str]]:
    order = ("broken", "fixed", "changed")
    return sorted(pair.outcomes, key=lambda outcome: order.index(pair.change(outcome[0])))


def few(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
