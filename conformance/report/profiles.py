"""The profiles of the lanes side by side, and the differences between two versions of one SDK.

Pure. A profile is what a lane does where the documentation leaves the behaviour open. The page has
every behaviour with a case that shows it; the terminal only those in which lanes differ, with a
table for the short values. Profiles are not verdicts, so they are not coloured.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from conformance.judge.observation import OUTSIDE
from conformance.judge.profile_diff import ProfileDiff
from conformance.report.markdown import code, lane_head, plain
from conformance.report.open_behaviour import NOT_SEEN, OpenRow, open_behaviour
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.report.wording import behaviour, behaviour_value
from conformance.results import LaneProfile

_SHORT = 6  # columns of the longest value in the terminal's table
_NARROW = 16  # characters of the longest value in the table of the summary page
# Long texts that differ between any two SDKs, which the terminal leaves out.
_PAGE_ONLY = ("user-agent",)
_SHOWN = 3  # cases or names in a list; the others are counted
# Pairs of versions in a short text of which differences are shown, and lines of each.
_PAIRS_IN_PART, _PAIR_LINES = 2, 9


def profile_text(profiles: Sequence[LaneProfile], layout: Layout) -> str:
    """The behaviours in which lanes differ, for the terminal; empty for fewer than two lanes."""
    rows = _rows_of(profiles) if len(profiles) > 1 else []
    rows = [row for row in rows if row.differs or row.name == OUTSIDE]
    rows = [row for row in rows if row.name not in _PAGE_ONLY]
    lanes = [profile.lane for profile in profiles]
    short = [row for row in rows if max(map(len, row.texts)) <= _SHORT]
    if not rows:
        return ""
    out = ["behaviour that the documentation leaves open: recorded, not judged", ""]
    out += table(
        "behaviour", [(r.label, r.texts) for r in short], lanes, Layout(width=layout.width)
    )
    for row in rows:
        if row not in short:
            out.append(row.label)
            for text, same in _by_text(row, lanes).items():
                out += wrapped(f"{text}: {', '.join(same)}", "  ", layout.width)
    return text_of(out)


def _rows_of(profiles: Sequence[LaneProfile]) -> list[OpenRow]:
    return [row for group in open_behaviour(profiles) for row in group.rows]


def versions_text(pairs: Iterable[ProfileDiff], width: int) -> str:
    """The differences between versions, for the terminal."""
    out: list[str] = []
    for pair in pairs:
        out += [*pair_lines(pair, width), ""]
    return text_of(out)


def short_versions_text(pairs: Sequence[ProfileDiff], width: int) -> str:
    """The differences between versions in few lines: of one or two pairs the first differences."""
    out: list[str] = []
    for pair in pairs:
        if len(pairs) > _PAIRS_IN_PART:
            out += wrapped(f"{pair.before} -> {pair.after}: {counted(pair)}", "", width)
            continue
        lines = list(pair_lines(pair, width))
        out += lines[:_PAIR_LINES]
        if len(lines) > _PAIR_LINES:
            out.append(f"  {len(lines) - _PAIR_LINES} more lines: report.html, or with -v")
        out.append("")
    return text_of(out)


def counted(pair: ProfileDiff) -> str:
    """`3 broken, 1 fixed`, or that nothing differs."""
    changed = len(pair.outcomes) - len(pair.broken) - len(pair.fixed)
    counts = (
        (len(pair.broken), "broken"),
        (len(pair.fixed), "fixed"),
        (changed, "changed"),
        (len(pair.items), "other behaviour" + "s" * (len(pair.items) > 1)),
        (sum(len(cases) for _, cases in pair.entries), "with the same verdict and another profile"),
    )
    return ", ".join(f"{count} {name}" for count, name in counts if count) or "no difference"


def pair_lines(pair: ProfileDiff, width: int) -> Iterator[str]:
    """The differences between two lanes, for the terminal; regressions come first."""
    yield from textwrap.wrap(_heading(pair), width, subsequent_indent="  ", break_on_hyphens=False)
    for case, before, after in _regressions_first(pair):
        yield f"  {pair.change(case):<7} {case}"
        yield from wrapped(f"{before} -> {after}", "    ", width)
    for item in pair.items:
        label, before, after = behaviour_change(*item)
        yield from wrapped(f"{label}: {before} -> {after}", "  ", width)
    for names, cases in pair.entries:
        yield from wrapped(f"{_entries(names)}: other in {few(cases)}", "  ", width)


def behaviour_change(name: str, before: str, after: str) -> tuple[str, str, str]:
    """A behaviour, and its values before and after, in words."""
    old, new = (
        "; ".join(behaviour_value(name, value) for value in text.split("; "))
        for text in (before, after)
    )
    return behaviour([name])[2], old, new


def _entries(names: Iterable[str]) -> str:
    """The names of entries of a turn profile."""
    return few([name.removeprefix("observed-").replace("-", " ") for name in names])


def profiles_page(profiles: Sequence[LaneProfile], pairs: Sequence[ProfileDiff]) -> str:
    """Profiles and versions as Markdown, for the end of the summary; may be empty."""
    out: list[str] = []
    rows = _rows_of(profiles)
    if rows:
        out += ["", "## Behaviour that the documentation leaves open", ""]
        out += ["Recorded, not judged. Below each is a case that shows it. `-`: not seen.", ""]
        lanes = [profile.lane for profile in profiles]
        short = [row for row in rows if max(map(len, row.texts)) <= _NARROW]
        differ = [row for row in short if len(set(row.texts)) > 1] or short
        out += _rows(differ, lanes)
        out += _alike([row for row in short if row not in differ])
        out += _below([row for row in rows if row not in short and row.name != OUTSIDE], lanes)
        out += _outside(profiles)
    if pairs:
        out += ["", "## Versions"]
        for pair in pairs:
            out += ["", *pair_page(pair)]
    return "\n".join(out) + "\n" if out else ""


def _rows(rows: Iterable[OpenRow], lanes: Sequence[str]) -> Iterator[str]:
    yield "| behaviour | " + " | ".join(map(lane_head, lanes)) + " |"
    yield "|---|" + "---|" * len(lanes)
    for row in rows:
        cells = " | ".join(map(plain, row.texts))
        yield f"| {plain(row.label)}<br>{code(_seen_in(row), cell=True)} | {cells} |"


def _alike(rows: Sequence[OpenRow]) -> Iterator[str]:
    """Rows with one value in all lanes."""
    if rows:
        yield from ("", "The same in all lanes:", "")
    for row in rows:
        yield f"- {plain(row.label)}: {plain(row.texts[0])} ({code(_seen_in(row))})"


def _below(rows: Iterable[OpenRow], lanes: Sequence[str]) -> Iterator[str]:
    """Rows that would make a table wider than a page."""
    for row in rows:
        yield from ("", f"{plain(row.label)} (seen in {code(_seen_in(row))}):", "")
        for text, same in _by_text(row, lanes).items():
            yield f"- {plain(', '.join(same))}: {code(text)}"


def _by_text(row: OpenRow, lanes: Sequence[str]) -> dict[str, list[str]]:
    """The lanes that show each value; none for what was not seen."""
    found: dict[str, list[str]] = {}
    for lane, text in zip(lanes, row.texts, strict=True):
        if text != NOT_SEEN:
            found.setdefault(text, []).append(lane)
    return found


def _seen_in(row: OpenRow) -> str:
    return next(item.cases[0] for cell in row.cells for item in cell)


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
    for item in pair.items:
        label, before, after = behaviour_change(*item)
        yield f"- {plain(label)}: {code(before)} -> {code(after)}"
    for names, cases in pair.entries:
        yield f"- {plain(_entries(names))}: other in {few(tuple(map(code, cases)))}"


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
