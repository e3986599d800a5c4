"""Interrupts runs, fuzzes and builds at spread moments: what is left, and what can be read?

    python -m benchmarks.interruptions [--count 74] [--in host] [--in container] [--limit 3600]

Each one ends by INT, TERM, HUP or KILL at a moment between its start and the time that it takes to
its end. Then `oss-bodies sweep` is called, and nothing of it may be there any more: processes,
folders, containers, networks, volumes. Its results folder must hold whole lines, `judge` must be
able to read them, and the next run must take the folder. Linux only; stops after `--limit` seconds.
"""

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker

from conformance.assets import RUNNERS
from conformance.documents.strict_json import read_line
from conformance.runner.labels import OWNER, RUN

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
ACTIONS = ("run", "fuzz", "build")
ENDED_WITHIN = 60.0  # seconds after the signal
_READABLE = (0, 1, 3, 130)  # exit codes of `judge` for a folder that it can read
_GOLDEN = 0.618034  # multiples of it are spread evenly between 0 and 1, however many there are
# A process of the runner that made a session of its own.
_DAEMON = 'setsid sh -c "exec sleep 777" >/dev/null 2>&1 & exec "$@"'
_SCRIPT = 'mkdir -p "$1"\ncp ./* "$1/" 2>/dev/null\nsleep 2\ncp ./* "$1/" 2>/dev/null || true\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything of this benchmark lies."""

    base: Path

    @property
    def environment(self) -> dict[str, str]:
        """By which the processes of a run are found, and its folders."""
        return {
            **os.environ,
            "TMPDIR": str(self.base / "tmp"),
            "OSS_BODIES_CACHE": str(self.base / "cache"),
        }

    def call(self, *words: str) -> subprocess.Popen[str]:
        """Start `oss-bodies`."""
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def runner(self, number: int) -> Path:
        """A copy of the runner without an SDK, which is built for this number once."""
        folder = self.base / "runners" / str(number) / "rest"
        if not folder.exists():
            for name in ("rest", "shared"):
                shutil.copytree(RUNNERS / "python" / name, folder.parent / name)
            manifest = json.loads((folder / "manifest.json").read_text())
            run = ["sh", "-c", _DAEMON, "sh", *manifest["run"]]
            manifest |= {"name": "interrupted", "run": run, "build": "build.sh"}
            (folder / "manifest.json").write_text(json.dumps(manifest))
            program = folder / "runner.py"
            program.write_text(program.read_text().replace('"rest"', '"interrupted"'))
            (folder / "build.sh").write_text(f"# {number}\n{_SCRIPT}")
        return folder

    def words(self, action: str, mode: str, number: int) -> list[str]:
        """The command line of an action; a `build` is a run with a runner that is not built."""
        runner = self.runner(number if action == "build" else 0)
        words = ["--in", mode, "--runner", str(runner), "--lane", "interrupted"]
        if action == "fuzz":
            return ["fuzz", *words, "--examples", "100", "--out", str(self.base / "fuzz")]
        return ["run", *words, "--case", "process/sen/*", "--out", str(self.base / "run")]

    def left(self) -> Iterator[str]:
        """Processes and folders of runs that are over."""
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.fsencode(self.base) in (path / "environ").read_bytes():
                    yield f"process {(path / 'cmdline').read_bytes()[:80]!r}"
        yield from map(str, (self.base / "tmp").glob("*"))
        builds = self.base / "cache" / "builds"
        yield from (str(path) for path in builds.glob("*.????????") if path.is_dir())

    def half_written(self) -> Iterator[str]:
        """Lines that are not whole, in results that have their names."""
        for path in self.base.glob("*/*.jsonl"):
            data = path.read_bytes()
            wrong = [number for number, line in enumerate(data.splitlines()) if read_line(line)[1]]
            if wrong or not data.endswith(b"\n"):
                yield f"{path.name}: {'half a line at the end' if not wrong else wrong[:3]}"


