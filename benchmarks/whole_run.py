"""The main job as its users meet it: first verdict, all lanes, each lane alone, memory.

    python -m benchmarks.whole_run [--in auto|container|host] [--lane NAME]...

Images or builds are warm: a run that is not counted goes first.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.corpus.lint import FAMILIES

FIRST_GOAL = 3.0  # seconds to the first verdict
CORPUS_GOAL = 60.0  # seconds for the whole corpus, its scripted waits and retries included
WITHOUT_WAITS_GOAL = 10.0  # seconds for all families but transport
BESIDE_GOAL = 1.3  # all lanes together / the slowest alone
MEMORY_GOAL = 150.0  # MB of the engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds to the first verdict and in all, MB at the peak, exit code."""

    first: float
    seconds: float
    memory: float
    code: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--in", dest="place", default="auto")
    parser.add_argument("--lane", action="append", default=[])
    options = parser.parse_args(arguments)
    lanes = options.lane or _here()
    run(options.place, lanes)
    together = run(options.place, lanes)
    families = [f"{family}/*" for family in FAMILIES if family != "transport"]
    quick = run(options.place, lanes, *(word for one in families for word in ("--case", one)))
    alone = {lane: run(options.place, [lane]) for lane in lanes}
    slowest = max(alone, key=lambda lane: alone[lane].seconds)
    small = run(options.place, [slowest], "--case", "process/*")
    beside = together.seconds / alone[slowest].seconds
    print(f"lanes: {', '.join(lanes)}")
    print(f"first verdict after {together.first:.1f} s (goal {FIRST_GOAL})")
    print(f"whole corpus on {len(lanes)} lanes {together.seconds:.1f} s (goal {CORPUS_GOAL})")
    print(f"the same without transport {quick.seconds:.1f} s (goal {WITHOUT_WAITS_GOAL})")
    for lane, one in alone.items():
        print(f"  {lane} alone {one.seconds:.1f} s")
    print(f"together / slowest alone ({slowest}) = {beside:.2f} (goal {BESIDE_GOAL})")
    print(
        f"engine's memory {together.memory:.0f} MB (goal {MEMORY_GOAL:.0f}); "
        f"with a few cases on one lane {small.memory:.0f} MB"
    )
    return int(
        together.first > FIRST_GOAL
        or together.seconds > CORPUS_GOAL
        or quick.seconds > WITHOUT_WAITS_GOAL
        or beside > BESIDE_GOAL
        or together.memory > MEMORY_GOAL
    )


def run(place: str, lanes: Sequence[str], *words: str) -> Measured:
    """One run in a folder of its own."""
    named = [word for lane in lanes for word in ("--lane", lane)]
    with tempfile.TemporaryDirectory() as name:
        results = Path(name) / "out" / "results.jsonl"
        command = [sys.executable, "-m", "conformance", "run", "--in", place, *named, *words]
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, "--out", str(results.parent)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        first = memory = 0.0
        while process.poll() is None:
            if not first and results.is_file() and b'"type":"verdict"' in results.read_bytes():
                first = time.monotonic() - began
            memory = max(memory, peak(process.pid))
            time.sleep(0.02)
        seconds = time.monotonic() - began
    return Measured(
        first=first or seconds,
        seconds=seconds,
        memory=memory,
        code=process.returncode,
    )


def peak(pid: int) -> float:
    """MB that a process had at most so far; 0 when it has ended.

    What wait4 tells will not do: it is the most that the process or any of its children had.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line), 0)


def _here() -> list[str]:
    """The suite's lanes; PHP from a checkout where OSS_BODIES_PHP_SDK names one."""
    checkout = os.environ.get("OSS_BODIES_PHP_SDK")
    return ["java", "python", "go", f"php@path:{checkout}" if checkout else "php", "rest"]


if __name__ == "__main__":
    sys.exit(main())
