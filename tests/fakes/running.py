"""Fakes through the whole path: the engine, a real mock, child processes, the judge."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fakes.build import write_runner, write_turns
from fakes.harmless import FREEDOMS
from fakes.reference.runner import CAPABILITIES
from fakes.twist import Twist
from fakes.wrong import DEFECTS

from conformance.corpus.load import load
from conformance.corpus.selection import environment_of, hosts, needs, select
from conformance.engine.events import LaneStarted, TrialJudged
from conformance.engine.job import LaneLimits
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.model.verdict import Outcome, Verdict
from conformance.runner.discovery import parse_lane, read_manifest
from conformance.runner.host import HostSite

# Cases with which a false alarm about a freedom would show; each defect names its own.
TELLING = (
    "process/sen/*", "auth/token/*", "errors/service/*", "naming/keys/*", "naming/reserved/*",
    "bodies/count/one", "bodies/count/three", "bodies/numbers/*", "transport/coding/gzip",
    "transport/coding/gzip-two-members", "transport/threads/eight-fresh",
    "transport/threads/same-object", "transport/readers/first-bytes",
    "errors/retries/503-token", "errors/retries/503-token-presigned",
    "transport/coding/on-demand-*", "transport/retry/after-503", "transport/redirect/same-object",
    "transport/redirect/other-host-302", "process/presigned/bodies", "process/presigned/key-space",
    "process/strings/space*", "auth/clock/ahead-then-right", "auth/clock/refusal-with-odd-date",
    "auth/moving-clock/second-call-v4",
    "transport/proxies/password", "transport/proxies/wrong-password",
)  # fmt: skip
# Kinds that take turns in one lane; there are enough of them for lanes that run at the same time.
TOGETHER = 12
ABLE = frozenset(CAPABILITIES)
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

    def clockless(self, lane: str) -> bool:
        """Whether cases were skipped because libfaketime is not installed."""
        skipped = (v.reason for v in self.verdicts[lane] if v.outcome is Outcome.SKIP)
        return any(reason == "missing capability: clock" for reason in skipped)

    def reasons(self, lane: str) -> list[str]:
        """Why trials of a lane did not tell."""
        return [v.reason for v in self.verdicts[lane] if v.outcome is Outcome.ERROR]

    def outcomes(self, lane: str) -> set[Outcome]:
        return {verdict.outcome for verdict in self.verdicts[lane]}


def shown_by(twists: Mapping[str, Twist]) -> dict[str, tuple[str, ...]]:
    """Each kind with its own cases and the ordinary ones."""
    return {kind: (*twist.cases, *ORDINARY) for kind, twist in twists.items()}


def run(
    kinds: Mapping[str, tuple[str, ...]],
    folder: Path,
    limits: LaneLimits | None = None,
    *,
    in_turn: Collection[str] = (),
) -> Ran:
    """What comes of each kind of fake on the cases that its patterns choose.

    in_turn: kinds of one program that may share a lane: a start takes longer than their cases.
    """
    corpus = load().cases
    cases = {kind: select(corpus, patterns) for kind, patterns in kinds.items()}
    lanes = _shared_by(cases, in_turn)
    made = (_made(folder, name, {kind: len(cases[kind]) for kind in lanes[name]}) for name in lanes)
    manifests = [read_manifest(runner) for runner in made]
    named = {lane.name: lane for lane in (parse_lane(one.name, manifests) for one in manifests)}
    members = {name: lanes[lane.manifest.name] for name, lane in named.items()}
    order = {name: [(k, case) for k in some for case in cases[k]] for name, some in members.items()}
    expected = {name: iter(pairs) for name, pairs in order.items()}
    site = HostSite()
    verdicts: dict[str, list[Verdict]] = {kind: [] for kind in kinds}
    started: set[str] = set()
    failed: dict[str, str] = {}
    try:
        prepared = site.prepare(list(named.values()), lambda _: None)
        assert [one.reason for one in prepared] == [None] * len(prepared)
        mock = site.open(hosts([case for chosen in cases.values() for case in chosen]))
        trials = [(one, [[case for _, case in order[one.lane.name]]]) for one in prepared]
        for event in run_trials(site, mock, trials, limits, jobs=4):
            if isinstance(event, TrialJudged):
                kind, case = next(expected[event.verdict.lane])
                assert event.case == case
                verdicts[kind].append(event.verdict)
            elif isinstance(event, LaneStarted):
                started.update(members[event.prepared.lane.name])
            else:
                failed |= dict.fromkeys(members[event.prepared.lane.name], event.reason)
    finally:
        site.close()
    return Ran(verdicts=verdicts, started=frozenset(started), failed=failed)


def _shared_by(
    cases: Mapping[str, Sequence[Case]], in_turn: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The kinds of each lane, by its name."""
    sharing = [kind for kind in cases if kind in in_turn and _shares(kind, cases[kind])]
    alone = {kind: (kind,) for kind in cases if kind not in set(sharing)}
    parts = range(0, len(sharing), TOGETHER)
    return {f"turns-{at}": tuple(sharing[at : at + TOGETHER]) for at in parts} | alone


def _shares(kind: str, cases: Sequence[Case]) -> bool:
    """Whether a kind leaves nothing to the next, and each of its cases begins in its process."""
    twist = (DEFECTS | FREEDOMS)[kind]
    usual = all(environment_of(case) is None and needs(case) <= ABLE for case in cases)
    return usual and twist.alone and not twist.can


def _made(folder: Path, name: str, cases: Mapping[str, int]) -> Path:
    """The runner folder of a lane."""
    if name in cases:
        return write_runner(folder, kind=name, seconds=8)
    return write_turns(folder, name=name, cases=cases)
