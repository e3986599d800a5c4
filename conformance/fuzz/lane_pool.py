"""Runs examples on all lanes of a fuzz in parallel and judges their trials.

`put` queues an example on every lane and returns; no lane gets more than `AHEAD` examples ahead of
the slowest. `ask` waits for the trials of one example. `open_lanes` starts lanes for a test module:
`with open_lanes("python") as lanes:`.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from conformance.corpus.selection import hosts
from conformance.engine.job import Job, LaneContext, LaneLimits
from conformance.engine.lane import LaneWorker
from conformance.errors import CannotRunError
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.judged import Judged, judged
from conformance.model.case import Case
from conformance.model.message import Started
from conformance.model.verdict import Transcript
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Site
from conformance.session import SessionOptions, open_session, set_up

# Examples in progress: enough that a short delay of one lane does not stop the others, few enough
# to limit memory.
AHEAD = 64
# Seconds for one call: examples have no delayed answers, and the read timeout of the SDKs is 5 s.
CALL_LIMIT = 10.0

Done = Callable[[tuple[Judged, ...]], None]


class LanePool:
    """Running lanes: `with LanePool(site, mock, prepared) as lanes:`.

    limit: seconds for one call. `lost` has the lanes that did not start or were given up.
    """

    def __init__(
        self,
        site: Site,
        mock: MockClient,
        prepared: Sequence[PreparedLane],
        *,
        limit: float = CALL_LIMIT,
    ) -> None:
        self._limit = limit
        self._error: Exception | None = None
        context = LaneContext(
            site=site,
            mock=mock,
            limits=LaneLimits(call=limit),
            report=lambda _: None,
            ended=self._ended,
            slots=threading.Semaphore(max(1, len(prepared))),
            stop=threading.Event(),
        )
        self._lanes = {built.lane.name: LaneWorker(context, built) for built in prepared}
        self._slots = threading.Semaphore(AHEAD)

    def __enter__(self) -> Self:
        for lane in self._lanes.values():
            lane.start()
        for lane in self._lanes.values():
            lane.ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes.values():
            lane.close()
        for lane in self._lanes.values():
            lane.join(timeout=2 * self._limit)

    @property
    def lanes(self) -> tuple[str, ...]:
        """The names of the lanes that are running."""
        return tuple(name for name, lane in self._lanes.items() if not lane.state.lost)

    @property
    def lost(self) -> dict[str, str]:
        """The reason for each lane that did not start or was given up."""
        return {name: lane.state.lost for name, lane in self._lanes.items() if lane.state.lost}

    @property
    def started(self) -> dict[str, Started]:
        """The `started` message of each lane that started."""
        return {
            name: lane.state.started for name, lane in self._lanes.items() if lane.state.started
        }

    def put(self, example: Example, done: Done) -> None:
        """Queue an example on every lane; `done` is called with its trials in the thread of a lane.

        Single calls with the default key pair share the kept client of a lane, without a new case.
        Several calls get their own client, and another key pair a fresh one.
        """
        several = len(example.calls) > 1
        self._raise()
        self._take_slot()
        # Lanes that were given up return the reason, so a search without running lanes still ends.
        kept = several or example.credentials is None
        cases = self._cases(example, kept, self.lanes or tuple(self.started))
        self._send(cases, done, new_case=several, after=self._slots.release)

    def ask(self, example: Example, lanes: Sequence[str] | None = None) -> tuple[Judged, ...]:
        """The trials of an example on new clients. lanes: default is all."""
        return self.run(self._cases(example, len(example.calls) > 1, lanes or self.lanes))

    def run(self, cases: Mapping[str, Case]) -> tuple[Judged, ...]:
        """The trials of cases by lane; each begins a new case in its runner."""
        results: queue.Queue[tuple[Judged, ...]] = queue.Queue()
        self._send(cases, results.put)
        while True:
            self._raise()
            try:
                return results.get(timeout=1.0)
            except queue.Empty:
                continue

    def drain(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until every queued example is done. meanwhile: called again and again."""
        for _ in range(AHEAD):
            self._take_slot(meanwhile)
            meanwhile()
        self._slots.release(AHEAD)
        self._raise()

    def _send(
        self,
        cases: Mapping[str, Case],
        done: Done,
        *,
        new_case: bool = True,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        collector = _Collector(len(cases), done, after)
        if not cases:
            collector.finish()
        for name, case in cases.items():
            self._lanes[name].put(Job(case=case, done=collector.add, new_case=new_case))

    def _take_slot(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        while not self._slots.acquire(timeout=1.0):
            self._raise()
            meanwhile()

    def _cases(self, example: Example, kept: bool, lanes: Sequence[str]) -> dict[str, Case]:
        """Lanes that can keep a client share one case, so that its script is encoded once."""
        keeps = {lane: kept and "kept" in self._lanes[lane].can for lane in lanes}
        cases = {keep: case_of(example, kept=keep) for keep in set(keeps.values())}
        return {lane: cases[keep] for lane, keep in keeps.items()}

    def _ended(self, error: Exception | None) -> None:
        self._error = self._error or error

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


class _Collector:
    """Collects the trials of one example from the threads of the lanes."""

    def __init__(self, count: int, done: Done, after: Callable[[], None]) -> None:
        self._count, self._done, self._after = count, done, after
        self._trials: list[Judged] = []
        self._lock = threading.Lock()

    def add(self, case: Case, transcript: Transcript) -> None:
        """Judge the trial of one lane; with the last lane the example is finished."""
        trial = judged(case, transcript)
        with self._lock:
            self._trials.append(trial)
            complete = len(self._trials) == self._count
        if complete:
            self.finish()

    def finish(self) -> None:
        """Pass the trials on, in the order of the lanes' names."""
        try:
            self._done(tuple(sorted(self._trials, key=lambda trial: trial.lane)))
        finally:
            self._after()


@contextmanager
def open_lanes(
    *lanes: str,
    runners: Sequence[Path] = (),
    containers: bool = False,
    limit: float = CALL_LIMIT,
) -> Iterator[LanePool]:
    """Start the named lanes for a test module; see `conformance.fuzz`.

    runners: folders of additional runners (runners/README.md). limit: seconds for one call.
    Raises InputError for an unknown name and CannotRunError, with a remedy, for a lane that cannot
    be built or started.
    """
    place = "container" if containers else "host"
    options = SessionOptions(lanes=lanes, runners=tuple(runners), place=place)
    with open_session(set_up(options), lambda _: None) as session:
        prepared = session.prepare(lambda _: None)
        for lane in prepared:
            if lane.reason is not None:
                raise CannotRunError(step="build", reason=lane.reason, remedy=lane.remedy)
        mock = session.site.open(hosts([case_of(Example())]))
        with LanePool(session.site, mock, prepared, limit=limit) as pool:
            for name, reason in pool.lost.items():
                raise CannotRunError(step="start", reason=f"{name}: {reason}")
            yield pool
