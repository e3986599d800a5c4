"""Counting a run: outcomes, the suspect case, lanes that did not run, the exit code."""

import pytest
from report.run_shown import DOCUMENTED, STRING

from conformance.errors import ExitCode
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Transcript, Verdict
from conformance.results import AgreementRecord
from conformance.results.tally import Tally

CASE = Case(id="process/sen/50", title="", provenance=DOCUMENTED, turns=())


def judged(
    tally: Tally, lane: str, outcome: Outcome, known: str | None = None
) -> AgreementRecord | None:
    findings = (STRING,) if outcome is Outcome.FAIL else ()
    transcript = Transcript(case=CASE.id, lane=lane, mode="host", turns=(), exposes=())
    verdict = Verdict(
        case=CASE.id, lane=lane, outcome=outcome, findings=findings, known_failing=known
    )
    return tally.add(CASE, transcript, verdict)


@pytest.mark.parametrize(("second", "suspected"), [(Outcome.FAIL, True), (Outcome.PASS, False)])
def test_a_case_is_the_suspect_when_every_lane_fails_it(second: Outcome, suspected: bool) -> None:
    tally = Tally(["go@3.0.2", "rest"])
    assert judged(tally, "go@3.0.2", Outcome.FAIL) is None
    record = judged(tally, "rest", second)
    assert record is not None
    assert record.suspect == suspected


def test_a_lane_that_is_lost_is_not_waited_for_and_its_trials_are_counted() -> None:
    tally = Tally(["go@3.0.2", "php@2.7.0", "rest"])
    judged(tally, "go@3.0.2", Outcome.PASS)
    judged(tally, "rest", Outcome.PASS)
    (record,) = tally.lane_lost("php@2.7.0", 7)
    assert record.agreement.agree
    assert (tally.counts.not_run, tally.counts.agree) == (7, 1)


def test_one_lane_alone_agrees_with_nothing() -> None:
    tally = Tally(["rest"])
    assert judged(tally, "rest", Outcome.PASS) is None
    assert tally.counts.agree == tally.counts.differ == 0


@pytest.mark.parametrize(
    ("outcome", "known", "code"),
    [
        (Outcome.PASS, None, 0),
        (Outcome.FAIL, None, 1),
        (Outcome.FAIL, "listed", 0),
        (Outcome.PASS, "listed", 1),
        (Outcome.ERROR, None, 3),
        (Outcome.SKIP, None, 3),
    ],
)
def test_the_exit_code_of_a_single_trial(outcome: Outcome, known: str | None, code: int) -> None:
    tally = Tally(["rest"])
    judged(tally, "rest", outcome, known)
    assert tally.exit(asked_not_run=False) == code


def test_a_lane_that_was_asked_for_and_did_not_run_decides_a_run_without_findings() -> None:
    tally = Tally(["rest"])
    judged(tally, "rest", Outcome.PASS)
    assert tally.exit(asked_not_run=True) == ExitCode.COULD_NOT_RUN
