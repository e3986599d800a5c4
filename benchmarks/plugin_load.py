"""What the pytest plugin costs a pytest run that names no lane.

    python -m benchmarks.plugin_load [--time 20]

Runs `pytest --collect-only` in an empty folder, in turns with the suite installed and without it,
each in a process that is forked after pytest was imported: whatever both do alike adds noise only.
For the same reason there are no plugins of others; Hypothesis's alone takes longer than pytest. The
suite is there as from a wheel, because pytest reads the list of its files. Compared is processor
time, pair by pair; the middle half of the differences says how far other programs disturbed it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from statistics import median, quantiles

from conformance.assets import PACKAGE
from conformance.runner.build import below

LIMIT = 20.0  # seconds of wall time
GOAL = 0.010  # seconds
_PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
_SUITE = "oss-bodies-conformance"
# Prints the processor times of pairs (without, with) as JSON. Arguments: the folder of pytest, that
# of the suite, seconds. The second run of a pair is not always the same one.
_FORKS = """
import importlib, json, os, sys, time
sys.path.insert(0, sys.argv[1])
import pytest, _pytest.config
for name in _pytest.config.default_plugins:
    importlib.import_module(f"_pytest.{name}")

def seconds(folders):
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.path[:0] = folders
        os._exit(pytest.main(["--collect-only"]))
    status, used = os.wait4(child, 0)[1:]
    assert os.waitstatus_to_exitcode(status) == pytest.ExitCode.NO_TESTS_COLLECTED, status
    return used.ru_utime + used.ru_stime

kinds, pairs, end = [[], sys.argv[2:3]], [], time.monotonic() + float(sys.argv[3])
for folders in 2 * kinds:
    seconds(folders)  # the first writes caches
while time.monotonic() < end or len(pairs) < 2:
    order = kinds[:: 1 if len(pairs) % 2 else -1]
    pair = {len(folders): seconds(folders) for folders in order}
    pairs.append((pair[0], pair[1]))
print(json.dumps(pairs))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the result; 1 if the goal was missed."""
    parser = argparse.ArgumentParser(description="what the pytest plugin costs other pytest runs")
    parser.add_argument("--time", type=float, default=LIMIT, help="seconds to measure for")
    pairs = measured(parser.parse_args(arguments).time)
    low, cost, high = quantiles([loaded - plain for plain, loaded in pairs], n=4)
    plain = median(plain for plain, _ in pairs)
    print(
        f"pytest without tests, once imported: {plain * 1000:.0f} ms; the plugin adds "
        f"{cost * 1000:.1f} ms (median of {len(pairs)} pairs, middle half {low * 1000:.1f} to "
        f"{high * 1000:.1f} ms), {1 + cost / plain:.2f} times as long "
        f"(goal: {GOAL * 1000:.0f} ms): {'met' if cost <= GOAL else 'MISSED'}"
    )
    return int(cost > GOAL)


def measured(limit: float) -> list[tuple[float, float]]:
    """Processor times in seconds of pairs of runs, without the plugin and with it.

    limit: seconds to measure for.
    """
    with tempfile.TemporaryDirectory() as name:
        pytest, suite, empty = (Path(name) / part for part in ("pytest", "suite", "empty"))
        for folder in (pytest, suite, empty):
            folder.mkdir()
        for dependency in _PYTEST:
            link(dependency, pytest)
        link_suite(suite)
        # Without `site`, which would add what is installed here.
        command = [sys.executable, "-S", "-c", _FORKS, str(pytest), str(suite), str(limit)]
        printed = subprocess.run(command, cwd=empty, stdout=subprocess.PIPE, check=True).stdout
    return [(plain, loaded) for plain, loaded in json.loads(printed)]


def link(name: str, folder: Path) -> None:
    """Link the packages and the metadata of an installed distribution into a folder."""
    found = distribution(name)
    for top in {path.parts[0] for path in found.files or () if path.parts[0] != ".."}:
        (folder / top).symlink_to(Path(str(found.locate_file(top))))


def link_suite(folder: Path) -> None:
    """Link the package, with the metadata of the wheel: an editable install lists no files."""
    (folder / "conformance").symlink_to(PACKAGE)
    metadata = folder / "oss_bodies_conformance-0.dist-info"
    metadata.mkdir()
    for name in ("METADATA", "entry_points.txt"):
        (metadata / name).write_text(distribution(_SUITE).read_text(name) or "", encoding="utf-8")
    names = [name for name, _ in below("conformance", PACKAGE)]
    for part in ("vectors", "schemas", "runners"):
        names += [name for name, _ in below(f"conformance/_data/{part}", PACKAGE.parent / part)]
    names += [cache_from_source(name) for name in names if name.endswith(".py")]  # pip compiles
    (metadata / "RECORD").write_text("".join(f"{name},,\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
