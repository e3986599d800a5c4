"""Known failures by cause: what they break, whose claim that is, who looks after their entries.

Pure. Results have the reason of a known failure. Owner, link, versions and expiry are those of the
known-failing lists that are on this machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.corpus.known_failing import ALL, KnownEntry, explaining
from conformance.model.case import Level, Provenance
from conformance.report.alike_results import decisive
from conformance.report.assemble import Report
from conformance.report.sections import ResultGroup, result_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenClaim:
    """What failures with one cause break: rules with one source."""

    rules: tuple[str, ...]
    level: Level
    source: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCause:
    """Known failures with the same reason."""

    reason: str
    groups: tuple[ResultGroup, ...]  # by case
    lanes: tuple[str, ...]
    cases: tuple[str, ...]
    claims: tuple[BrokenClaim, ...]
    entries: tuple[KnownEntry, ...]


def known_causes(report: Report) -> list[KnownCause]:
    """The causes: those that break a must first, and then those that show in most cases."""
    by_reason: dict[str, list[ResultGroup]] = {}
    for group in result_groups(report.verdicts):
        if group.word == "known":
            by_reason.setdefault(group.reason, []).append(group)
    causes = [_cause(report, reason, same) for reason, same in by_reason.items()]
    return sorted(causes, key=_weight)


def entries_of(group: ResultGroup, report: Report) -> tuple[KnownEntry, ...]:
    """The entries that a result has its reason from; none for one that is in no list."""
    if group.word not in ("known", "ok!"):
        return ()
    loaded = {record.lane: record for record in report.lanes}
    found = (
        entry
        for lane in group.lanes
        for entry in explaining(group.reason, lane, group.case, report.lists, loaded.get(lane))
    )
    return tuple(dict.fromkeys(found))


def upkeep(entries: tuple[KnownEntry, ...]) -> Iterator[tuple[str, str]]:
    """Who removes the entries and when, their versions and links, as far as they say: name and
    value."""
    for name, value_of in (
        ("owner", lambda entry: entry.owner),
        ("until", lambda entry: entry.expires),
        ("versions", lambda entry: None if entry.versions == ALL else entry.versions),
        ("link", lambda entry: entry.link),
    ):
        if values := list(dict.fromkeys(filter(None, map(value_of, entries)))):
            yield name, " or ".join(values)


def upkeep_text(entries: tuple[KnownEntry, ...]) -> str:
    """The same in one line; may be empty."""
    return "; ".join(f"{name} {value}" for name, value in upkeep(entries))


def _cause(report: Report, reason: str, groups: list[ResultGroup]) -> KnownCause:
    rules: dict[tuple[Level, Provenance], dict[str, None]] = {}
    for group in groups:
        for finding in decisive(group):
            source = finding.source or report.cases[group.case].provenance
            rules.setdefault((finding.claim, source), {})[finding.rule] = None
    return KnownCause(
        reason=reason,
        groups=tuple(groups),
        lanes=tuple(sorted({lane for group in groups for lane in group.lanes})),
        cases=tuple(dict.fromkeys(group.case for group in groups)),
        claims=tuple(
            BrokenClaim(rules=tuple(names), level=level, source=source)
            for (level, source), names in rules.items()
        ),
        entries=tuple(dict.fromkeys(e for group in groups for e in entries_of(group, report))),
    )


def _weight(cause: KnownCause) -> tuple[bool, int]:
    return all(claim.level is not Level.REQUIRED for claim in cause.claims), -len(cause.cases)
