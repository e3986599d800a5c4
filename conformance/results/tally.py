"""Counting a run: outcomes, agreement, known failures, profiles, and the exit code they give.

Pure but for its own state. Of a transcript only short texts are kept: what the lanes are compared
by, until the last lane has finished the case, and what the lane's profile is made of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.errors import ExitCode
from conformance.judge.agreement import Comparable, compare, read_for_agreement, suspect
from conformance.judge.lane_profile import lane_profile
from conformance.judge.observation import Observation, observe
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Transcript, Verdict
from conformance.results.values import AgreementRecord, Counts, LaneProfile


class Tally:
    """The sum of a run, verdict by verdict."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self.counts = Counts()
        self._lanes = frozenset(lanes)
        self._open: dict[str, list[tuple[Comparable, Verdict]]] = {}
        self._observations: dict[str, list[Observation]] = {lane: [] for lane in lanes}
        self._unexpected = 0

    def add(self, case: Case, transcript: Transcript, verdict: Verdict) -> AgreementRecord | None:
        """Count one verdict; the case's agreement when it was that of the last lane."""
        self._observations.setdefault(verdict.lane, []).extend(observe(case, transcript))
        known, failed = verdict.known_failing is not None, verdict.outcome is Outcome.FAIL
        self._unexpected += failed != known and verdict.outcome in (Outcome.FAIL, Outcome.PASS)
        self.counts = with_verdict(self.counts, verdict)
        waiting = self._open.setdefault(case.id, [])
        waiting.append((read_for_agreement(case, transcript), verdict))
        return self._agreement(case.id) if len(waiting) == len(self._lanes) else None

    def lane_lost(self, lane: str, trials: int) -> tuple[AgreementRecord, ...]:
        """Count the trials of a lane that did not run; the agreements that waited only for it."""
        self._lanes -= {lane}
        self.counts = replace(self.counts, not_run=self.counts.not_run + trials)
        full = [case for case, seen in self._open.items() if len(seen) >= len(self._lanes)]
        return self._agreements(full)

    def rest(self) -> tuple[AgreementRecord, ...]:
        """The agreements on cases that some lane has not run: the run was interrupted."""
        return self._agreements(list(self._open))

    def profiles(self) -> tuple[LaneProfile, ...]:
        """One for each lane that showed anything, in the order of the lanes."""
        made = ((lane, lane_profile(seen)) for lane, seen in self._observations.items())
        return tuple(LaneProfile(lane=lane, items=items) for lane, items in made if items)

    def exit(self, *, asked_not_run: bool) -> ExitCode:
        """Exit code: findings first, then what could not be judged or run.

        asked_not_run: a lane that was asked for by name did not run.
        """
        counts = self.counts
        if self._unexpected:
            return ExitCode.FINDINGS
        judged = counts.passed + counts.fail
        if counts.error or asked_not_run or not judged:
            return ExitCode.COULD_NOT_RUN
        return ExitCode.PASSED

    def _agreements(self, cases: Iterable[str]) -> tuple[AgreementRecord, ...]:
        return tuple(record for case in cases if (record := self._agreement(case)) is not None)

    def _agreement(self, case: str) -> AgreementRecord | None:
        seen = self._open.pop(case)
        agreement = compare(case, [reading for reading, _ in seen])
        if sum(len(lanes) for _, lanes in agreement.groups) < 2:
            return None
        alike = suspect([verdict for _, verdict in seen])
        record = AgreementRecord(agreement=agreement, suspect=alike)
        self.counts = with_agreement(self.counts, record)
        return record


def with_verdict(counts: Counts, verdict: Verdict) -> Counts:
    """The counts with one more verdict in them."""
    known = verdict.outcome is Outcome.FAIL and verdict.known_failing is not None
    return replace(
        counts,
        passed=counts.passed + (verdict.outcome is Outcome.PASS),
        fail=counts.fail + (verdict.outcome is Outcome.FAIL),
        error=counts.error + (verdict.outcome is Outcome.ERROR),
        skip=counts.skip + (verdict.outcome is Outcome.SKIP),
        known_failing=counts.known_failing + known,
    )


def with_agreement(counts: Counts, record: AgreementRecord) -> Counts:
    """The counts with one more case in them on which lanes were compared."""
    agree = record.agreement.agree
    return replace(counts, agree=counts.agree + agree, differ=counts.differ + (not agree))
