"""The trial of a lane that has been played and lacks its last journal, and what waits for it.

The mock returns the last journal of a case when the next script is armed. Cases that are skipped
meanwhile are reported after the trial, so that a lane reports its cases in their order.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.engine.job import Job
from conformance.engine.turns import completed, continued
from conformance.model.case import Case
from conformance.model.http import Journal
from conformance.model.verdict import Transcript

Cleaned = Callable[[Case, Transcript], Transcript]  # without what no transcript may contain


class Pending:
    """At most one trial, and the cases that were skipped since."""

    def __init__(self, cleaned: Cleaned) -> None:
        self._cleaned = cleaned
        self._trial: tuple[Job, Transcript] | None = None
        self._skipped: list[tuple[Job, Transcript]] = []

    @property
    def waits(self) -> bool:
        """Whether a trial lacks its last journal."""
        return self._trial is not None

    def put(self, job: Job, transcript: Transcript) -> None:
        """Keep a trial until its journal comes."""
        self._trial = (job, transcript)

    def change(self, *, late: str = "", **fields: Any) -> None:
        """Change fields of the trial's transcript, if there is one. late: more standard error."""
        if self._trial is not None:
            job, transcript = self._trial
            stderr = transcript.stderr + late
            self._trial = (job, replace(transcript, stderr=stderr, **fields))

    def skip(self, job: Job, transcript: Transcript) -> None:
        """Report a case that was not run: at once, or after the trial."""
        self._skipped.append((job, transcript))
        if self._trial is None:
            self._report_skipped()

    def complete(self, journal: Journal) -> None:
        """Report the trial, if there is one, with its last journal, and what was skipped since."""
        if self._trial is None:
            return
        (job, transcript), self._trial = self._trial, None
        turns = completed(transcript.turns, journal)
        turns = turns if job.new_case else continued(turns)
        job.done(job.case, self._cleaned(job.case, replace(transcript, turns=turns)))
        self._report_skipped()

    def lose(self, report: Callable[[Job], None]) -> None:
        """Report the trial, if there is one, without its journal, and what was skipped since."""
        if self._trial is not None:
            (job, _), self._trial = self._trial, None
            report(job)
        self._report_skipped()

    def _report_skipped(self) -> None:
        skipped, self._skipped = self._skipped, []
        for job, transcript in skipped:
            job.done(job.case, transcript)
