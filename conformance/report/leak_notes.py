"""Notes about leaks, which every short text names: a run that has one is not called conformant.

A rule about credentials that rests on a SHOULD makes no failure, such as a token that is sent along
to another host after a redirect. Whoever reads only the result has to learn of it all the same.
Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.model.verdict import Outcome, Verdict

LEAKS = ("auth.secret-leak", "auth.clear-text")  # rules


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakNote:
    """The notes of one rule in a run."""

    rule: str
    cases: tuple[str, ...]
    lanes: tuple[str, ...]

    @property
    def count(self) -> str:
        """The number of cases: `2 cases`."""
        return f"{len(self.cases)} case{'s' * (len(self.cases) > 1)}"

    @property
    def text(self) -> str:
        """`auth.secret-leak: 2 cases on go, such as transport/redirect/other-host-token`."""
        such = ", such as " if len(self.cases) > 1 else ": "
        return f"{self.rule}: {self.count} on {', '.join(self.lanes)}{such}{self.cases[0]}"


def leak_notes(verdicts: Iterable[Verdict]) -> list[LeakNote]:
    """The notes about leaks by rule; none for a rule without any."""
    found: dict[str, list[Verdict]] = {rule: [] for rule in LEAKS}
    for verdict in verdicts:
        if verdict.outcome is Outcome.PASS and verdict.known_failing is None:
            for rule in {finding.rule for finding in verdict.findings}.intersection(LEAKS):
                found[rule].append(verdict)
    return [
        LeakNote(
            rule=rule,
            cases=tuple(sorted({verdict.case for verdict in noted})),
            lanes=tuple(sorted({verdict.lane for verdict in noted})),
        )
        for rule, noted in found.items()
        if noted
    ]
