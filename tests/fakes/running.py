"""Fakes through the whole path: the engine, a real mock, child processes, the judge."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fakes.build import write_runner

from conformance import engine
from conformance.corpus.load import load
from conformance.corpus.plan import hosts, select
from conformance.model.verdict import Outcome, Verdict
from conformance.runner.host import HostSite
from conformance.runner.manifest import parse_lane, read_manifest

# Cases that show every defect of the table at least once; see `given` there.
TELLING = (
    "process/sen/*", "auth/token/*", "errors/service/*", "naming/keys/*", "naming/reserved/*",
    "bodies/count/*",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a run: verdicts by lane, lanes that started, lanes that could not."""

    verdicts: dict[str, list[Verdict]]
    started: frozenset[str]
    failed: dict[str, str]

    def rules(self, lane: str) -> set[str]:
        return {finding.rule for verdict in self.verdicts[lane] for finding in verdict.findings}

    def outcomes(self, lane: str) -> set[Outcome]:
        return {verdict.outcome for verdict in self.verdicts[lane]}


def run(
    kinds: Iterable[str], patterns: tuple[str, ...], folder: Path, pace: engine.Pace | None = None
) -> Ran:
    manifests = [read_manifest(write_runner(folder, kind=kind, seconds=3)) for kind in kinds]
    lanes = [parse_lane(manifest.name, manifests) for manifest in manifests]
    names = {lane.name: lane.manifest.name for lane in lanes}
    cases = select(load().cases, patterns)
    site = HostSite()
    verdicts: dict[str, list[Verdict]] = {lane.manifest.name: [] for lane in lanes}
    started: set[str] = set()
    failed: dict[str, str] = {}
    try:
        prepared = site.prepare(lanes, lambda _: None)
        assert [one.reason for one in prepared] == [None] * len(prepared)
        mock = site.open(hosts(cases))
        pace = pace or engine.Pace(jobs=4)
        for event in engine.run(site, mock, [(one, cases) for one in prepared], pace):
            if isinstance(event, engine.Judged):
                verdicts[names[event.verdict.lane]].append(event.verdict)
            elif isinstance(event, engine.LaneStarted):
                started.add(names[event.prepared.lane.name])
            else:
                failed[names[event.prepared.lane.name]] = event.reason
    finally:
        site.close()
    return Ran(verdicts=verdicts, started=frozenset(started), failed=failed)
