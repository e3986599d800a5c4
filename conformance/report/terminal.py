"""What people see of a run in a terminal or a CI log: matrix, findings, closing, progress.

Pure: values in, text out, and the caller prints. The frame is ASCII, so that a log
without UTF-8 shows it whole; colour is laid on after the columns are. Nothing is wider than
`width` but ids, links and commands, which must survive being copied.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.model.case import Case
from conformance.model.verdict import Finding, Verdict
from conformance.report.sections import (
    EXITS,
    LEGEND,
    Place,
    ResultGroup,
    again,
    agreed,
    counted,
    differing,
    folded,
    loaded,
    provenance_of,
    result_groups,
    rows,
    skipped,
    suspects,
)
from conformance.results import AgreementRecord, End, LaneRecord

WIDTH = 80
_COLORS = {
    "ok": "32",
    "FAIL": "1;31",
    "ERR": "1;33",
    "skip": "2",
    "known": "33",
    "note": "36",
    "ok!": "1;31",
}
_NAMES_AT_LEAST = 28  # columns for the case ids; with less the lanes go into several blocks
_IN_FULL = 6  # more notes or differences than this are told in one line each
_NARROWEST = 5  # `known`, the longest cell
_VERSION_SHOWN = 12  # of a checkout's path this much of its end


def matrix(verdicts: Iterable[Verdict], lanes: Sequence[str], width: int, color: bool) -> str:
    """Cases by lanes, ending with a legend of the words it used; empty if there is no verdict."""
    cells = rows(verdicts, lanes)
    lines = [(f"{label} ({n})" if n > 1 else label, words) for label, words, n in folded(cells)]
    used = {word for words in cells.values() for word in words}
    legend = "; ".join(f"{word}: {text}" for word, text in LEGEND.items() if word in used)
    out = table("case", lines, lanes, width, color)
    return text_of([*out, *textwrap.wrap(legend, width)])


def table(
    title: str,
    lines: Sequence[tuple[str, Sequence[str]]],
    lanes: Sequence[str],
    width: int,
    color: bool,
) -> list[str]:
    """Labels with a cell for each lane, in blocks below each other if they do not fit."""
    wanted = max((len(label) for label, _ in lines), default=0)
    out: list[str] = []
    heads = [_head(lane) for lane in lanes]
    columns = [
        max(_NARROWEST, *map(len, head), *(len(cells[index]) for _, cells in lines))
        for index, head in enumerate(heads)
    ]
    for block in _blocks(columns, width) if lines else ():
        widths = [columns[index] for index in block]
        names = min(wanted, max(_NAMES_AT_LEAST, width - sum(widths) - 2 * len(widths)))
        for level, name in enumerate(("", title)):
            words = [heads[index][level] for index in block]
            if any(words):
                out.append(_line(name, words, widths, names, color=False))
        for label, cells in lines:
            if len(label) > names:
                out.append(label)
            shown = label if len(label) <= names else ""
            out.append(_line(shown, [cells[i] for i in block], widths, names, color=color))
        out.append("")
    return out


def findings(
    verdicts: Sequence[Verdict], cases: Mapping[str, Case], place: Place, width: int, color: bool
) -> str:
    """Each failure and error with what a reader needs to judge it and the command to see it again.

    Known failures, what only skips, and notes when there are many are told in one line each. Empty
    if there is nothing.
    """
    out: list[str] = []
    items = result_groups(verdicts)
    notes = [item for item in items if item.word == "note"]
    short = len(notes) > _IN_FULL
    for item in items:
        if item.word != "known" and not (short and item.word == "note"):
            out += [*_told(item, cases, place, width, color), ""]
    if short:
        out.append(_painted("note", "note", color) + " recommended only; in full in summary.md")
        for item in notes:
            rules = ", ".join(dict.fromkeys(finding.rule for finding in item.findings))
            out += wrapped(f"{item.case} on {', '.join(item.lanes)}: {rules}", "  ", width)
        out.append("")
    known = _known(item for item in items if item.word == "known")
    if known:
        out.append(_painted("known", "known", color) + " failures, as their lists say")
        for where, reason in known:
            out += wrapped(f"{where}: {reason}", "  ", width)
        out.append("")
    for reason, by in skipped(verdicts).items():
        on = ", ".join(f"{lane} ({count})" for lane, count in by.items())
        out += wrapped(f"{reason}: {on}", "skip  ", width)
    return text_of(out)


def _known(items: Iterable[ResultGroup]) -> list[tuple[str, str]]:
    """(cases and lanes, reason): what has one reason is told once."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for item in items:
        alike.setdefault((item.lanes, item.reason), []).append(item.case)
    return [(f"{', '.join(who)} on {', '.join(on)}", why) for (on, why), who in alike.items()]


