"""The same trials again and again: does any verdict change?

    python -m benchmarks.stability [--repeat 200] [--lane NAME]... [--in host] [--busy N]

One mock stays up; each repeat starts the runners anew. A transport case that took a lane longer
than `--slow` seconds in the first repeat is slow and left out of the others. `--busy` keeps N
processes busy meanwhile. What is compared is outcome and findings; a change makes the exit code 1.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.calibration.calibrating import calibrated
from conformance.corpus.load import load
from conformance.corpus.selection import hosts, in_running_order, select, side_by_side
from conformance.engine.events import LaneFailed, TrialJudged
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.runner.discovery import manifests
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Site
from conformance.session import lanes_of, site_for

SLOW = 0.3  # seconds: the cases that wait for a read timeout set it to 0.4
SHOWN = 10  # differences that are told in full
# Computes until its input ends.
_BUSY = """
import sys, threading
ended = threading.Thread(target=sys.stdin.read)
ended.start()
while ended.is_alive():
    sum(range(10000))
"""
Key = tuple[str, str]  # case, lane
Judged = tuple[Outcome, tuple[Finding, ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What repeats stand on: the lanes that can run, those that cannot, and one mock for all."""

    site: Site
    mock: MockClient
    ready: tuple[PreparedLane, ...]
    lost: tuple[PreparedLane, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One repeat: verdicts, and the cases that took some lane too long."""

    verdicts: Mapping[Key, Judged]
    slow: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A verdict of one repeat that is not that of the first; None: there was none."""

    repeat: int
    key: Key
    before: Judged | None
    after: Judged | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print counts and the first differences; 1 if a verdict changed or a lane did not run."""
    parser = parser_of(__doc__, repeat=200)
    parser.add_argument("--slow", type=float, default=SLOW)
    parser.add_argument("--busy", type=int, default=0, help="processes that keep processors busy")
    options = parser.parse_args(arguments)
    cases = in_running_order(select(load().cases, options.case))
    with standing(options.place, options.lane, cases) as ground, busy(options.busy):
        found = repeated(ground, cases, options) if ground.ready else 1
        return int(found > 0 or bool(ground.lost and options.lane))


@contextmanager
def busy(count: int) -> Iterator[tuple[subprocess.Popen[bytes], ...]]:
    """Keep so many processes busy, which end with their input even if this program is killed."""
    words = [sys.executable, "-c", _BUSY]
    processes = tuple(subprocess.Popen(words, stdin=subprocess.PIPE) for _ in range(count))
    try:
        yield processes
    finally:
        for process in processes:
            process.communicate()


def parser_of(doc: str | None, *, repeat: int) -> argparse.ArgumentParser:
    """What the repeating benchmarks are told alike; `repeat` is the default."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0] if doc else "")
    parser.add_argument("--repeat", type=int, default=repeat)
    parser.add_argument("--lane", action="append", default=[])
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--in", dest="place", default="auto", choices=("auto", "container", "host"))
    return parser


@contextmanager
def standing(
    place: str, names: Sequence[str], cases: Sequence[Case], runners: Sequence[Path] = ()
) -> Iterator[Ground]:
    """Lanes by their names and a mock for these cases; what does not run is told."""
    lanes = lanes_of(names, manifests(runners))
    calibrated()
    site = site_for(place, tell=note)
    try:
        prepared = tuple(site.prepare(lanes, note))
        lost = tuple(one for one in prepared if one.reason is not None)
        for one in lost:
            note(f"{one.lane.name}: not run: {one.reason}")
        ready = tuple(one for one in prepared if one.reason is None)
        yield Ground(site=site, mock=site.open(hosts(cases)), ready=ready, lost=lost)
    finally:
        site.close()


def repeated(ground: Ground, cases: Sequence[Case], options: argparse.Namespace) -> int:
    """Run all repeats and tell of them; returns the number of changes."""
    began = time.monotonic()
    first = once(ground, cases, options.slow)
    kept = tuple(case for case in cases if case.id not in first.slow)
    print(
        f"{len(first.slow)} slow transport cases left out, {len(kept)} cases repeated", flush=True
    )
    wanted = {key: value for key, value in first.verdicts.items() if key[0] not in first.slow}
    trials, found = 0, 0
    for repeat in range(2, options.repeat + 1):
        told = once(ground, kept, options.slow)
        trials += len(told.verdicts)
        found = counted(found, changes(repeat, wanted, told.verdicts))
        note(
            f"{repeat} of {options.repeat} repeats, {found} changes, "
            f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.0f}"
        )
    spent = time.monotonic() - began
    print(f"{options.repeat} repeats, {trials} verdicts compared, {found} changed, {spent:.0f} s")
    return found


def once(ground: Ground, cases: Sequence[Case], slow: float) -> Round:
    """One repeat over all lanes side by side."""
    verdicts: dict[Key, Judged] = {}
    late: set[str] = set()
    lanes = [(one, side_by_side(cases)) for one in ground.ready]
    for event in run_trials(ground.site, ground.mock, lanes):
        if isinstance(event, LaneFailed):
            note(f"{event.prepared.lane.name}: {event.reason}")
        elif isinstance(event, TrialJudged):
            verdicts[event.verdict.case, event.verdict.lane] = told_of(event.verdict)
            spent = sum(record.elapsed for record in event.transcript.turns)
            if event.case.family == "transport" and spent > slow:
                late.add(event.case.id)
    return Round(verdicts=verdicts, slow=frozenset(late))


def told_of(verdict: Verdict) -> Judged:
    """What may not change from one repeat to the next."""
    return verdict.outcome, verdict.findings, verdict.reason


def changes(
    repeat: int, before: Mapping[Key, Judged], after: Mapping[Key, Judged]
) -> Iterator[Change]:
    """Verdicts that are not what they were, in the order of their ids."""
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield Change(repeat=repeat, key=key, before=old, after=new)


def counted(before: int, found: Iterable[Change]) -> int:
    """How many changes there are with these; the first of all are told."""
    total = before
    for total, change in enumerate(found, start=before + 1):
        if total <= SHOWN:
            print(shown(change), flush=True)
    return total


def shown(change: Change) -> str:
    """A change in a line or two."""
    case, lane = change.key
    return f"repeat {change.repeat}: {case} on {lane}\n  {worded(change.before)}\n  " + worded(
        change.after
    )


def worded(judged: Judged | None) -> str:
    """Outcome, reason and findings."""
    if judged is None:
        return "no verdict"
    outcome, findings, reason = judged
    return "; ".join([outcome.value, *filter(None, [reason]), *_findings(findings)])


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.rule} at {finding.where}: {finding.expected}, got {finding.got}"


def note(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
