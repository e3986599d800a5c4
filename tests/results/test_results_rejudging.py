"""Judging stored transcripts again: what is taken from the run and what is judged now."""

from dataclasses import replace

import pytest
from report.run_shown import DOCUMENTED, END, HEADER, LANES, PROFILES, RESULTS

from conformance.corpus.known_failing import KnownEntry, KnownList
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Problem, Transcript
from conformance.results.rejudging import judged, profile_changes, rejudged, verdict_changes

CASE = Case(id="process/sen/50", title="Fifty.", provenance=DOCUMENTED, turns=())
RAN = tuple(lane for lane in LANES if lane.status == "ran")
DEAD = Problem(step="death", reason="exit code 1", remedy="see its stderr")


def transcript(lane: str, problem: Problem | None = None) -> Transcript:
    return Transcript(case=CASE.id, lane=lane, mode="host", turns=(), exposes=(), problem=problem)


PASSING = tuple(transcript(lane.lane) for lane in RAN)
TRIALS = tuple(judged(CASE, one) for one in PASSING)
AGAIN = rejudged(RESULTS, TRIALS, {CASE.id: CASE}, ())


def test_verdicts_cases_and_agreements_are_those_of_the_transcripts() -> None:
    assert [(one.case, one.outcome) for one in AGAIN.verdicts] == [(CASE.id, Outcome.PASS)] * 4
    assert [(one.case, one.title) for one in AGAIN.cases] == [(CASE.id, "Fifty.")]
    assert [one.agreement.case for one in AGAIN.agreements] == [CASE.id]


def test_what_only_the_run_knows_is_taken_from_it() -> None:
    assert (AGAIN.run, AGAIN.lanes) == (HEADER, LANES)
    assert AGAIN.end is not None
    assert AGAIN.end.counts.not_run == END.counts.not_run
    assert AGAIN.end.seconds == END.seconds


def test_the_exit_code_follows_from_the_new_verdicts() -> None:
    assert AGAIN.end is not None
    assert AGAIN.end.exit == 0
    broken = rejudged(RESULTS, (judged(CASE, transcript("rest", DEAD)),), {CASE.id: CASE}, ())
    assert broken.end is not None
    assert broken.end.exit == 3


def test_a_lane_that_was_asked_for_and_did_not_run_is_still_an_exit_code_of_3() -> None:
    missing = replace(RESULTS, end=replace(END, exit=3))
    again = rejudged(missing, TRIALS, {CASE.id: CASE}, ())
    assert again.end is not None
    assert again.end.exit == 3


def test_without_transcripts_the_exit_code_stays_what_it_was() -> None:
    nothing = rejudged(replace(RESULTS, end=replace(END, exit=0)), (), {}, ())
    assert nothing.end is not None
    assert nothing.end.exit == 0


def test_a_cut_run_is_judged_as_far_as_it_goes() -> None:
    again = rejudged(replace(RESULTS, end=None), TRIALS[:1], {CASE.id: CASE}, ())
    assert [verdict.outcome for verdict in again.verdicts] == [Outcome.PASS]
    assert again.end is None


@pytest.mark.parametrize(("stored", "expected"), [(130, 130), (3, 3), (1, 130)])
def test_an_interrupted_run_does_not_become_a_complete_one(stored: int, expected: int) -> None:
    ended = replace(RESULTS, end=replace(END, exit=stored, interrupted=True))
    again = rejudged(ended, TRIALS[:1], {CASE.id: CASE}, ())
    assert again.end is not None
    assert again.end.exit == expected


def test_known_failing_lists_are_applied_by_what_the_lane_loaded() -> None:
    entry = KnownEntry(
        cases=CASE.id, rules=("x.y",), versions="==2.18.4", reason="It is known.", link="x"
    )
    lists = (KnownList(source="known.json", runner=None, entries=(entry,)),)
    again = rejudged(RESULTS, TRIALS, {CASE.id: CASE}, lists)
    listed = {one.lane for one in again.verdicts if one.known_failing}
    assert listed == {"python@2.18.4"}


def test_only_verdicts_that_came_out_otherwise_are_changes() -> None:
    assert list(verdict_changes(AGAIN, AGAIN)) == []
    dead = rejudged(RESULTS, (judged(CASE, transcript("rest", DEAD)),), {CASE.id: CASE}, ())
    assert list(verdict_changes(AGAIN, dead)) == [
        "changed: process/sen/50 on rest: pass, now error"
    ]
    assert list(verdict_changes(replace(AGAIN, verdicts=()), dead)) == [
        "changed: process/sen/50 on rest: not stored, now error"
    ]


def test_only_profiles_that_came_out_otherwise_are_changes() -> None:
    assert list(profile_changes(RESULTS, RESULTS)) == []
    lane = PROFILES[0]
    less = replace(RESULTS, profiles=(replace(lane, items=lane.items[1:]),))
    assert next(profile_changes(less, RESULTS)) == (
        f"changed: the profile of {lane.lane}: {lane.items[0].name}"
    )
    assert list(profile_changes(replace(RESULTS, fuzz={}), replace(RESULTS, fuzz={}))) == []
