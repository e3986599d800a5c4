"""What is removed from the transcripts of a lane before anybody sees them.

These are the names of this machine, in a live run the secrets, and, of what a runner writes while
it ends, everything but the lines with secrets of the cases that it ran.
"""

from dataclasses import replace

from conformance.engine.lane_record import names_for
from conformance.engine.turns import without_names
from conformance.judge.signing_scopes import scopes_of
from conformance.live.live_service import LiveService
from conformance.live.live_transcript import redacted
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.oss.secret import lines_with_secrets, secrets
from conformance.runner.site import PreparedLane


class Cleaning:
    """Cleans the transcripts of one lane. ran: the cases of its present runner."""

    def __init__(self, prepared: PreparedLane, live: LiveService | None) -> None:
        self._names = names_for(prepared)
        self._redaction = None if live is None else live.redaction()
        self.ran: list[Case] = []

    def hidden(self, text: str) -> str:
        """The text without the names of this machine."""
        return self._names.hidden(text)

    def cleaned(self, case: Case, transcript: Transcript) -> Transcript:
        """The transcript as it may be judged, stored and shown."""
        plain = without_names(transcript, self._names)
        if self._redaction is None and not plain.at_end:
            return plain
        scopes = scopes_of(case.turns, plain)
        if self._redaction is not None:
            plain = redacted(plain, self._redaction.with_keys(scopes))
        if not plain.at_end:
            return plain
        known = secrets((turn for one in self.ran for turn in one.turns), scopes)
        return replace(plain, at_end=lines_with_secrets(plain.at_end, known))
