"""Counting a run: the suspect case, from two lanes' verdicts to what is said of it."""

import pytest
from report.run_shown import STRING

from conformance.command.tally import Tally
from conformance.judge.agreement import Comparable
from conformance.model.verdict import Outcome, Verdict
from conformance.report.terminal import closing
from conformance.results import AgreementRecord, End

CASE = "process/sen/50"


def told(tally: Tally, lane: str, outcome: Outcome) -> AgreementRecord | None:
    findings = (STRING,) if outcome is Outcome.FAIL else ()
    verdict = Verdict(case=CASE, lane=lane, outcome=outcome, findings=findings)
    return tally.add(verdict, Comparable(lane=lane, complete=True, exposes=(), got=()))


@pytest.mark.parametrize(("second", "suspected"), [(Outcome.FAIL, True), (Outcome.PASS, False)])
def test_a_case_is_the_suspect_when_every_lane_fails_it(second: Outcome, suspected: bool) -> None:
    tally = Tally(["go@3.0.2", "rest"])
    assert told(tally, "go@3.0.2", Outcome.FAIL) is None
    record = told(tally, "rest", second)
    assert record is not None
    text = closing(End(counts=tally.counts, exit=1, seconds=1.0), (), (record,), 80, color=False)
    assert (f"suspect {CASE}" in text) == suspected
