"""What the pytest plugin costs a pytest run that names no lane.

    python -m benchmarks.plugin_load

Runs `pytest --collect-only` in an empty folder alternately with the plugin and with
`-p no:oss-bodies`, and compares the least processor time of each, which other programs disturb
least. The suite must be installed, in a checkout with `pip install --editable`.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence

ROUNDS = 15
GOAL = 0.010  # seconds


def _seconds(folder: str, words: Sequence[str]) -> float:
    """The processor time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", *words]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(_: Sequence[str]) -> int:
    """Print the result; 1 if the goal was missed."""
    least = {(): float("inf"), ("-p", "no:oss-bodies"): float("inf")}
    with tempfile.TemporaryDirectory() as folder:
        for _round in range(ROUNDS):
            for words, known in [*least.items()]:
                least[words] = min(known, _seconds(folder, words))
    loaded, blocked = least.values()
    cost = loaded - blocked
    print(
        f"pytest without tests: {blocked * 1000:.0f} ms, and {cost * 1000:.1f} ms for the plugin "
        f"(goal: {GOAL * 1000:.0f} ms): {'met' if cost <= GOAL else 'MISSED'}"
    )
    return int(cost > GOAL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
