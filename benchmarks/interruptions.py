"""Interrupts runs, fuzzes and builds at spread moments: what is left, and what can be read?

    python -m benchmarks.interruptions [--count 74] [--in host] [--in container] [--limit 3600]

The plan has every signal (INT, TERM, HUP, KILL) in every action, in both modes, at three moments:
before the action does its work, when the first of it is seen from outside (a verdict in the folder,
a find, a build that has begun), and later in it. An action that has ended before its signal is
repeated with an earlier moment, so each combination is met or reported.

Then `oss-bodies sweep` is called, and nothing of the action may be there any more: processes,
folders, containers, networks, volumes. Its results folder must hold whole lines and each verdict
that was there before the signal, `judge` must be able to read them, and the next run must take the
folder. In the Docker engine, only what has the labels of these actions is looked at, because others
may use it too. Linux only; stops after `--limit` seconds.
"""

import argparse
import itertools
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.interrupted_action import Engine, Place, Work, watched

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
ACTIONS = ("run", "fuzz", "build")
MODES = ("host", "container")
MOMENTS = ("before", "first", "later")
ENDED_WITHIN = 60.0  # seconds after the signal
_UNTIL_WORK = 300.0  # seconds that an action may take until its work is seen
_ATTEMPTS = 4
_READABLE = (0, 1, 3, 130)  # exit codes of `judge` for a folder that it can read
_GOLDEN = 0.618034  # multiples of it are spread evenly between 0 and 1, however many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One entry of the plan."""

    number: signal.Signals
    action: str
    mode: str
    moment: str
    part: float  # of the time or the work at that moment, between 0 and 1

    def __str__(self) -> str:
        return f"{self.number.name} {self.action} in {self.mode}, {self.moment} ({self.part:.2f})"


