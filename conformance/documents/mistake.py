"""A mistake in a document: its place, the rule that is broken, and the remedy.

Readers return mistakes as values, so that `oss-bodies check` can show all of them. `as_error` turns
a mistake into an exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

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
