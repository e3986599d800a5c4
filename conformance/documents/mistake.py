"""A mistake in a document: its place, the rule that is broken, and the remedy.

Readers return mistakes as values, so that `oss-bodies check` can show all of them. `as_error` turns
a mistake into an exception.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from conformance.errors import InputError

Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong with a document."""

    place: str  # JSON pointer, `line N` or `line N column M`; empty for the whole document
    rule: str  # what is wrong
    remedy: str = ""  # what to do about it

    def in_line(self, number: int) -> "Mistake":
        """The same mistake in line `number` of a JSON Lines file."""
        inside = self.place.removeprefix("line 1").strip()
        return replace(self, place=f"line {number} {inside}".strip())


def pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901): `("cases", 0, "a/b")` is `/cases/0/a~1b`; `()` is ""."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def as_error(mistake: Mistake, *, source: str, kind: type[InputError] = InputError) -> InputError:
    """The mistake as an exception. source: the name of the file."""
    return kind(source=source, place=mistake.place, rule=mistake.rule, remedy=mistake.remedy)


def near(word: str, known: Sequence[str]) -> str:
    """The remedy for an unknown word: what was probably meant, or else all known words."""
    close = get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(known)}" if known else ""
