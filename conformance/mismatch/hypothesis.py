"""A hypothesis: one thing that a client may have done differently when it signed.

A signature does not show what it was made of. All that can be tested is whether what a client with
one known habit would sign reproduces it; `explain` tries the tables of hypotheses row by row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.mismatch.signing_input import Facts, SigningInput

# What the service signs and the facts, to what a client with the habit may have signed.
Variation = Callable[[SigningInput, Facts], Iterable[SigningInput]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One thing that a client may have done differently."""

    name: str  # `query-not-sorted`
    sentence: str  # the same for the reader of a report
    vary: Variation


def table(*rows: tuple[str, str, Variation]) -> tuple[Hypothesis, ...]:
    """Hypotheses from rows of name, sentence and variation."""
    return tuple(Hypothesis(name=name, sentence=text, vary=vary) for name, text, vary in rows)


def replaced(line: str, *swaps: tuple[str, str]) -> Variation:
    """The variation that replaces one text by another in a line, once for each pair of texts."""

    def vary(ours: SigningInput, _: Facts) -> list[SigningInput]:
        text = ours.line(line)
        return [ours.put(line, text.replace(old, new)) for old, new in swaps]

    return vary
