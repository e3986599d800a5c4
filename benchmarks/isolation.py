"""The same cases in other orders: does a case change the verdict of the one after it?

    python -m benchmarks.isolation [--lane NAME]... [--runner DIR]... [--in host] [--sample N]

The cases are run in the usual order, then reversed, shuffled, and a sample of them directly after
each of those that leave most behind. A verdict that differs makes the exit code 1.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.stability import Change, Ground, Judged, Key, counted, note, standing, told_of
from conformance.corpus.load import load
from conformance.corpus.selection import in_running_order, select
from conformance.engine.events import TrialJudged
from conformance.engine.trials import run_trials
from conformance.model.case import Case

# Cases that leave unread bytes, half-closed connections or late answers behind.
WORST = ("transport/reuse/*", "*interim*", "*forged*", "transport/redirect/*")
LIMIT = 20
SAMPLE = 25
SEED = 14  # of the shuffled order, so that every run has the same


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the first differences and their number; 1 if there are any."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--lane", action="append", default=[])
    parser.add_argument("--runner", action="append", default=[], type=Path)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--in", dest="place", default="auto", choices=("auto", "container", "host"))
    parser.add_argument("--sample", type=int, default=SAMPLE)
    options = parser.parse_args(arguments)
    corpus = load().cases
    cases = in_running_order(select(corpus, options.case))
    worst = spread(select(corpus, WORST), LIMIT)
    with standing(options.place, options.lane, [*cases, *worst], options.runner) as ground:
        found = compared(ground, cases, worst, options.sample) if ground.ready else 1
        return int(found > 0 or bool(ground.lost))


def compared(ground: Ground, cases: Sequence[Case], worst: Sequence[Case], sample: int) -> int:
    """Run all orders; returns the number of verdicts that are not those of the usual order."""
    wanted = dict(verdicts(ground, [*worst, *cases]))
    found, trials = 0, 0
    for number, (name, order) in enumerate(orders(cases, worst, sample).items(), start=1):
        got = tuple(verdicts(ground, order))
        before, trials = found, trials + len(got)
        found = counted(found, changed(number, wanted, got))
        note(f"{name}: {len(got)} verdicts, {found - before} changed")
    print(f"{trials} verdicts compared, {found} changed")
    return found


def orders(
    cases: Sequence[Case], worst: Sequence[Case], sample: int
) -> Mapping[str, tuple[Case, ...]]:
    """The orders by name."""
    after = spread(cases, sample)
    return {
        "reversed": tuple(reversed(cases)),
        "shuffled": tuple(random.Random(SEED).sample(cases, len(cases))),
        "after the worst": tuple(one for bad in worst for case in after for one in (bad, case)),
    }


def spread(cases: Sequence[Case], limit: int) -> tuple[Case, ...]:
    """At most so many cases, at equal distances."""
    step = max(1, -(-len(cases) // limit))
    return tuple(cases[::step])


def verdicts(ground: Ground, cases: Sequence[Case]) -> Iterator[tuple[Key, Judged]]:
    """The verdicts on all lanes, in the order in which they are given."""
    for event in run_trials(ground.site, ground.mock, [(one, [cases]) for one in ground.ready]):
        if isinstance(event, TrialJudged):
            yield (event.verdict.case, event.verdict.lane), told_of(event.verdict)


def changed(
    number: int, wanted: Mapping[Key, Judged], got: Sequence[tuple[Key, Judged]]
) -> Iterator[Change]:
    """The verdicts that are not what they were in the usual order."""
    for key, after in got:
        if after != wanted[key]:
            yield Change(repeat=number, key=key, before=wanted[key], after=after)


if __name__ == "__main__":
    sys.exit(main())
