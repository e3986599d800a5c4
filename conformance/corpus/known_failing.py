"""Known-failing lists: what released SDKs get wrong today, version by version.

A list is an overlay and changes no verdict: whoever counts asks `known_failing` whether
a failure was expected. An entry that no case matches any more is told by `unmatched`, so that a
list cannot rot. Versions are compared part by part as numbers; see `parts`.
"""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any

from conformance.corpus.decode import Terms, vector_error
from conformance.corpus.shape import schema_mistakes
from conformance.model.manifest import Lane

Json = Any

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """Cases (a shell pattern) that fail on these lanes at these versions, and on whose word.

    runtime: shell pattern over the language's runtime as the runner told it (`go1.2*`), for what
    the SDK leaves to its standard library.
    """

    cases: str
    reason: str
    lanes: str = ALL
    versions: str = ALL
    runtime: str = ALL
    link: str | None = None
    repro: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """One file; runner: the only one it speaks of, None: every lane."""

    source: str
    runner: str | None
    entries: tuple[KnownEntry, ...]


def known_list(document: Json, *, source: str, runner: str | None, terms: Terms) -> KnownList:
    """The list of a document; VectorError with its JSON pointer for the first mistake."""
    for mistake in schema_mistakes(document, terms.schemas["known-failing"]):
        raise vector_error(source, mistake)
    entries = tuple(KnownEntry(**entry) for entry in document["entries"])
    return KnownList(source=source, runner=runner, entries=entries)


def known_failing(
    lists: Iterable[KnownList],
    lane: Lane,
    case_id: str,
    *,
    version: str | None = None,
    runtime: str | None = None,
) -> KnownEntry | None:
    """The first entry that expects this failure, None if it is news.

    version: the one that was loaded; without it that of the lane. A checkout whose version
    nobody knows is matched by entries for all versions only.
    """
    loaded = version or lane.version
    for listed in lists:
        if listed.runner not in (None, lane.manifest.name):
            continue
        for entry in listed.entries:
            if (
                fnmatchcase(case_id, entry.cases)
                and fnmatchcase(lane.name, entry.lanes)
                and in_range(loaded, entry.versions)
                and (entry.runtime == ALL or fnmatchcase(runtime or "", entry.runtime))
            ):
                return entry
    return None


def unmatched(
    lists: Iterable[KnownList], case_ids: Sequence[str]
) -> tuple[tuple[KnownList, KnownEntry], ...]:
    """The entries whose pattern matches no case of the whole corpus: each is red."""
    return tuple(
        (listed, entry)
        for listed in lists
        for entry in listed.entries
        if not any(fnmatchcase(case_id, entry.cases) for case_id in case_ids)
    )


def in_range(version: str | None, versions: str) -> bool:
    """Whether a version meets every comparison; `>=3.17.0,<3.19`; `*` is met by any and by None."""
    if versions.strip() == ALL:
        return True
    if version is None:
        return False
    for comparison in versions.split(","):
        sign, bound = re.findall(r"(>=|<=|==|!=|>|<)\s*(\S+)", comparison)[0]
        if not _COMPARE[sign](_order(version, bound), 0):
            return False
    return True


def parts(version: str) -> tuple[int, ...]:
    """Its dotted numbers, up to the first part that is more than digits: `v3.18.1-rc2`: 3, 18, 1.

    A pre-release thus counts as its release: it holds the same code, and lists speak of code.
    """
    numbers = []
    for part in version.removeprefix("v").split("."):
        digits = re.match(r"\d*", part)
        assert digits is not None  # the pattern matches the empty text
        if digits.group():
            numbers.append(int(digits.group()))
        if digits.group() != part:
            break
    return tuple(numbers)


def _order(left: str, right: str) -> int:
    """-1, 0 or 1; parts that one of them lacks are 0."""
    for mine, theirs in zip_longest(parts(left), parts(right), fillvalue=0):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0
