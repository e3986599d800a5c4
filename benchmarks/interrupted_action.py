"""Runs, fuzzes and builds that can be interrupted, and what of them is to be seen. Linux only."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker

from benchmarks.runner_copy import change, copied_runner
from conformance.assets import RUNNERS
from conformance.documents.strict_json import read_line
from conformance.runner.labels import OWNER, RUN

LABEL = "oss-bodies.interruptions"  # of the images that are built here, and what is made of them
# A process of the runner that made a session of its own.
_DAEMON = 'setsid sh -c "exec sleep 777" >/dev/null 2>&1 & exec "$@"'
_SCRIPT = 'mkdir -p "$1"\ncp ./* "$1/" 2>/dev/null\nsleep 2\ncp ./* "$1/" 2>/dev/null || true\n'
# The runner is slow, so that a run lasts, and wrong in some calls, so that a fuzz finds something.
_CHANGES = (
    ("process_of(command)", "process_of(command).replace('sen_9', 'sen_8')"),
    ("    version = command", "    time.sleep(0.03)\n    version = command"),
)


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

    @property
    def output(self) -> Path:
        """What the last command printed."""
        return self.base / "output"

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `oss-bodies`."""
        with self.output.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "conformance", *words],
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def call(self, *words: str) -> tuple[int, str]:
        """The exit code of `oss-bodies` and what it prints."""
        code = self.start(*words).wait(timeout=600)
        return code, self.output.read_text(errors="replace")

    def runner(self, number: int) -> Path:
        """A copy of the runner without an SDK, which is built for this number once."""
        folder = self.base / "runners" / str(number) / "rest"
        if not folder.exists():
            manifest = json.loads((RUNNERS / "python" / "rest" / "manifest.json").read_text())
            run = ["sh", "-c", _DAEMON, "sh", *manifest["run"]]
            changed = {"run": run, "build": "build.sh"}
            copied_runner(folder.parent, "interrupted", _CHANGES, changed)
            (folder / "build.sh").write_text(f"# {number}\n{_SCRIPT}")
            copy = "COPY . /src\n"
            mark = f'LABEL {LABEL}="{self.base.name}"\n'
            change(folder.parent / "shared" / "Dockerfile", (copy, mark + copy))
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
        yield from map(str, self.builds())

    def builds(self) -> Iterator[Path]:
        """The temporary folders of builds in host mode."""
        found = (self.base / "cache" / "builds").glob("*.????????")
        return (path for path in found if path.is_dir())

    def half_written(self) -> Iterator[str]:
        """Lines that are not whole, in results that have their names."""
        for path in self.base.glob("*/*.jsonl"):
            data = path.read_bytes()
            wrong = [number for number, line in enumerate(data.splitlines()) if read_line(line)[1]]
            if wrong or not data.endswith(b"\n"):
                yield f"{path.name}: {'half a line at the end' if not wrong else wrong[:3]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What the Docker engine has of the actions of a place, and of nobody else."""

    place: Place

    def left(self, pid: int) -> Iterator[str]:
        """Objects of the run that had this process id, and containers of its builds."""
        api = docker.from_env().api
        chosen = {"label": RUN}
        found = [*api.containers(all=True, filters=chosen), *api.networks(filters=chosen)]
        found += api.volumes(filters=chosen)["Volumes"] or ()
        owned = [one for one in found if one["Labels"].get(OWNER, "").startswith(f"{pid}:")]
        owned += api.containers(all=True, filters={"label": f"{LABEL}={self.place.base.name}"})
        for one in owned:
            yield str(one.get("Name") or one["Names"])

    def remove_images(self) -> None:
        """Remove the images that were built."""
        api = docker.from_env().api
        chosen = {"label": f"{LABEL}={self.place.base.name}"}
        for image in api.images(filters=chosen):
            api.remove_image(image["Id"], force=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is seen from outside of an action while it goes on."""

    place: Place
    action: str
    results: Path
    before: tuple[int, int]  # the identity of the results of an earlier run

    def done(self) -> int:
        """Verdicts in the folder; of a build: 1 when it has begun."""
        if self.action == "build":
            in_image = b"interrupted: building" in self.place.output.read_bytes()
            return int(in_image or any(self.place.builds()))
        if identity(self.results) == self.before:
            return 0
        with suppress(FileNotFoundError):
            return self.results.read_bytes().count(b'{"type":"verdict"')
        return 0


def identity(path: Path) -> tuple[int, int]:
    """Differs for a file that has taken the place of another."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_ino, found.st_ctime_ns
    return 0, 0


def watched(place: Place, action: str, words: Sequence[str]) -> Work:
    """The work of an action that is about to begin."""
    results = Path(words[-1]) / "results.jsonl"
    return Work(place=place, action=action, results=results, before=identity(results))
