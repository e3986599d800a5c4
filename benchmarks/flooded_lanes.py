"""Does a lane that floods change the verdicts of the lanes of its run, or slow them?

    python -m benchmarks.flooded_lanes [--lane NAME]... [--case PATTERN]... [--flood KIND]...
                                       [--rounds 1]

Four lanes run the cases, alone and beside a fifth that floods the mock in each of its calls, one
kind of flood after the other. Every verdict of the four has to be that of the run without a flood.
The time of a lane is that of its calls, compared with the mean of the runs without a flood before
and after, and the median of the rounds; it tells little on a machine that does much else.
Linux only.
"""

import argparse
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import floods
from benchmarks.runner_copy import copied_runner
from benchmarks.stability import Ground, Judged, Key, changes, shown, standing, told_of
from conformance.corpus.load import load
from conformance.corpus.selection import select
from conformance.engine.events import LaneFailed, TrialJudged
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.runner.proxy_probe import HOST

GOAL = 1.3
LANES = ("java", "python", "go", "rest")
CASES = ("process/*", "errors/*")
SECONDS = 4.0  # of a flood in one call
_NAME = "flood-{}"
# Not in the calls before any case, or the lane is taken for one that does not use the proxy.
_FLOOD = """    port = command["proxy"].rpartition(":")[2]
    words = [sys.executable, HOME + "/floods.py", "{}", port, "{}"]
    if HOST not in command["endpoint"]:
        subprocess.run(words, stderr=subprocess.DEVNULL)
    version = command"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flooded:
    """A run: the verdicts and seconds of the innocent lanes, and what the flooding lane got."""

    verdicts: Mapping[Key, Judged]
    seconds: Mapping[str, float]  # in calls, by lane
    findings: frozenset[str]  # rules; none if it passed no bound


def flooding_runner(folder: Path, kind: str) -> Path:
    """A runner that floods in each call before it makes it."""
    imports = "import os\nimport subprocess\nimport sys\nimport time\n"
    home = f"\nHOME, HOST = os.path.dirname(os.path.abspath(__file__)), {HOST!r}\n\nSTARTED"
    texts = (
        ("import time\n", imports),
        ("\nSTARTED", home),
        ("    version = command", _FLOOD.format(kind, SECONDS)),
    )
    runner = copied_runner(folder, _NAME.format(kind), texts)
    shutil.copy(str(floods.__file__), runner / "floods.py")
    return runner


def once(ground: Ground, cases: Sequence[Case], kind: str | None) -> Flooded:
    """Run the lanes, with or without a flood, until the innocent ones have their verdicts."""
    flooding = None if kind is None else _NAME.format(kind)
    others = [one for one in ground.ready if not one.lane.name.startswith(_NAME.format(""))]
    flooders = [one for one in ground.ready if one.lane.name == flooding]
    verdicts: dict[Key, Judged] = {}
    seconds: dict[str, float] = defaultdict(float)
    rules: set[str] = set()
    flooded = 0  # trials of the flooding lane
    together = [(one, [cases]) for one in (*flooders, *others)]
    with closing(run_trials(ground.site, ground.mock, together)) as events:
        for event in events:
            if isinstance(event, LaneFailed):
                print(f"{event.prepared.lane.name}: {event.reason}", flush=True)
            elif isinstance(event, TrialJudged) and event.verdict.lane == flooding:
                flooded += 1
                rules |= {finding.rule for finding in event.verdict.findings}
            elif isinstance(event, TrialJudged):
                lane = event.verdict.lane
                verdicts[event.verdict.case, lane] = told_of(event.verdict)
                seconds[lane] += sum(turn.elapsed for turn in event.transcript.turns)
            if len(verdicts) == len(cases) * len(others) and flooded >= len(flooders):
                break
    return Flooded(verdicts=verdicts, seconds=seconds, findings=frozenset(rules))


def holds(kind: str, rounds: Sequence[tuple[Flooded, Flooded, Flooded]]) -> bool:
    """Print the runs beside a flood; whether verdicts and times are those of the runs without it.

    rounds: a run beside the flood, the one before it and the one after it.
    """
    found = [
        change
        for number, (flooded, before, _) in enumerate(rounds, start=1)
        for change in changes(number, before.verdicts, flooded.verdicts)
    ]
    ratios = {lane: median([_ratio(lane, *one) for one in rounds]) for lane in rounds[0][0].seconds}
    times = ", ".join(f"{lane} {ratio:.2f}" for lane, ratio in sorted(ratios.items()))
    verdicts = sum(len(flooded.verdicts) for flooded, _, _ in rounds)
    findings = frozenset.union(*(flooded.findings for flooded, _, _ in rounds))
    print(f"{kind}: {verdicts} verdicts, {len(found)} changed; times {times}")
    print(f"  the flooding lane has {', '.join(sorted(findings)) or 'nothing'}")
    print("".join(f"  {shown(change)}\n" for change in found[:5]), end="", flush=True)
    return not found and max(ratios.values()) <= GOAL


def _ratio(lane: str, flooded: Flooded, before: Flooded, after: Flooded) -> float:
    return 2 * flooded.seconds[lane] / (before.seconds[lane] + after.seconds[lane])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what changed, and the ratios; 1 for a verdict that changed, or a missed goal."""
    kinds = [one.__name__ for one in floods.FLOODS]
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--lane", action="append", default=[])
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--flood", action="append", default=[], choices=kinds)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    cases, wrong = select(load().cases, options.case or CASES), False
    chosen = options.flood or kinds
    with tempfile.TemporaryDirectory() as name:
        runners = [flooding_runner(Path(name) / kind, kind) for kind in chosen]
        lanes = [*(options.lane or LANES), *(_NAME.format(kind) for kind in chosen)]
        with standing("host", lanes, cases, runners) as ground:
            before = once(ground, cases, None)
            for kind in chosen:
                rounds = []
                for _ in range(options.rounds):
                    flooded, after = once(ground, cases, kind), once(ground, cases, None)
                    rounds.append((flooded, before, after))
                    before = after
                wrong |= not holds(kind, rounds)
            wrong |= bool(ground.lost)
    print(f"goal: no verdict changed, times within {GOAL}")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
