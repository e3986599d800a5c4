"""Both modes say the same of the real SDKs, and a checkout that was broken on purpose is caught."""

import json
import os
import subprocess
import sys
from pathlib import Path

import docker
import pytest

from conformance.model.verdict import Outcome
from conformance.results import Results, read_results

pytestmark = [pytest.mark.containers, pytest.mark.slow]

# A few cases of every family: the whole corpus in both modes is the main job of CI.
CASES = (
    "process/sen/*", "process/documented/*", "auth/signature/*", "auth/credentials/*",
    "errors/service/*", "bodies/count/*", "naming/keys/*", "transport/framing/*",
)  # fmt: skip
# A container finds the names of the run only; what asks for an address says so and is skipped.
ADDRESS = "naming/addresses/ipv4"


def run(place: str, folder: Path, *words: str) -> Results:
    cases = [word for case in (*CASES, ADDRESS) for word in ("--case", case)]
    command = [sys.executable, "-m", "conformance", "run", "--in", place, "--out", str(folder)]
    ran = subprocess.run(
        [*command, *cases, *words], capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode in {0, 1, 3}, ran.stderr
    return read_results(folder)


def lanes() -> list[str]:
    """All of the suite's, and PHP from a checkout where one is at hand."""
    named = ["rest", "python", "go", "java"]
    checkout = os.environ.get("OSS_BODIES_PHP_SDK")
    return [*named, f"php@path:{checkout}" if checkout else "php"]


@pytest.fixture(scope="module")
def both(
    engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Results, Results]:
    folder = tmp_path_factory.mktemp("modes")
    words = [word for lane in lanes() for word in ("--lane", lane)]
    return run("container", folder / "container", *words), run("host", folder / "host", *words)


def told(results: Results) -> dict[tuple[str, str], str]:
    return {
        (verdict.lane, verdict.case): json.dumps(
            [verdict.outcome.value, [[f.rule, f.expected, f.got] for f in verdict.findings]]
        )
        for verdict in results.verdicts
        if verdict.case != ADDRESS
    }


def test_verdicts_are_equal_in_containers_and_on_the_host(both: tuple[Results, Results]) -> None:
    container, host = (told(results) for results in both)
    shared = container.keys() & host.keys()
    assert len(shared) > 50
    assert {key: container[key] for key in shared} == {key: host[key] for key in shared}


def test_an_address_is_reached_in_both_modes(both: tuple[Results, Results]) -> None:
    for results in both:
        outcomes = {v.outcome for v in results.verdicts if v.case == ADDRESS}
        assert outcomes == {Outcome.PASS}


def test_the_lanes_that_need_no_toolchain_ran_in_both(both: tuple[Results, Results]) -> None:
    for results in both:
        ran = {lane.lane for lane in results.lanes if lane.status == "ran"}
        assert {"rest", "python@2.18.4"} <= ran


def test_the_version_in_the_results_is_the_one_that_was_loaded(
    both: tuple[Results, Results],
) -> None:
    for results in both:
        for lane in results.lanes:
            if lane.status == "ran" and "@" in lane.lane and lane.checkout is None:
                assert lane.sdk_version == lane.lane.partition("@")[2]


def test_a_checkout_that_was_broken_on_purpose_is_caught_and_not_written_into(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
         "oss2==2.18.4", "--dest", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if fetched.returncode:
        pytest.skip(f"the package index cannot be reached: {fetched.stderr[-200:]}")
    subprocess.run(["tar", "-xzf", "oss2-2.18.4.tar.gz"], cwd=tmp_path, check=True)
    checkout = tmp_path / "oss2-2.18.4"
    api = checkout / "oss2" / "api.py"
    text = api.read_text(encoding="utf-8")
    right = "params.update({Bucket.PROCESS: process})"
    assert right in text
    wrong = "params.update({Bucket.PROCESS: process.replace(',', '%2C')})"
    api.write_text(text.replace(right, wrong), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in checkout.rglob("*")}
    results = run("container", tmp_path / "out", "--lane", f"python@path:{checkout}")
    rules = {finding.rule for verdict in results.verdicts for finding in verdict.findings}
    assert "process.string" in rules
    assert {path: path.stat().st_mtime_ns for path in checkout.rglob("*")} == before
