"""A hypothesis: one mistake that a client may have made when it signed a request.

What was signed cannot be recovered from a signature. It can only be tested whether the input that
one known mistake leads to reproduces it; `explain` tries the tables of hypotheses row by row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.mismatch.signing_input import Facts, SigningInput

# From the input that the service signs, the inputs that a client with the mistake may have signed.
Variation = Callable[[SigningInput, Facts], Iterable[SigningInput]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One mistake that a client may have made."""

    name: str  # `query-not-sorted`
    sentence: str  # the mistake, described for the reader of a report
    vary: Variation


def table(*rows: tuple[str, str, Variation]) -> tuple[Hypothesis, ...]:
    """Hypotheses from rows of name, sentence and variation."""
    return tuple(Hypothesis(name=name, sentence=text, vary=vary) for name, text, vary in rows)


def replaced(line: str, *swaps: tuple[str, str]) -> Variation:
    """The variation that makes one replacement, of each pair in turn, in a line."""

    def vary(ours: SigningInput, _: Facts) -> list[SigningInput]:
        text = ours.line(line)
        return [ours.put(line, text.replace(old, new)) for old, new in swaps]

    return vary
