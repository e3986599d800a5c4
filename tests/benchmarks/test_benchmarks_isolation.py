"""No case changes the verdict of the one after it, and a runner that lets it is noticed."""

from pathlib import Path

import pytest
from fakes.build import write_runner

from benchmarks.isolation import SAMPLE, main, orders, spread
from conformance.corpus.load import load

CASES = load().cases


def test_each_of_the_sample_comes_directly_after_each_of_the_worst() -> None:
    worst, cases = CASES[:3], CASES[3:9]
    after = orders(cases, worst, SAMPLE)["after the worst"]
    pairs = {(one.id, other.id) for one, other in zip(after[::2], after[1::2], strict=True)}
    assert pairs == {(one.id, other.id) for one in worst for other in cases}


def test_a_sample_is_spread_over_all_cases() -> None:
    chosen = spread(CASES, 20)
    assert 10 < len(chosen) <= 20
    assert len({case.family for case in chosen}) > 3


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "code"), [("reference", 0), ("keeps-connections", 1)])
def test_the_verdicts_of_a_runner_that_forgets_are_the_same_in_every_order(
    kind: str, code: int, tmp_path: Path
) -> None:
    runner = write_runner(tmp_path, kind=kind)
    words = ["--runner", str(runner), "--lane", kind, "--in", "host", "--sample", "3"]
    assert main([*words, "--case", "process/sen/*", "--case", "bodies/count/*"]) == code
