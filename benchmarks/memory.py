"""A run of many trials: does the memory of the engine or the mock grow with their number?

    python -m benchmarks.memory [--trials 100000] [--lane rest] [--case 'process/sen/*']

The cases are run again and again, in this process, and written to a results folder as in a run. The
memory after a tenth of the trials is compared with that at the end; that of the mock is the sum
over its processes, in which what they share counts once. Linux only.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from conformance.corpus.load import load
from conformance.corpus.selection import select
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.results import ResultsWriter
from conformance.session import SessionOptions, open_session, set_up

GROWTH = 1.1
_MOCK = b"conformance.mock"


def resident(pids: Sequence[int]) -> int:
    """KiB that processes use, what several of them share divided among them."""
    lines = [
        line
        for pid in pids
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def mock_processes() -> list[int]:
    """The mock's processes below this one."""
    below, found = [os.getpid()], []
    for pid in below:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            below += map(int, children.read_text().split())
        if _MOCK in Path(f"/proc/{pid}/cmdline").read_bytes():
            found.append(pid)
    return found


class Samples:
    """The memory of engine and mock, in KiB, each time that a tenth of the trials is done."""

    def __init__(self, trials: int) -> None:
        self._every, self._done = max(1, trials // 10), 0
        self._began = time.monotonic()
        self.found: list[tuple[int, int]] = []

    def step(self, _current: str, _failed: int) -> None:
        """Count a trial."""
        self._done += 1
        if self._done % self._every:
            return
        gc.collect()
        self.found.append((resident([os.getpid()]), resident(mock_processes())))
        engine, mock = self.found[-1]
        rate = self._done / (time.monotonic() - self._began)
        print(
            f"{self._done}: engine {engine} KiB, mock {mock} KiB, {rate:.0f} trials a second",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the memory after each tenth; 1 if it has grown by more than the goal."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--lane", default="rest")
    parser.add_argument("--case", default="process/sen/*")
    options = parser.parse_args(arguments)
    cases = select(load().cases, [options.case])
    samples = Samples(options.trials)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(set_up(SessionOptions(lanes=(options.lane,), place="host")), print) as session,
        ResultsWriter(Path(folder), session.header(vectors="0" * 64, seed=None)) as writer,
    ):
        plan = RunPlan(
            prepared=session.prepare(print),
            cases=(cases * (options.trials // len(cases) + 1))[: options.trials],
            limits=LaneLimits(),
        )
        run_cases(session, plan, writer, Observer(note=print, step=samples.step))
    first, last = samples.found[0], samples.found[-1]
    ratios = [after / before for before, after in zip(first, last, strict=True)]
    print(f"engine {ratios[0]:.3f}, mock {ratios[1]:.3f} (goal {GROWTH})")
    return int(max(ratios) > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
