"""Two runs compared, lane by lane."""

from dataclasses import replace

import pytest
from report.run_shown import END, GO, HEADER, PHP, PYTHON, RETRY, STRING, behaves, finished, record

from conformance.model.verdict import Outcome, Verdict
from conformance.report.assemble import Report, assemble
from conformance.report.comparing import compare_runs
from conformance.report.comparison_text import comparison_json, comparison_page, comparison_text
from conformance.results import LaneProfile, LaneRecord, Results

FAIL = {"outcome": Outcome.FAIL, "findings": (STRING,)}
NEWER = "go@3.0.3"


def ran(*verdicts: Verdict, vectors: str = "0" * 64, wait: str = "no") -> Report:
    lanes = tuple(dict.fromkeys(verdict.lane for verdict in verdicts))
    items = (behaves("retries-on-503", wait, "a/b/one"),)
    results = Results(
        run=replace(HEADER, lanes=lanes, vectors=vectors),
        cases=tuple(map(record, dict.fromkeys(verdict.case for verdict in verdicts))),
        lanes=tuple(LaneRecord(lane=lane, language="x") for lane in lanes),
        verdicts=verdicts,
        agreements=(),
        end=END,
        genuine=True,
        profiles=tuple(LaneProfile(lane=lane, items=items) for lane in lanes),
    )
    return assemble(results, folder="out")


def one(lane: str, **more: object) -> Verdict:
    return finished("a/b/one", lane, **more)  # type: ignore[arg-type]


def other(case: str, lane: str = GO) -> Verdict:
    return finished(case, lane)


ERROR = {"outcome": Outcome.ERROR, "reason": "silence"}
BOTH = {"outcome": Outcome.FAIL, "findings": (STRING, replace(STRING, rule="auth.signature"))}
NOTED = {"outcome": Outcome.FAIL, "findings": (STRING, RETRY)}


@pytest.mark.parametrize(
    ("before", "after", "kind", "code"),
    [
        ({}, FAIL, "broken", 1),
        ({}, ERROR, "broken", 1),
        (FAIL, {}, "fixed", 0),
        (ERROR, {}, "fixed", 0),
        (FAIL, BOTH, "broken", 1),
        (BOTH, FAIL, "changed", 0),
        (FAIL, NOTED, "changed", 0),
        ({}, {"outcome": Outcome.SKIP, "reason": "no"}, "changed", 0),
        (FAIL, {"outcome": Outcome.SKIP, "reason": "no"}, "changed", 0),
        ({}, {"findings": (RETRY,)}, "changed", 0),
        ({"outcome": Outcome.SKIP}, FAIL, "broken", 1),
        ({}, {**FAIL, "known_failing": "listed"}, "broken", 1),
    ],
)
def test_a_case_is_broken_fixed_or_changed(
    before: dict[str, object], after: dict[str, object], kind: str, code: int
) -> None:
    comparison = compare_runs(ran(one(GO, **before)), ran(one(NEWER, **after)))
    (pair,) = comparison.pairs
    assert (pair.diff.change("a/b/one"), comparison.exit) == (kind, code)
    text = comparison_text(comparison, 80)
    assert f"  {kind:<7} a/b/one" in text
    assert f"- {kind} `a/b/one`: " in comparison_page(comparison)
    assert [case["case"] for case in comparison_json(comparison)["lanes"][0][kind]] == ["a/b/one"]


def test_equal_runs_do_not_differ() -> None:
    run = ran(one(GO), one(PHP, **FAIL))
    comparison = compare_runs(run, run)
    assert comparison.exit == 0
    assert f"{GO} and {GO} do not differ" in comparison_text(comparison, 80)


def test_lanes_are_paired_by_name_and_then_by_runner() -> None:
    old = ran(one("go@3.0.1"), one(GO), one(PYTHON))
    new = ran(one(NEWER), one(GO), one(PHP))
    comparison = compare_runs(old, new)
    assert [(pair.diff.before, pair.diff.after) for pair in comparison.pairs] == [
        (GO, GO),
        ("go@3.0.1", NEWER),
    ]
    assert (comparison.only_old, comparison.only_new) == ((PYTHON,), (PHP,))
    assert f"only the new run has {PHP}" in comparison_text(comparison, 80)


def test_cases_on_one_side_only_are_named_and_no_regression() -> None:
    comparison = compare_runs(
        ran(one(GO), other("a/b/gone")),
        ran(one(GO), finished("a/b/added", GO, **FAIL)),  # type: ignore[arg-type]
    )
    text = comparison_text(comparison, 80)
    assert comparison.exit == 0
    assert "1 only in the old run: a/b/gone" in text
    assert "1 only in the new run: a/b/added" in text


def test_another_behaviour_is_shown_and_no_regression() -> None:
    comparison = compare_runs(ran(one(GO)), ran(one(NEWER), wait="yes"))
    assert comparison.exit == 0
    assert "Retries on status 503: no -> yes" in comparison_text(comparison, 80)


def test_runs_that_share_no_case_or_no_lane_are_not_called_equal() -> None:
    for new in (ran(one(PHP)), ran(other("a/b/other"))):
        comparison = compare_runs(ran(one(GO)), new)
        assert comparison.exit == 3
        assert "compare" in comparison_text(comparison, 80)


def test_a_lane_that_ran_in_neither_run_is_no_obstacle() -> None:
    run = ran(one(GO))
    both = replace(run, lanes=(*run.lanes, LaneRecord(lane=PHP, language="PHP", status="not-run")))
    assert compare_runs(both, both).exit == 0
    lost = replace(ran(one(GO), one(PHP)), verdicts=(one(GO),))
    assert compare_runs(ran(one(GO), one(PHP)), lost).exit == 3


def test_a_run_that_was_cut_does_not_pass() -> None:
    cut = replace(ran(one(GO)), seconds=None)
    comparison = compare_runs(ran(one(GO)), cut)
    assert comparison.exit == 3
    assert "the new run is incomplete" in comparison_text(comparison, 80)


def test_other_vectors_are_noted() -> None:
    comparison = compare_runs(ran(one(GO)), ran(one(GO), vectors="1" * 64))
    assert "the vectors differ" in comparison_text(comparison, 80)
