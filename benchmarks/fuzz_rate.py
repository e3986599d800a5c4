"""A fuzz against the SDKs' own bare loop: the same lanes, the same number of calls, same machine.

    python -m benchmarks.fuzz_rate [--in host] [--examples 1000] [--rounds 2] [--lane NAME]...

The fuzz is `oss-bodies fuzz` from the first example to the last, warm, its start left out. The bare
loop sends each lane's runner as many plain calls on one kept client, many lines ahead, while the
mock repeats one answer: no drawing, arming, journal or judging. Rounds take turns.
"""

import argparse
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Sequence

from conformance.corpus.selection import hosts
from conformance.fuzz import Example, LanePool, Limits, Search, case_of
from conformance.model.message import call
from conformance.runner.discovery import manifests
from conformance.runner.mock_client import MockClient
from conformance.runner.protocol import Runner
from conformance.runner.site import PreparedLane, Site
from conformance.session import lanes_of, site_for

GOAL = 10.0  # seconds for 1,000 examples on four lanes on two cores
LANES = ("java", "python", "go", "php")
_AHEAD = 64  # lines on their way to a runner
_LIMIT = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both and their ratio; 1 if the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--in", dest="place", default="auto", choices=("auto", "container", "host"))
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--lane", action="append", default=[])
    options = parser.parse_args(arguments)
    php = os.environ.get("OSS_BODIES_PHP_SDK")
    names = options.lane or [f"php@path:{php}" if n == "php" and php else n for n in LANES]
    site = site_for(options.place, tell=lambda _: None)
    try:
        lanes = lanes_of(names, manifests())
        prepared = [one for one in site.prepare(lanes, lambda _: None) if one.reason is None]
        mock = site.open(hosts([case_of(Example())]))
        pairs = [
            (
                fuzz(site, mock, prepared, options.examples, number),
                bare(site, mock, prepared, options.examples),
            )
            for number in range(options.rounds)
        ]
    finally:
        site.close()
    through, alone = (statistics.median(column) for column in zip(*pairs, strict=True))
    ran = ", ".join(one.lane.name.partition(":")[0] for one in prepared)
    print(
        f"{options.examples} examples on {len(prepared)} lanes ({ran}), {site.mode}: "
        f"{through:.1f} s, bare loops side by side {alone:.1f} s, ratio {through / alone:.2f} "
        f"(goal: under {GOAL:.0f} s for 1000 on four)"
    )
    return int(through > GOAL * options.examples / 1000)


def fuzz(
    site: Site, mock: MockClient, lanes: Sequence[PreparedLane], examples: int, seed: int
) -> float:
    """Seconds of a search, the start of the runners left out."""
    with LanePool(site, mock, lanes) as field:
        began = time.perf_counter()
        Search(field, Limits(seed=seed, examples=examples)).run()
        return time.perf_counter() - began


def bare(site: Site, mock: MockClient, lanes: Sequence[PreparedLane], calls: int) -> float:
    """Seconds until the last of the lanes has made its calls, all lanes at the same time."""
    (turn,) = case_of(Example(), kept=True).turns
    ready = threading.Barrier(len(lanes) + 1)

    def work(one: PreparedLane) -> None:
        station = site.enter(one)
        try:
            Runner(station.channel).start(time.monotonic() + _LIMIT)
            mock.arm(one.lane.name, turn.script)
            ready.wait()
            sent = 0
            for number in range(calls):
                while sent < min(calls, number + _AHEAD):
                    sent += 1
                    message = call(turn.input, seq=sent + 1, proxy=station.proxy)
                    station.channel.send(json.dumps(message).encode())
                station.channel.receive(time.monotonic() + _LIMIT)
            mock.arm(one.lane.name, None)
        finally:
            station.close()

    threads = [threading.Thread(target=work, args=[one]) for one in lanes]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