def _told(
    item: ResultGroup, cases: Mapping[str, Case], place: Place, width: int, color: bool
) -> Iterator[str]:
    yield f"{_painted(item.word, item.word, color)} {item.case}"
    case = cases.get(item.case)
    if case is not None:
        yield from _field("shows", case.title, width)
    yield from _field("on", ", ".join(item.lanes), width)
    if item.word == "ok!":
        yield from _field("why", f"It passes; take it off the list: {item.reason}", width)
    elif item.reason:
        yield from _field("why", item.reason, width)
    for finding in item.findings:
        yield from _finding(finding, width)
    word = provenance_of(item.case, cases)
    if word is not None:
        yield from _field("by", word, width, whole=True)
    yield f"  {'again':<9} {again(item.case, item.lanes, place)}"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    yield f"  {finding.rule} ({finding.claim.value})"
    yield from _field("where", finding.where, width, indent=4)
    yield from _field("expected", finding.expected, width, indent=4)
    yield from _field("got", finding.got, width, indent=4)
    yield from _field("why", finding.why, width, indent=4)


def closing(
    end: End,
    lanes: Sequence[LaneRecord],
    agreements: Sequence[AgreementRecord],
    width: int,
    color: bool,
) -> str:
    """Counts, lanes with what they loaded, differences, suspects, what the exit code says."""
    out: list[str] = []
    records = differing(agreements)
    for record in records if len(records) <= _IN_FULL else ():
        out.append(f"{_painted('differ', 'note', color)} {record.agreement.case}")
        for got, who in record.agreement.groups:
            out += wrapped(f"{', '.join(who)}: {got}", "  ", width)
    if len(records) > _IN_FULL:
        topics = Counter("/".join(one.agreement.case.split("/")[:2]) for one in records)
        text = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        out += wrapped(f"{text}; in full in summary.md", "differ  ", width)
    for case in suspects(agreements):
        out.append(f"{_painted('suspect', 'note', color)} {case}")
        out += wrapped("every lane fails it alike: look at the case first", "  ", width)
    if out:
        out.append("")
    names = max((len(lane.lane) for lane in lanes), default=0)
    for lane in lanes:
        ran = lane.status == "ran"
        text = loaded(lane) if ran else f"not run: {lane.reason or 'no reason was given'}"
        first, *rest = text.splitlines() or [""]
        out += wrapped(first, lane.lane.ljust(names) + "  ", width)
        out += [" " * names + "  " + line.strip() for line in rest]
    out.append("")
    out += textwrap.wrap(counted(end.counts), width)
    if end.counts.agree or end.counts.differ:
        out += textwrap.wrap(agreed(end.counts, len(suspects(agreements))), width)
    meaning = EXITS.get(end.exit, "unknown")
    stopped = "interrupted; " if end.interrupted and end.exit != 130 else ""
    word = "ok" if end.exit == 0 else "FAIL"
    out.append(f"{stopped}exit {end.exit}: {_painted(meaning, word, color)}, {end.seconds:.1f} s")
    return text_of(out)


def progress(done: int, total: int, failed: int, current: str, width: int = WIDTH) -> str:
    """One line without a line feed, shorter than `width`; total 0: nobody knows."""
    line = f"{done}{f'/{total}' if total else ''} done, {failed} failed  {current}"
    return line if len(line) < width else line[: width - 4] + "..."


def _blocks(columns: Sequence[int], width: int) -> Iterator[list[int]]:
    """Indexes of the columns, given by their widths, that fit side by side."""
    block: list[int] = []
    used = _NAMES_AT_LEAST
    for index, column in enumerate(columns):
        if block and used + column + 2 > width:
            yield block
            block, used = [], _NAMES_AT_LEAST
        block.append(index)
        used += column + 2
    if block:
        yield block


def _head(lane: str) -> tuple[str, str]:
    """`java@3.17.4` over two lines; of a checkout's path its end, which tells it from others."""
    name, at, version = lane.partition("@")
    version = version.removeprefix("path:")
    if len(version) > _VERSION_SHOWN:
        version = ".." + version[2 - _VERSION_SHOWN :]
    return (name, version) if at else ("", name)


def _line(label: str, words: Sequence[str], widths: Sequence[int], names: int, color: bool) -> str:
    padded = [word.ljust(width) for word, width in zip(words, widths, strict=True)]
    padded[-1] = padded[-1].rstrip()
    cells = [_painted(text, word, color) for text, word in zip(padded, words, strict=True)]
    return (label.ljust(names) + "  " + "  ".join(cells)).rstrip()


def _field(name: str, text: str, width: int, indent: int = 2, *, whole: bool = False) -> list[str]:
    return wrapped(text, f"{'':{indent}}{name:<9} ", width, whole=whole)


def wrapped(text: str, head: str, width: int, *, whole: bool = False) -> list[str]:
    """`head` and text, broken at `width`, with the lines after the first hanging below it.

    whole: words longer than a line, such as links, are not broken.
    """
    hang = " " * len(head) or "    "
    room = max(20, width - len(hang))
    lines = [
        line
        for part in text.splitlines() or [""]
        for line in textwrap.wrap(part, room, break_on_hyphens=False, break_long_words=not whole)
        or [""]
    ]
    return [(head + lines[0]).rstrip(), *(hang + line for line in lines[1:])]


def _painted(text: str, word: str, color: bool) -> str:
    return f"\x1b[{_COLORS[word]}m{text}\x1b[0m" if color and word in _COLORS else text


def text_of(lines: Sequence[str]) -> str:
    """The lines as one text that ends with a line feed; "" for none."""
    text = "\n".join(lines).strip("\n")
    return text + "\n" if text else ""
