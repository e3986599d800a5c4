"""The benchmark that repeats trials: it finds a verdict that changed, whatever of it changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from report.run_shown import STRING, finished

from benchmarks.stability import busy, changes, shown, told_of
from conformance.model.verdict import Outcome, Verdict

KEY = ("a/b/c", "rest")
FAILED = finished(*KEY, Outcome.FAIL, findings=(STRING,))


def found(before: Verdict, after: Verdict) -> list[str]:
    one, other = {KEY: told_of(before)}, {KEY: told_of(after)}
    return [shown(change) for change in changes(7, one, other)]


def test_equal_verdicts_are_no_change() -> None:
    assert found(FAILED, replace(FAILED, profile=(("request-intervals", "0.6 s"),))) == []


@pytest.mark.parametrize(
    "after",
    [
        replace(FAILED, outcome=Outcome.PASS),
        replace(FAILED, findings=(replace(STRING, got="'other'"),)),
        replace(FAILED, findings=()),
    ],
    ids=["outcome", "value", "findings"],
)
def test_another_outcome_or_finding_is_a_change(after: Verdict) -> None:
    (text,) = found(FAILED, after)
    assert text.startswith("repeat 7: a/b/c on rest\n  fail; process.string at ")


def test_busy_processes_compute_until_the_end() -> None:
    with busy(2) as processes:
        assert [process.poll() for process in processes] == [None, None]
        spent = 0
        while not spent:  # ticks of processor time, as proc(5) counts them
            numbers = Path(f"/proc/{processes[0].pid}/stat").read_text(encoding="ascii")
            spent = int(numbers.rpartition(")")[2].split()[11])
    assert [process.returncode for process in processes] == [0, 0]


def test_a_verdict_that_is_not_there_is_a_change() -> None:
    (change,) = changes(2, {KEY: told_of(FAILED)}, {})
    assert shown(change).endswith("\n  no verdict")
