"""One trial through the engine against the same SDK call in a bare loop, same mock, same machine.

    python -m benchmarks.trial_cost [--trials 200] [--rounds 3]

The bare loop runs oss2 in the lane's own virtual environment, against the mock armed with the same
script, by the same proxy and trust: what it lacks is the engine, the runner and the judge. Rounds
take turns, so that a busy machine hurts both alike; the median ratio is told.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.engine.events import TrialJudged
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.runner.child_process import scrubbed
from conformance.runner.discovery import builtin, parse_lane
from conformance.runner.host import HostSite
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane

FRESH_GOAL = 1.25  # trial / bare call
KEPT_GOAL = 0.8  # (trial - bare call) / bare call
CASE = "process/sen/50"
BARE = """
import sys, time
import oss2
from oss2.credentials import EnvironmentVariableCredentialsProvider

kept, count, proxy = sys.argv[1] == "kept", int(sys.argv[2]), sys.argv[3]
endpoint = "https://oss-cn-hangzhou.aliyuncs.com"

def client():
    auth = oss2.ProviderAuthV4(EnvironmentVariableCredentialsProvider())
    return oss2.Bucket(auth, endpoint, "examplebucket", region="cn-hangzhou",
                       connect_timeout=5, proxies={"http": proxy, "https": proxy})

bucket = client()
bucket.get_object("example.jpg", process="image/bodies,sen_50").read()
began = time.perf_counter()
for _ in range(count):
    if not kept:
        bucket = client()
    bucket.get_object("example.jpg", process="image/bodies,sen_50").read()
print((time.perf_counter() - began) / count)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both ratios; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    (case,) = select(load().cases, [CASE])
    site = HostSite()
    try:
        (prepared,) = site.prepare([parse_lane("python", builtin())], lambda _: None)
        if prepared.reason is not None:
            sys.exit(prepared.reason)
        mock = site.open(hosts([case]))
        missed = 0
        for client, goal in (("fresh", FRESH_GOAL), ("kept", KEPT_GOAL)):
            (turn,) = case.turns
            asked = replace(case, turns=(replace(turn, input=replace(turn.input, client=client)),))
            pairs = [
                (trials(site, mock, prepared, asked, options.trials),
                 bare(site, mock, prepared, asked, options.trials))
                for _ in range(options.rounds)
            ]  # fmt: skip
            through, alone = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratios = [
                one / other if client == "fresh" else (one - other) / other for one, other in pairs
            ]
            ratio = statistics.median(ratios)
            what = "trial / bare call" if client == "fresh" else "(trial - bare call) / bare call"
            print(
                f"{client} client: trial {through * 1e3:.2f} ms, bare call {alone * 1e3:.2f} ms, "
                f"{what} = {ratio:.2f} (goal {goal}; {min(ratios):.2f} to {max(ratios):.2f})"
            )
            missed += ratio > goal
        return int(missed > 0)
    finally:
        site.close()


def trials(site: HostSite, mock: MockClient, one: PreparedLane, case: Case, count: int) -> float:
    """Seconds for one trial through the engine, the start of the runner left out."""
    first = 0.0
    for event in run_trials(site, mock, [(one, [[case] * (count + 1)])]):
        if isinstance(event, TrialJudged) and not first:
            first = time.perf_counter()
    return (time.perf_counter() - first) / count


def bare(site: HostSite, mock: MockClient, one: PreparedLane, case: Case, count: int) -> float:
    """Seconds for one call in a loop with nothing around it."""
    (turn,) = case.turns
    port = mock.add_lane("bare")
    mock.arm("bare", turn.script)
    keys = turn.input.credentials
    assert keys is not None
    assert one.home is not None
    environment = {
        "OSS_ACCESS_KEY_ID": keys.access_key_id or "",
        "OSS_ACCESS_KEY_SECRET": keys.access_key_secret or "",
        "REQUESTS_CA_BUNDLE": str(site.folder / "ca.pem"),
    }
    python = one.home / "venv" / "bin" / "python"
    told = subprocess.run(
        [str(python), "-c", BARE, turn.input.client, str(count), f"http://127.0.0.1:{port}"],
        env=scrubbed(environment, home=site.folder), capture_output=True, text=True, check=True,
    )  # fmt: skip
    mock.arm("bare", None)
    return float(told.stdout)


if __name__ == "__main__":
    sys.exit(main())
