"""Known-failing lists: the defects that released SDKs are known to have, version by version.

A list is an overlay: it changes no outcome and no finding, it only says which failures are
expected. `stale` finds the entries that name a case or a rule that does not exist, so that lists
stay up to date. An entry can expire: the date that counts is that on which the run started, so that
a run that is re-judged has the same verdicts. Versions are compared part by part; see `parts`.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any, Protocol

from conformance.corpus.decode import Terms, vector_error
from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema_mistakes
from conformance.documents.strict_json import plain
from conformance.model.case import Level
from conformance.model.manifest import runner_of, version_of
from conformance.model.verdict import Outcome, Verdict

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
    """Cases that fail on these lanes at these versions, with the reason and the evidence."""

    cases: str  # shell pattern over case ids
    rules: tuple[str, ...]  # whose findings it excuses; any other finding in these cases is new
    reason: str
    lanes: str = ALL  # shell pattern over lane names
    versions: str = ALL  # as `in_range` reads them
    # Shell pattern over the language runtime that the runner reports (`go1.2*`), for behaviour of
    # its standard library.
    runtime: str = ALL
    link: str | None = None
    repro: str | None = None  # a command that shows the failure
    owner: str | None = None  # who removes the entry, or extends it
    expires: str | None = None  # the last day on which it excuses anything, such as 2027-03-31

    def is_over(self, date: str | None) -> bool:
        """Whether it has expired before a date, such as 2027-04-01; None: not known, so not."""
        return self.expires is not None and date is not None and date > self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """One known-failing file."""

    source: str
    runner: str | None  # the only runner to which it applies; None: any
    entries: tuple[KnownEntry, ...]


class Loaded(Protocol):
    """The versions that a lane has loaded; None if unknown."""

    @property
    def sdk_version(self) -> str | None:
        """Of the SDK."""

    @property
    def runtime(self) -> str | None:
        """Of the language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedVersions:
    """The versions of a lane that are known by themselves; see `Loaded`."""

    sdk_version: str | None
    runtime: str | None


def known_list(document: Json, *, source: str, runner: str | None, terms: Terms) -> KnownList:
    """The list in a document; raises VectorError for the first mistake, with its JSON pointer."""
    for mistake in schema_mistakes(plain(document), terms.schemas["known-failing"]):
        raise vector_error(source, mistake)
    entries = tuple(
        KnownEntry(**{**entry, "rules": tuple(entry["rules"])}) for entry in document["entries"]
    )
    return KnownList(source=source, runner=runner, entries=entries)


def known_entries(
    lists: Iterable[KnownList],
    lane: str,
    case_id: str,
    *,
    version: str | None = None,
    runtime: str | None = None,
) -> tuple[KnownEntry, ...]:
    """The entries that expect a failure of this case on this lane (its name).

    version: the one that was loaded, by default the one in the lane's name. A checkout whose
    version is unknown is matched only by entries for all versions.
    """
    loaded = LoadedVersions(sdk_version=version, runtime=runtime)
    runners = (None, runner_of(lane))
    return tuple(
        entry
        for listed in lists
        if listed.runner in runners
        for entry in listed.entries
        if applies(listed, entry, lane, case_id, loaded)
    )


def applies(listed: KnownList, entry: KnownEntry, lane: str, case_id: str, loaded: Loaded) -> bool:
    """Whether an entry of a list is about this case on this lane; see `known_entries`."""
    return (
        listed.runner in (None, runner_of(lane))
        and fnmatchcase(case_id, entry.cases)
        and fnmatchcase(lane, entry.lanes)
        and in_range(loaded.sdk_version or version_of(lane), entry.versions)
        and (entry.runtime == ALL or fnmatchcase(loaded.runtime or "", entry.runtime))
    )


def overlaid(
    verdict: Verdict, lists: Iterable[KnownList], loaded: Loaded | None, *, date: str | None = None
) -> Verdict:
    """The verdict with the reasons of its known-failing entries, if they excuse all of it.

    A failure is known if an entry names the rule of each of its findings; the claims that are only
    recommended do not count. A pass that is listed carries the reason too: it counts as a failure
    of the run until the entry is removed. An entry that was over on the date of the run excuses
    nothing: the failure is new, and its reason says since when.
    """
    if verdict.outcome not in (Outcome.FAIL, Outcome.PASS):
        return verdict
    version, runtime = (loaded.sdk_version, loaded.runtime) if loaded else (None, None)
    entries = known_entries(lists, verdict.lane, verdict.case, version=version, runtime=runtime)
    if verdict.outcome is Outcome.FAIL:
        rules = {f.rule for f in verdict.findings if f.claim is Level.REQUIRED}
        entries = tuple(entry for entry in entries if rules.intersection(entry.rules))
        over = [entry for entry in entries if entry.is_over(date)]
        entries = tuple(entry for entry in entries if entry not in over)
        if not rules.issubset(rule for entry in entries for rule in entry.rules):
            return replace(verdict, reason=" ".join(map(_over_text, over)))
    reasons = " ".join(dict.fromkeys(entry.reason for entry in entries))
    return replace(verdict, known_failing=reasons) if reasons else verdict


def explaining(
    reason: str, lane: str, case: str, lists: Iterable[KnownList], loaded: Loaded | None
) -> tuple[KnownEntry, ...]:
    """The entries that gave a stored verdict its reason, as far as the lists still have them.

    reason: `Verdict.known_failing`; loaded: by the lane (its name).
    """
    version, runtime = (loaded.sdk_version, loaded.runtime) if loaded else (None, None)
    entries = known_entries(lists, lane, case, version=version, runtime=runtime)
    return tuple(entry for entry in entries if entry.reason in reason)


def _over_text(entry: KnownEntry) -> str:
    owner = f" ({entry.owner})" if entry.owner else ""
    return f"known until {entry.expires}{owner}: {entry.reason}"


def stale(
    listed: KnownList, case_ids: Sequence[str], rules: Iterable[str]
) -> Iterator[tuple[KnownEntry, Mistake]]:
    """The entries that match no case of the corpus, or name a rule that is none of these."""
    known = frozenset(rules)
    for number, entry in enumerate(listed.entries):
        if not any(fnmatchcase(case_id, entry.cases) for case_id in case_ids):
            rule = f"{entry.cases!r} matches no case of the corpus"
            remedy = "remove the entry or correct its pattern"
            yield entry, Mistake(place=f"/entries/{number}/cases", rule=rule, remedy=remedy)
        for index, name in enumerate(entry.rules):
            if name not in known:
                near = get_close_matches(name, known, n=1)
                yield (
                    entry,
                    Mistake(
                        place=f"/entries/{number}/rules/{index}",
                        rule=f"{name!r} is no rule",
                        remedy=f"did you mean {near[0]}?" if near else "remove it",
                    ),
                )


def in_range(version: str | None, versions: str) -> bool:
    """Whether a version is in a range like `>=3.17.0,<3.19`; `*` contains any version and None."""
    if versions.strip() == ALL:
        return True
    if version is None:
        return False
    for comparison in versions.split(","):
        operation, bound = re.findall(r"(>=|<=|==|!=|>|<)\s*(\S+)", comparison)[0]
        numbers = zip_longest(parts(version), parts(bound), fillvalue=0)
        order = next((left - right for left, right in numbers if left != right), 0)
        if not _COMPARE[operation](order, 0):
            return False
    return True


def parts(version: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version: 3, 18, 1 for `v3.18.1-rc2`.

    A pre-release therefore counts as its release, which has the same code.
    """
    numbers = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, numbers[1].split("."))) if numbers else ()
