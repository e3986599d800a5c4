"""What the cases observe: each value with the lanes that have it, side by side.

Pure. A case observes what the documentation leaves open. The values are those of the verdicts'
profiles, so they are shown whatever the outcome was.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from conformance.model.verdict import Verdict
from conformance.report.markdown import code, plain
from conformance.report.text_layout import Layout, shortened, wrapped
from conformance.report.wording import OBSERVED_MEANS

_OBSERVED = re.compile(r"(turn-[0-9]+-)?observed-")
_TURN = re.compile(r"^turn-")  # in the name of a value; a reader knows calls
_SHOWN = 100  # characters of a value; the `verdict` line has all of it
_CASES = 3  # cases that the terminal shows; a run of more has a summary page

# By case and name: each value with its lanes.
Observed = dict[str, dict[str, dict[str, list[str]]]]


def observed(verdicts: Iterable[Verdict]) -> Observed:
    """The observed values of each case, in the order of the verdicts."""
    found: Observed = {}
    for verdict in verdicts:
        for name, value in verdict.profile:
            if _OBSERVED.match(name):
                values = found.setdefault(verdict.case, {}).setdefault(_label(name), {})
                values.setdefault(value, []).append(verdict.lane)
    return found


@cache
def _label(name: str) -> str:
    return _TURN.sub("call ", name.replace("observed-", "")).replace("-", " ")


def observed_text(verdicts: Iterable[Verdict], layout: Layout) -> Iterator[str]:
    """For the terminal; nothing for a run of many cases, which the summary page shows."""
    cases = observed(verdicts)
    for case, names in cases.items() if len(cases) <= _CASES else ():
        yield f"observed in {case}"
        for name, values in names.items():
            yield from wrapped("; ".join(_lanes(values)), f"  {name}: ", layout.width)


def observed_page(verdicts: Iterable[Verdict]) -> str:
    """As Markdown, for the end of the summary; may be empty."""
    out: list[str] = []
    for case, names in observed(verdicts).items():
        out += ["", f"- {code(case)}"]
        out += [
            f"  - {plain(name)}: " + "; ".join(_lanes(values, markdown=True))
            for name, values in names.items()
        ]
    heading = ["", "## Observed", "", OBSERVED_MEANS]
    return "\n".join([*heading, *out]) + "\n" if out else ""


def _lanes(values: dict[str, list[str]], *, markdown: bool = False) -> Iterator[str]:
    """Each value with its lanes."""
    alone = len(values) == 1 and len(next(iter(values.values()))) > 1
    for value, lanes in values.items():
        short = shortened(value, _SHOWN)
        names = "all lanes" if alone else ", ".join(lanes)
        yield f"{code(short)} ({plain(names)})" if markdown else f"{short} ({names})"
