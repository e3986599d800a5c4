"""A guess at what a client did differently when it signed.

A hypothesis is a name, one sentence for the reader, and a pure function from our draft
and the facts to the drafts of a client that does so. Of a signature nothing can be told but
whether one of them reproduces it; `explain` tries the tables row by row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.mismatch.signing_input import Facts, SigningInput

Drafting = Callable[[SigningInput, Facts], Iterable[SigningInput]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One thing a client may do; `drafts` gives what it would then sign."""

    name: str
    sentence: str
    drafts: Drafting


def table(*rows: tuple[str, str, Drafting]) -> tuple[Hypothesis, ...]:
    """Rows of name, sentence and drafts as hypotheses."""
    return tuple(Hypothesis(name=name, sentence=text, drafts=make) for name, text, make in rows)


def replaced(line: str, *swaps: tuple[str, str]) -> Drafting:
    """Drafts with one text put for another in a line, one draft for each swap."""

    def drafts(draft: SigningInput, _: Facts) -> list[SigningInput]:
        text = draft.line(line)
        return [draft.put(line, text.replace(old, new)) for old, new in swaps]

    return drafts
