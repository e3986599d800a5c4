"""Counts the verdicts of a run: outcomes, agreement, known failures, profiles, the exit code.

Pure but for the state of `Tally`. It keeps only short texts of a transcript: those by which lanes
are compared, until the last lane has finished the case, and what it counts for the profiles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.errors import ExitCode
from conformance.judge.agreement import compare, suspect
from conformance.judge.comparable import Comparable, read_for_agreement
from conformance.judge.lane_profile import ProfileCount
from conformance.judge.observation import Observation, observe
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Transcript, Verdict
from conformance.results.values import AgreementRecord, Counts, LaneProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept of a transcript."""

    observations: tuple[Observation, ...]
    comparable: Comparable

    @classmethod
    def of(cls, case: Case, transcript: Transcript, verdict: Verdict) -> "Seen":
        """What is kept of this transcript; of the verdict only the profile counts."""
        return cls(
            observations=observe(case, transcript),
            comparable=read_for_agreement(case, transcript, verdict.profile),
        )


class Tally:
    """The counts of a run, updated with each verdict."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self.counts = Counts()
        self._lanes = frozenset(lanes)
        self._open: dict[str, list[tuple[Comparable, Verdict]]] = {}
        self._profiles = {lane: ProfileCount() for lane in lanes}
        self._judged = dict.fromkeys(lanes, 0)  # trials of each lane
        self._unexpected = 0

    def add(self, case: Case, transcript: Transcript, verdict: Verdict) -> AgreementRecord | None:
        """Count a verdict; returns the agreement on the case if this was the last lane."""
        return self.add_seen(verdict, Seen.of(case, transcript, verdict))

    def add_seen(self, verdict: Verdict, seen: Seen) -> AgreementRecord | None:
        """As `add`, for a transcript that was read elsewhere."""
        self._profiles.setdefault(verdict.lane, ProfileCount()).add(seen.observations)
        self._unexpected += verdict.unexpected
        self.counts = with_verdict(self.counts, verdict)
        self._judged[verdict.lane] = self._judged.get(verdict.lane, 0) + 1
        finished = self._open.setdefault(verdict.case, [])
        finished.append((seen.comparable, verdict))
        return self._agreement(verdict.case) if self._complete(verdict.case) else None

    def lane_lost(self, lane: str, trials: int) -> tuple[AgreementRecord, ...]:
        """Count what a lane did not run of its trials; returns the agreements now complete."""
        self._lanes -= {lane}
        not_run = trials - self._judged.get(lane, 0)
        self.counts = replace(self.counts, not_run=self.counts.not_run + not_run)
        return self._agreements([case for case in self._open if self._complete(case)])

    def rest(self) -> tuple[AgreementRecord, ...]:
        """The agreements on cases that not all lanes have run, after an interruption."""
        return self._agreements(list(self._open))

    def profiles(self) -> tuple[LaneProfile, ...]:
        """The profile of each lane with observations, in the order of the lanes."""
        profiles = ((lane, count.items()) for lane, count in self._profiles.items())
        return tuple(LaneProfile(lane=lane, items=items) for lane, items in profiles if items)

    def exit(self, *, asked_not_run: bool) -> ExitCode:
        """The exit code: new failures first, then trials that could not be judged or run.

        asked_not_run: a lane requested by name did not run.
        """
        counts = self.counts
        if self._unexpected:
            return ExitCode.FINDINGS
        judged = counts.passed + counts.fail
        if counts.error or asked_not_run or not judged:
            return ExitCode.COULD_NOT_RUN
        return ExitCode.PASSED

    def _complete(self, case: str) -> bool:
        """Whether every lane that is not lost has a verdict on the case."""
        return self._lanes <= {verdict.lane for _, verdict in self._open[case]}

    def _agreements(self, cases: Iterable[str]) -> tuple[AgreementRecord, ...]:
        return tuple(record for case in cases if (record := self._agreement(case)) is not None)

    def _agreement(self, case: str) -> AgreementRecord | None:
        finished = self._open.pop(case)
        agreement = compare(case, [comparable for comparable, _ in finished])
        if sum(len(lanes) for _, lanes in agreement.groups) < 2:
            return None
        suspected = suspect([verdict for _, verdict in finished])
        record = AgreementRecord(agreement=agreement, suspect=suspected)
        self.counts = with_agreement(self.counts, record)
        return record


def with_verdict(counts: Counts, verdict: Verdict) -> Counts:
    """The counts with this verdict added."""
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
    """The counts with this compared case added."""
    agree = record.agreement.agree
    return replace(counts, agree=counts.agree + agree, differ=counts.differ + (not agree))
