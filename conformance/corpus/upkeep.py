"""Brings a known-failing list up to date with the results of a run.

Pure. An entry whose cases pass is removed. If only some of its cases pass, it becomes one entry for
each of the others; if a case passes at one version and fails at another, the first is excluded. New
failures become entries. What the run says nothing about stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from conformance.corpus.known_failing import (
    ALL,
    KnownEntry,
    KnownList,
    Loaded,
    applies,
    in_range,
    parts,
    stale,
)
from conformance.model.case import Level
from conformance.model.manifest import runner_of
from conformance.model.verdict import Outcome, Verdict

Json = dict[str, Any]
_REASON_SHOWN = 300  # characters of the reason of a new entry
_JUDGED = (Outcome.PASS, Outcome.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTrial:
    """A verdict with the versions that its lane had loaded."""

    verdict: Verdict
    loaded: Loaded

    @property
    def rules(self) -> frozenset[str]:
        """The rules of its required findings; none if it passed."""
        required = (f.rule for f in self.verdict.findings if f.claim is Level.REQUIRED)
        return frozenset(required) if self.verdict.outcome is Outcome.FAIL else frozenset()

    def matched_by(self, listed: KnownList, entry: KnownEntry) -> bool:
        """Whether an entry is about this trial."""
        return applies(listed, entry, self.verdict.lane, self.verdict.case, self.loaded)

    @property
    def version(self) -> tuple[int, ...]:
        """The numbers of the SDK's version; none if it is not known."""
        return parts(self.loaded.sdk_version or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What a list is compared with, and what new entries say besides the failure."""

    trials: tuple[JudgedTrial, ...]
    case_ids: tuple[str, ...]  # of the corpus
    rules: frozenset[str]  # of the judge
    others: tuple[KnownList, ...] = ()  # further lists of the run, whose failures are not new here
    signature: Json = field(default_factory=dict)  # `owner`, `link`, `expires` of new entries

    def of_list(self, listed: KnownList, entries: Sequence[Json], *, add: bool) -> list[Json]:
        """The entries that the list should have. entries: those that it has, as JSON.

        add: whether new failures belong into this list.
        """
        kept: list[tuple[KnownEntry, Json]] = []
        for entry, document in zip(listed.entries, entries, strict=True):
            for one in self._kept(listed, entry, document):
                rules = tuple(one["rules"])
                kept.append((KnownEntry(**{**one, "rules": rules}), one))
        new = KnownList(
            source=listed.source, runner=listed.runner, entries=tuple(entry for entry, _ in kept)
        )
        added = self._new(new) if add else ()
        return [*(document for _, document in kept), *added]

    def expired(self, listed: KnownList, date: str) -> tuple[KnownEntry, ...]:
        """The entries that are over on this date and would excuse a failure of the run."""
        return tuple(
            entry
            for entry in listed.entries
            if entry.is_over(date)
            and any(
                trial.rules.intersection(entry.rules) and trial.matched_by(listed, entry)
                for trial in self.trials
            )
        )

    def passing_elsewhere(self) -> tuple[tuple[KnownList, KnownEntry], ...]:
        """The entries of the other lists of which a case passes: the run is red because of them."""
        passed = [trial for trial in self.trials if trial.verdict.outcome is Outcome.PASS]
        return tuple(
            (listed, entry)
            for listed in self.others
            for entry in listed.entries
            if any(trial.matched_by(listed, entry) for trial in passed)
        )

    def _kept(self, listed: KnownList, entry: KnownEntry, document: Json) -> Iterator[Json]:
        alone = KnownList(source=listed.source, runner=listed.runner, entries=(entry,))
        wrong = [mistake.place for _, mistake in stale(alone, self.case_ids, self.rules)]
        rules = [rule for rule in document["rules"] if rule in self.rules]
        if any(place.endswith("/cases") for place in wrong) or not rules:
            return
        document = {**document, "rules": rules} if wrong else document
        about = [
            trial
            for trial in self.trials
            if trial.verdict.outcome in _JUDGED and trial.matched_by(listed, entry)
        ]
        passing = [trial for trial in about if not trial.rules.intersection(rules)]
        if not passing:
            yield document
            return
        for case in (case for case in self.case_ids if fnmatchcase(case, entry.cases)):
            passed = [trial for trial in passing if trial.verdict.case == case]
            failed = [
                trial for trial in about if trial.verdict.case == case and trial not in passed
            ]
            if not passed:
                yield {**document, "cases": case}
            elif failed:
                yield {**document, "cases": case, **_without(entry, passed, failed)}

    def _new(self, kept: KnownList) -> Iterator[Json]:
        """An entry for each failure that no list explains, however many lanes have it."""
        seen: list[Json] = []
        for trial in self.trials:
            if kept.runner not in (None, runner_of(trial.verdict.lane)):
                continue
            explained = {
                rule
                for listed in (kept, *self.others)
                for entry in listed.entries
                if trial.matched_by(listed, entry)
                for rule in entry.rules
            }
            if missing := trial.rules - explained:
                entry = self._entry(trial, missing, of_runner=kept.runner is not None)
                if entry not in seen:
                    seen.append(entry)
                    yield entry

    def _entry(self, trial: JudgedTrial, rules: frozenset[str], *, of_runner: bool) -> Json:
        verdict = trial.verdict
        runner, at, _ = verdict.lane.partition("@")
        first = next(finding for finding in verdict.findings if finding.rule in rules)
        reason = f"{first.where}: expected {first.expected}, got {first.got}"
        numbers = ".".join(map(str, trial.version))
        repro = f"oss-bodies run --lane {runner} --case {verdict.case}"
        return {
            "cases": verdict.case,
            "rules": sorted(rules),
            **({} if of_runner else {"lanes": f"{runner}{at}*" if at else runner}),
            **({"versions": f"=={numbers}"} if numbers else {}),
            "reason": reason[:_REASON_SHOWN],
            **({} if "link" in self.signature else {"repro": repro}),
            **self.signature,
        }


def _without(
    entry: KnownEntry, passed: Iterable[JudgedTrial], failed: Iterable[JudgedTrial]
) -> Json:
    """The versions of an entry without those that pass, unless they fail too or are not known."""
    bad = {trial.version for trial in failed}
    good = {trial.version for trial in passed} - bad - {()}
    versions = [] if entry.versions.strip() == ALL else [entry.versions]
    for numbers in sorted(good):
        text = ".".join(map(str, numbers))
        if in_range(text, ",".join(versions) or ALL):
            versions.append(f"!={text}")
    return {"versions": ",".join(versions)} if versions else {}
