"""The `Report`: everything that an output says about a run, made from its results alone.

Pure. Every output is a function of this value, so a report that is made later, on another machine,
says the same as the one that was printed at the end of the run.
"""

import fnmatch
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.corpus.known_failing import KnownList
from conformance.errors import ExitCode
from conformance.judge.profile_diff import ProfileDiff, version_diffs
from conformance.model.manifest import as_option, is_checkout
from conformance.model.verdict import Verdict
from conformance.results import (
    PAGE_CASES,
    AgreementRecord,
    CaseRecord,
    Counts,
    LaneProfile,
    LaneRecord,
    Results,
    RunHeader,
)
from conformance.results.tally import with_agreement, with_verdict
from conformance.results.values import Json

_CHECKOUT = "DIR: your checkout"
_MORE = "runs other cases as well"
_REPEAT_OUT = "oss-bodies-repeat"  # a repeated run must not replace the folder of the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The content of a report of one run or one fuzz."""

    folder: str  # the results folder, as a command names it
    run: RunHeader
    lanes: tuple[LaneRecord, ...]  # one for each lane, in the order of the run's options
    cases: Mapping[str, CaseRecord]  # by id; includes the case of every verdict
    verdicts: tuple[Verdict, ...]
    agreements: tuple[AgreementRecord, ...]
    profiles: tuple[LaneProfile, ...]
    versions: tuple[ProfileDiff, ...]  # comparisons of two versions of one SDK
    counts: Counts
    exit: int
    seconds: float | None  # None: the results have no end line
    interrupted: bool
    fuzz: Json | None = None  # the `fuzz` line, of a fuzz
    # The known-failing lists of the run that are on this machine: the results have only the reasons
    lists: tuple[KnownList, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether the results have no end line, because the run was killed."""
        return self.seconds is None

    @property
    def of_page(self) -> bool:
        """Whether the cases are the samples of a page."""
        return self.run.vector_files == (PAGE_CASES,)

    def repeat(self, case: str, lanes: Iterable[str]) -> str:
        """The command that runs only this case on these lanes, into another folder."""
        return self.repeat_matching([case], lanes, ran=[case])

    def repeat_matching(
        self, patterns: Sequence[str], lanes: Iterable[str], *, ran: Sequence[str]
    ) -> str:
        """The same for the cases that match any of the patterns.

        ran: the cases that are meant; the command says so if it runs others of this run as well.
        """
        names = list(lanes)
        folders = {record.folder: None for record in self.lanes if record.lane in names}
        words = ["oss-bodies", *(["samples", "PAGE"] if self.of_page else ["run"])]
        words += _options("--runner", filter(None, folders))
        words += [
            *_options("--lane", map(as_option, names)),
            *(_options("--case", patterns) if self.of_page else self._selection(patterns)),
            "--in",
            self.run.mode,
        ]
        words += _options("--known-failing", self.run.known_failing)
        live = self.run.live
        if live is not None:
            words += ["--live", "--bucket", live.bucket, "--key", live.key, "--region", live.region]
            words += ["--endpoint", self.run.endpoint]
        if self.run.timeout is not None:
            words += ["--timeout", f"{self.run.timeout:g}"]
        command = shlex.join([*words, "--out", _REPEAT_OUT])
        remarks = [_CHECKOUT] if any(map(is_checkout, names)) else []
        matched = {case for one in patterns for case in fnmatch.filter(self.cases, one)}
        remarks += [_MORE] if not matched <= set(ran) else []
        return command + (f"  # {'; '.join(remarks)}" if remarks else "")

    def _selection(self, patterns: Sequence[str]) -> list[str]:
        file = fuzz_file(self.fuzz, patterns[0]) if self.fuzz is not None else None
        if file is not None:
            return ["--vectors", f"{self.folder}/{file}"]
        return [*_options("--case", patterns), *_options("--vectors", self.run.vector_files)]


def assemble(results: Results, *, folder: str, lists: Iterable[KnownList] = ()) -> Report:
    """The report of results that were read or re-judged. lists: see `Report.lists`."""
    records = {record.lane: record for record in results.lanes}
    order = dict.fromkeys((*results.run.lanes, *records))
    end = results.end
    return Report(
        folder=folder,
        run=results.run,
        lanes=tuple(records[lane] for lane in order if lane in records),
        cases={record.case: record for record in results.cases},
        verdicts=results.verdicts,
        agreements=results.agreements,
        profiles=results.profiles,
        versions=version_diffs(
            order, results.verdicts, {profile.lane: profile.items for profile in results.profiles}
        ),
        counts=end.counts if end else _counted(results),
        exit=end.exit if end else _exit_of_cut(results),
        seconds=end.seconds if end else None,
        interrupted=end is not None and end.interrupted,
        fuzz=results.fuzz,
        lists=tuple(lists),
    )


def fuzz_file(fuzz: Json, case: str) -> str | None:
    """The vector file that a fuzz wrote for a case, relative to the results folder, if any."""
    kinds = ("causes", "flaky", "disagreements", "noted")
    for find in (find for kind in kinds for find in fuzz[kind]):
        if case in (find["case"], find.get("again")):
            file: str | None = find["file"]
            return file
    return None


def _exit_of_cut(results: Results) -> ExitCode:
    """The exit code of results without an end line: new failures first, as of a whole run."""
    new = any(verdict.unexpected for verdict in results.verdicts)
    return ExitCode.FINDINGS if new else ExitCode.COULD_NOT_RUN


def _counted(results: Results) -> Counts:
    """The counts of results without an end line."""
    counts = Counts()
    for verdict in results.verdicts:
        counts = with_verdict(counts, verdict)
    for record in results.agreements:
        counts = with_agreement(counts, record)
    return counts


def _options(name: str, values: Iterable[str | None]) -> list[str]:
    return [word for value in values for word in (name, str(value))]
