"""The plan of interruptions leaves out no combination, and what is seen of an action is its own."""

import itertools
from dataclasses import replace
from pathlib import Path

from benchmarks.interrupted_action import Place, watched
from benchmarks.interruptions import ACTIONS, MODES, MOMENTS, SIGNALS, plan


def test_each_signal_meets_each_action_in_each_mode_at_each_moment() -> None:
    planned = {(one.number, one.action, one.mode, one.moment) for one in plan(74)}
    assert planned == set(itertools.product(SIGNALS, ACTIONS, MODES, MOMENTS))


def test_the_moments_of_a_combination_are_spread_when_it_is_repeated() -> None:
    for repeated in zip(*(iter(plan(72 * 4)),) * 72, strict=True):
        assert len({replace(one, part=0.0) for one in repeated}) == 72
    parts = [{one.part for one in plan(72 * 4)[at::72]} for at in range(72)]
    assert all(max(found) - min(found) > 0.2 for found in parts)


def test_the_verdicts_of_an_earlier_run_are_no_work_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    results = tmp_path / "run" / "results.jsonl"
    results.write_text('{"type":"verdict"}\n' * 3)
    work = watched(Place(base=tmp_path), "run", ["run", "--out", str(tmp_path / "run")])
    assert work.done() == 0
    results.rename(tmp_path / "old")
    results.write_text('{"type":"verdict"}\n' * 2)
    assert work.done() == 2
