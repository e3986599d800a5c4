"""Fakes through the whole path: the engine, a real mock, child processes, the judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fakes.build import write_runner
from fakes.twist import Twist

from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.engine.events import LaneStarted, TrialJudged
from conformance.engine.job import LaneLimits
from conformance.engine.trials import run_trials
from conformance.model.verdict import Outcome, Verdict
from conformance.runner.discovery import parse_lane, read_manifest
from conformance.runner.host import HostSite

# Cases with which a false alarm about a freedom would show; each defect names its own.
TELLING = (
    "process/sen/*", "auth/token/*", "errors/service/*", "naming/keys/*", "naming/reserved/*",
    "bodies/count/one", "bodies/count/three", "bodies/numbers/*", "transport/coding/gzip",
    "transport/threads/eight-fresh", "transport/readers/first-bytes",
    "transport/coding/on-demand-*", "transport/retry/after-503", "transport/redirect/same-object",
    "transport/redirect/other-host-302", "process/presigned/bodies", "process/presigned/key-space",
    "process/strings/space*", "transport/proxies/password", "transport/proxies/wrong-password",
)  # fmt: skip
# Ordinary cases that every defect is run on as well: none may end as an error of the suite.
ORDINARY = ("process/sen/50", "auth/token/accepted", "errors/service/no-such-key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a run: verdicts by lane, lanes that started, lanes that could not."""

    verdicts: dict[str, list[Verdict]]
    started: frozenset[str]
    failed: dict[str, str]

    def rules(self, lane: str) -> set[str]:
        return {finding.rule for verdict in self.verdicts[lane] for finding in verdict.findings}

    def reasons(self, lane: str) -> list[str]:
        """Why trials of a lane did not tell."""
        return [v.reason for v in self.verdicts[lane] if v.outcome is Outcome.ERROR]

    def outcomes(self, lane: str) -> set[Outcome]:
        return {verdict.outcome for verdict in self.verdicts[lane]}


def shown_by(twists: Mapping[str, Twist]) -> dict[str, tuple[str, ...]]:
    """Each kind with its own cases and the ordinary ones."""
    return {kind: (*twist.cases, *ORDINARY) for kind, twist in twists.items()}


def run(
    kinds: Mapping[str, tuple[str, ...]], folder: Path, limits: LaneLimits | None = None
) -> Ran:
    """What comes of each kind of fake on the cases that its patterns choose."""
    manifests = [read_manifest(write_runner(folder, kind=kind, seconds=8)) for kind in kinds]
    lanes = [parse_lane(manifest.name, manifests) for manifest in manifests]
    names = {lane.name: lane.manifest.name for lane in lanes}
    corpus = load().cases
    cases = {kind: select(corpus, patterns) for kind, patterns in kinds.items()}
    site = HostSite()
    verdicts: dict[str, list[Verdict]] = {lane.manifest.name: [] for lane in lanes}
    started: set[str] = set()
    failed: dict[str, str] = {}
    try:
        prepared = site.prepare(lanes, lambda _: None)
        assert [one.reason for one in prepared] == [None] * len(prepared)
        mock = site.open(hosts([case for chosen in cases.values() for case in chosen]))
        trials = [(one, [cases[names[one.lane.name]]]) for one in prepared]
        for event in run_trials(site, mock, trials, limits, jobs=4):
            if isinstance(event, TrialJudged):
                verdicts[names[event.verdict.lane]].append(event.verdict)
            elif isinstance(event, LaneStarted):
                started.add(names[event.prepared.lane.name])
            else:
                failed[names[event.prepared.lane.name]] = event.reason
    finally:
        site.close()
    return Ran(verdicts=verdicts, started=frozenset(started), failed=failed)