def plan(count: int, modes: Sequence[str] = MODES) -> list[Interruption]:
    """So many interruptions; all combinations come before one is repeated."""
    combined = itertools.product(MOMENTS[::-1], SIGNALS[::-1], ACTIONS, modes)
    return [
        Interruption(number=number, action=action, mode=mode, moment=moment, part=at * _GOLDEN % 1)
        for at, (moment, number, action, mode) in zip(
            range(count), itertools.cycle(combined), strict=False
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """An action that nobody interrupts."""

    until: float  # seconds until the first of its work is seen
    seconds: float
    work: int  # verdicts at its end


def awaited(process: subprocess.Popen[bytes], until: Callable[[], bool], limit: float) -> bool:
    """Wait until something holds, or the process has ended, or some seconds are over."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline and process.poll() is None:
        if until():
            return True
        time.sleep(0.005)
    return False


def wait_for_moment(
    process: subprocess.Popen[bytes], work: Work, one: Interruption, usual: Usual
) -> None:
    """Wait until the action is where it shall be interrupted, or has ended."""
    if one.moment == "before":
        awaited(process, lambda: work.done() > 0, usual.until * one.part)
        return
    least = 1
    if one.moment == "later" and one.action != "build":
        least = 2 + int(max(0, usual.work - 2) * one.part)
    awaited(process, lambda: work.done() >= least, _UNTIL_WORK)
    if one.moment == "later" and one.action == "build":
        awaited(process, lambda: False, (usual.seconds - usual.until) * one.part)


def measured(place: Place, action: str, mode: str) -> Usual:
    """An action to its end; one that fails ends the benchmark."""
    words = place.words(action, mode, -1)
    work = watched(place, action, words)
    began = time.monotonic()
    process = place.start(*words)
    awaited(process, lambda: work.done() > 0, _UNTIL_WORK)
    until = time.monotonic() - began
    code = process.wait(timeout=600)
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(words)}: exit code {code}\n{place.output.read_text()}")
    return Usual(until=until, seconds=time.monotonic() - began, work=work.done())


def interrupted(place: Place, one: Interruption, usual: Usual, at: int) -> tuple[bool, str]:
    """Whether an action was met by its signal, and what is wrong then; empty if nothing is."""
    words = place.words(one.action, one.mode, at)
    if one.action == "fuzz" and one.moment == "later":
        shutil.rmtree(place.base / "fuzz")  # earlier finds come at once, new ones one by one
    work = watched(place, one.action, words)
    process = place.start(*words)
    wait_for_moment(process, work, one, usual)
    seen, met = work.done(), process.poll() is None
    met = met and (seen > 0) == (one.moment != "before")
    process.send_signal(one.number)
    began = time.monotonic()
    try:
        code = process.wait(ENDED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return met, f"it did not end within {ENDED_WITHIN:g} s"
    took, output = time.monotonic() - began, place.output.read_text(errors="replace")
    wrong = [f"exit code {code}"]
    if code in (0, 1, 130, -signal.SIGKILL, -one.number):
        wrong = []
    if "Traceback" in output:
        wrong.append(f"a traceback: {output[-600:]}")
    wrong += afterwards(place, one, process.pid)
    found = 0 if one.action == "build" else work.done()
    # A smaller example takes the place of a find.
    if found < (min(seen, 1) if one.action == "fuzz" else seen) and one.action != "build":
        wrong.append(f"{found} verdicts of {seen} that were there before the signal")
    wrong += unreadable(place, Path(words[-1]))
    print(f"  {seen} seen, {took:.1f} s to its end, exit code {code}, {found} kept", flush=True)
    return met, "; ".join(wrong)


def afterwards(place: Place, one: Interruption, pid: int) -> Iterator[str]:
    """What is there after `sweep`."""
    _, swept = place.call("sweep")
    if "Traceback" in swept:
        yield f"traceback of sweep: {swept}"
    yield from (f"left: {found}" for found in place.left())
    if one.mode == "container":
        yield from (f"left: {found}" for found in Engine(place=place).left(pid))
    yield from place.half_written()


def unreadable(place: Place, out: Path) -> Iterator[str]:
    """What `judge` cannot read in a folder."""
    if (out / "results.jsonl").exists():
        code, judged = place.call("judge", str(out))
        if code not in _READABLE or "Traceback" in judged:
            yield f"judge exits with {code}: {judged[-300:]}"


def tried(place: Place, one: Interruption, usual: Usual, at: int) -> str:
    """Interrupt until it was met at its moment, and return what is wrong; empty if nothing is."""
    for attempt in range(_ATTEMPTS):
        met, wrong = interrupted(place, one, usual, at * _ATTEMPTS + attempt + 1)
        if met or wrong:
            return wrong
        one = replace(one, part=one.part / 4)
        print("  not met", flush=True)
    return f"not met in {_ATTEMPTS} attempts"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each interruption and what it left; 1 if anything was left or cannot be read."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--count", type=int, default=74)
    parser.add_argument("--in", dest="modes", action="append", choices=MODES)
    parser.add_argument("--limit", type=float, default=3600.0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    until, modes = time.monotonic() + options.limit, options.modes or MODES
    bad = done = 0
    with tempfile.TemporaryDirectory(prefix="interruptions-") as base:
        place = Place(base=Path(base))
        (place.base / "tmp").mkdir()
        kinds = list(itertools.product(ACTIONS, modes))
        usual = {kind: measured(place, *kind) for kind in kinds}
        for kind, found in usual.items():
            print(f"{' in '.join(kind)}: {found}", flush=True)
        for at, one in enumerate(plan(options.count, modes)):
            if time.monotonic() > until:
                break
            print(f"{at}: {one}", flush=True)
            wrong = tried(place, one, usual[one.action, one.mode], at)
            done, bad = done + 1, bad + bool(wrong)
            if wrong:
                print(f"  WRONG: {wrong}", flush=True)
        for kind in kinds:  # the folders that are left are those that the next run takes
            measured(place, *kind)
        unfinished = [str(path) for path in place.base.glob("*/.*.new")]
        if "container" in modes:
            Engine(place=place).remove_images()
    print(f"{done} interruptions, {bad} left something or cannot be read; unfinished: {unfinished}")
    return int(bad > 0 or bool(unfinished))


if __name__ == "__main__":
    sys.exit(main())