def in_engine(pid: int) -> list[str]:
    """What the Docker engine has of the run with this process id."""
    api = docker.from_env().api
    chosen = {"label": RUN}
    found = [*api.containers(all=True, filters=chosen), *api.networks(filters=chosen)]
    found += api.volumes(filters=chosen)["Volumes"] or ()
    owned = [one for one in found if one["Labels"].get(OWNER, "").startswith(f"{pid}:")]
    return [str(one.get("Name") or one["Names"]) for one in owned]


def interrupted(place: Place, words: Sequence[str], number: signal.Signals, after: float) -> str:
    """Interrupt a command after some seconds and return what is wrong then, empty if nothing."""
    process = place.call(*words)
    with suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.send_signal(number)
    began = time.monotonic()
    try:
        output, _ = process.communicate(timeout=ENDED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"it did not end within {ENDED_WITHIN:g} s"
    took = time.monotonic() - began
    wrong = [f"exit code {process.returncode}"]
    if process.returncode in (0, 1, 130, -signal.SIGKILL, -number):
        wrong = []
    if "Traceback" in output:
        wrong.append(f"a traceback: {output[-600:]}")
    swept, _ = place.call("sweep").communicate(timeout=120)
    wrong += ["traceback of sweep: " + swept] if "Traceback" in swept else []
    wrong += [f"left: {one}" for one in place.left()]
    if "container" in words:
        wrong += [f"left: {one}" for one in in_engine(process.pid)]
    wrong += place.half_written()
    out = Path(words[-1])
    if (out / "results.jsonl").exists():
        judging = place.call("judge", str(out))
        judged, _ = judging.communicate(timeout=120)
        if judging.returncode not in _READABLE or "Traceback" in judged:
            wrong.append(f"judge exits with {judging.returncode}: {judged[-300:]}")
    print(f"  {took:.1f} s to its end, exit code {process.returncode}", flush=True)
    return "; ".join(wrong)


def seconds_of(place: Place, words: Sequence[str]) -> float:
    """How long a command takes that nobody interrupts."""
    began = time.monotonic()
    process = place.call(*words)
    output, _ = process.communicate(timeout=600)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}\n{output}")
    return time.monotonic() - began


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each interruption and what it left; 1 if anything was left or cannot be read."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--count", type=int, default=74)
    parser.add_argument("--in", dest="modes", action="append", choices=("host", "container"))
    parser.add_argument("--limit", type=float, default=3600.0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    until = time.monotonic() + options.limit
    bad = done = 0
    with tempfile.TemporaryDirectory(prefix="interruptions-") as base:
        place = Place(base=Path(base))
        (place.base / "tmp").mkdir()
        kinds = list(itertools.product(options.modes or ("host", "container"), ACTIONS))
        longest = {kind: seconds_of(place, place.words(kind[1], kind[0], -1)) for kind in kinds}
        for number in range(options.count):
            if time.monotonic() > until:
                break
            mode, action = kinds[number % len(kinds)]
            chosen = SIGNALS[number // len(kinds) % len(SIGNALS)]
            after = longest[mode, action] * (number * _GOLDEN % 1)
            print(f"{number}: {chosen.name} {action} in {mode} after {after:.1f} s", flush=True)
            wrong = interrupted(place, place.words(action, mode, number + 1), chosen, after)
            done, bad = done + 1, bad + bool(wrong)
            if wrong:
                print(f"  WRONG: {wrong}", flush=True)
        for mode, action in kinds:  # the folders that are left are those that the next run takes
            seconds_of(place, place.words(action, mode, -1))
        unfinished = [str(path) for path in place.base.glob("*/.*.new")]
    print(f"{done} interruptions, {bad} left something or cannot be read; unfinished: {unfinished}")
    return int(bad > 0 or bool(unfinished))


if __name__ == "__main__":
    sys.exit(main())
