"""Does it matter that a case is asked in clear text? The same cases again over TLS.

    python -m benchmarks.schemes [--repeat 2] [--lane NAME]... [--in host] [--case PATTERN]...

Cases whose point has nothing to do with the scheme have an `http` endpoint, because handshakes are
most of what such a trial costs. Here they are asked as they are and over TLS, in turns. What is
compared is outcome and findings; a verdict that is another one over TLS makes the exit code 1.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.stability import changes, counted, note, once, parser_of, standing
from conformance.corpus.load import load
from conformance.corpus.selection import in_running_order, select
from conformance.model.case import JSON, Case, Expectation, Turn

_CLEAR, _TLS = "http://", "https://"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many verdicts were compared and how long both took; 1 if one is another."""
    parser = parser_of(__doc__, repeat=2)
    options = parser.parse_args(arguments)
    chosen = select(load().cases, options.case)
    clear = in_running_order([case for case in chosen if in_clear_text(case.file)])
    if not clear:
        parser.error("--case: none of these is asked in clear text")
    secure = tuple(over_tls(case) for case in clear)
    found = compared = 0
    spent: dict[str, list[float]] = {_CLEAR: [], _TLS: []}
    with standing(options.place, options.lane, (*clear, *secure)) as ground:
        if not ground.ready:
            return 1
        for repeat in range(1, options.repeat + 1):
            told = {}
            for scheme, cases in ((_CLEAR, clear), (_TLS, secure)):
                began = time.monotonic()
                told[scheme] = once(ground, cases, slow=float("inf")).verdicts
                spent[scheme].append(time.monotonic() - began)
            compared += len(told[_TLS])
            found = counted(found, changes(repeat, told[_CLEAR], told[_TLS]))
            note(f"{repeat} of {options.repeat} repeats, {found} differ")
        lost = bool(ground.lost and options.lane)
    one, other = median(spent[_CLEAR]), median(spent[_TLS])
    print(f"{len(clear)} cases, {compared} verdicts compared, {found} are others over TLS")
    print(f"clear text {one:.1f} s, TLS {other:.1f} s: {other / one:.2f} times as long")
    return int(found > 0 or lost)


@cache
def in_clear_text(file: str) -> bool:
    """Whether a vector file gives all its cases an endpoint in clear text.

    A case that says `http` for itself is about the scheme, and over TLS it would be another case.
    """
    defaults = json.loads(Path(file).read_text(encoding="utf-8")).get("defaults", {})
    return str(defaults.get("input", {}).get("endpoint", "")).startswith(_CLEAR)


def over_tls(case: Case) -> Case:
    """The case with `https` in its endpoints and in what is expected of the scheme."""
    return replace(case, turns=tuple(_over_tls(turn) for turn in case.turns))


def _over_tls(turn: Turn) -> Turn:
    endpoint = _TLS + turn.input.endpoint.removeprefix(_CLEAR)
    return replace(
        turn,
        input=replace(turn.input, endpoint=endpoint),
        expect=tuple(replace(one, values=_values(one)) for one in turn.expect),
    )


def _values(expectation: Expectation) -> tuple[tuple[str, JSON], ...]:
    return tuple(
        (name, "https" if (name, value) == ("scheme", "http") else value)
        for name, value in expectation.values
    )


if __name__ == "__main__":
    sys.exit(main())
