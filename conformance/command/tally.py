"""Counting a run: outcomes, agreement, known failures and the exit code they come to.

Pure but for its own counters. Of a transcript only its reading (what the lanes must agree
on, a short text) is kept, and only until every lane is through with the case, so memory does not
grow with the number of trials.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.corpus.known_failing import KnownList, known_failing
from conformance.judge.agreement import Comparable, compare, suspect
from conformance.model.manifest import Lane
from conformance.model.verdict import Outcome, Verdict
from conformance.results import AgreementRecord, Counts, LaneRecord

CONFORMANT, FINDINGS, COULD_NOT_RUN = 0, 1, 3


def overlaid(
    verdict: Verdict, lane: Lane, lists: Iterable[KnownList], record: LaneRecord | None
) -> Verdict:
    """The verdict with the reason of its known-failing entry, if a list has one.

    A pass that is listed carries the reason too: listed and passing is red.
    """
    if verdict.outcome not in (Outcome.FAIL, Outcome.PASS):
        return verdict
    version, runtime = (record.sdk_version, record.runtime) if record else (None, None)
    entry = known_failing(lists, lane, verdict.case, version=version, runtime=runtime)
    return verdict if entry is None else replace(verdict, known_failing=entry.reason)


class Tally:
    """What a run comes to, verdict by verdict."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self.counts = Counts()
        self._lanes = frozenset(lanes)
        self._open: dict[str, list[tuple[Comparable, Verdict]]] = {}
        self._unexpected = 0

    def add(self, verdict: Verdict, reading: Comparable) -> AgreementRecord | None:
        """Count one verdict; the case's agreement when it was the last lane's."""
        self._count(verdict)
        waiting = self._open.setdefault(verdict.case, [])
        waiting.append((reading, verdict))
        if len(waiting) < len(self._lanes):
            return None
        return self._agreement(verdict.case)

    def lane_lost(self, lane: str, trials: int) -> tuple[AgreementRecord, ...]:
        """A lane did not run after all: its trials count, the others are not kept waiting."""
        self._lanes -= {lane}
        self.counts = replace(self.counts, not_run=self.counts.not_run + trials)
        full = [case for case, seen in self._open.items() if len(seen) >= len(self._lanes)]
        return tuple(record for case in full if (record := self._agreement(case)) is not None)

    def rest(self) -> tuple[AgreementRecord, ...]:
        """The agreements that are still open, of a run that was interrupted."""
        left = list(self._open)
        return tuple(record for case in left if (record := self._agreement(case)) is not None)

    def exit(self, *, asked_not_run: bool) -> int:
        """Exit code: findings first, then what could not be told or run, then conformant."""
        counts = self.counts
        if self._unexpected:
            return FINDINGS
        judged = counts.passed + counts.fail
        if counts.error or asked_not_run or not judged:
            return COULD_NOT_RUN
        return CONFORMANT

    def _count(self, verdict: Verdict) -> None:
        counts, known = self.counts, verdict.known_failing is not None
        failed = verdict.outcome is Outcome.FAIL
        self._unexpected += failed != known and verdict.outcome in (Outcome.FAIL, Outcome.PASS)
        self.counts = replace(
            counts,
            passed=counts.passed + (verdict.outcome is Outcome.PASS),
            fail=counts.fail + failed,
            error=counts.error + (verdict.outcome is Outcome.ERROR),
            skip=counts.skip + (verdict.outcome is Outcome.SKIP),
            known_failing=counts.known_failing + (failed and known),
        )

    def _agreement(self, case: str) -> AgreementRecord | None:
        seen = self._open.pop(case)
        told = [(reading, verdict) for reading, verdict in seen if reading.complete]
        if len(told) < 2:
            return None
        agreement = compare(case, [reading for reading, _ in told])
        self.counts = replace(
            self.counts,
            agree=self.counts.agree + agreement.agree,
            differ=self.counts.differ + (not agreement.agree),
        )
        alike = suspect([verdict for _, verdict in seen])
        return AgreementRecord(agreement=agreement, suspect=alike)
