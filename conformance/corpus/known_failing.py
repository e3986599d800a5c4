"""Known-failing lists: what released SDKs are known to get wrong, version by version.

A list is an overlay and changes no verdict: `known_failing` answers whether a failure was
expected. `unmatched` finds the entries that no case matches any more, so that a list stays
current. Versions are compared part by part as numbers; see `parts`.
"""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any

from conformance.corpus.decode import Terms, vector_error
from conformance.documents.schema import schema_mistakes
from conformance.documents.strict_json import plain
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
    """Cases that are known to fail on some lanes at some versions, and why."""

    cases: str  # shell pattern over case ids
    reason: str  # what the SDK does wrong
    lanes: str = ALL  # shell pattern over lane names
    versions: str = ALL  # comparisons joined by commas: `>=3.17.0,<3.19`
    # Shell pattern over the language's runtime as the runner reports it (`go1.2*`), for what the
    # SDK leaves to its standard library.
    runtime: str = ALL
    link: str | None = None  # an issue or commit that describes it
    repro: str | None = None  # a command that shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """The known failures of one file."""

    source: str  # name of the file
    runner: str | None  # the only runner that it applies to, None for all
    entries: tuple[KnownEntry, ...]


def known_list(document: Json, *, source: str, runner: str | None, terms: Terms) -> KnownList:
    """The list in a document; raises VectorError for the first mistake, with its JSON pointer."""
    for mistake in schema_mistakes(plain(document), terms.schemas["known-failing"]):
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
    """The first entry that expects this failure, None if the failure is new.

    version: of the SDK that was loaded, by default that of the lane. A checkout of unknown version
    is matched only by entries for all versions.
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
    """The entries whose pattern matches no case of the whole corpus; each is a finding."""
    return tuple(
        (listed, entry)
        for listed in lists
        for entry in listed.entries
        if not any(fnmatchcase(case_id, entry.cases) for case_id in case_ids)
    )


def in_range(version: str | None, versions: str) -> bool:
    """Whether a version satisfies `>=3.17.0,<3.19`; `*` is satisfied by any version and by None."""
    if versions.strip() == ALL:
        return True
    if version is None:
        return False
    for comparison in versions.split(","):
        operation, bound = re.findall(r"(>=|<=|==|!=|>|<)\s*(\S+)", comparison)[0]
        if not _COMPARE[operation](_order(version, bound), 0):
            return False
    return True


def parts(version: str) -> tuple[int, ...]:
    """The numbers of a version: `v3.18.1-rc2` is 3, 18, 1.

    They end at the first part that is more than digits. A pre-release therefore counts as its
    release, which has the same code.
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
    """-1, 0 or 1; a part that one of the two lacks is 0."""
    for mine, theirs in zip_longest(parts(left), parts(right), fillvalue=0):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0
