"""The lanes of a fuzz, side by side: examples in, one judged trial for each lane out.

`put` gives an example to every lane and returns; each lane goes at its own speed, at most `AHEAD`
examples before the slowest. `ask` waits for the trials of one example. `open_lanes` is the
beginning of a test module: `with open_lanes("python") as lanes:`.
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

# Examples under way: enough that a short delay of one lane stops no other, few enough for memory.
AHEAD = 64
# Seconds for one call: no answer of an example makes an SDK wait, and its read timeout is 5 s.
CALL_LIMIT = 10.0

Done = Callable[[tuple[Judged, ...]], None]


class LanePool:
    """Lanes that are up: `with LanePool(site, mock, prepared) as lanes:`.

    limit: seconds for one call. `lost` says which lanes did not start or were given up.
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
            limits=LaneLimits(call=limit, start_is_answer=True),
            report=lambda _: None,
            ended=self._ended,
            slots=threading.Semaphore(max(1, len(prepared))),
            stop=threading.Event(),
        )
        self._lanes = {one.lane.name: LaneWorker(context, one) for one in prepared}
        self._places = threading.Semaphore(AHEAD)

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
        """Names of the lanes that are up."""
        return tuple(name for name, lane in self._lanes.items() if not lane.lost)

    @property
    def lost(self) -> dict[str, str]:
        """Lanes that did not start or were given up, each with the reason."""
        return {name: lane.lost for name, lane in self._lanes.items() if lane.lost}

    @property
    def started(self) -> dict[str, Started]:
        """The `started` message of each lane that came up."""
        return {name: one.started for name, one in self._lanes.items() if one.started is not None}

    def put(self, example: Example, done: Done) -> None:
        """Give an example to every lane; `done` gets its trials in the thread of a lane.

        Plain calls share the kept client of a lane, as those of a program do: no new case begins
        for them. Several calls get a client of their own, and another key pair a fresh one.
        """
        several = len(example.calls) > 1
        self._raise()
        self._take_place()
        # Once every lane is given up they say why, so that the search comes to its end.
        kept = several or example.credentials is None
        cases = self._cases(example, kept, self.lanes or tuple(self.started))
        self._send(cases, done, new_case=several, after=self._places.release)

    def ask(self, example: Example, lanes: Sequence[str] | None = None) -> tuple[Judged, ...]:
        """The trials of an example on clients of its own, on these lanes (all)."""
        return self.run(self._cases(example, len(example.calls) > 1, lanes or self.lanes))

    def run(self, cases: Mapping[str, Case]) -> tuple[Judged, ...]:
        """The trials of these cases, by lane; each is a new case for its runner."""
        came: queue.Queue[tuple[Judged, ...]] = queue.Queue()
        self._send(cases, came.put)
        while True:
            self._raise()
            try:
                return came.get(timeout=1.0)
            except queue.Empty:
                continue

    def drain(self) -> None:
        """Wait until every example that was put is done."""
        for _ in range(AHEAD):
            self._take_place()
        for _ in range(AHEAD):
            self._places.release()
        self._raise()

    def _send(
        self,
        cases: Mapping[str, Case],
        done: Done,
        *,
        new_case: bool = True,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        gathering = _Gathering(len(cases), done, after)
        if not cases:
            gathering.finish()
        for name, case in cases.items():
            self._lanes[name].put(Job(case=case, done=gathering.take, new_case=new_case))

    def _take_place(self) -> None:
        while not self._places.acquire(timeout=1.0):
            self._raise()

    def _cases(self, example: Example, kept: bool, lanes: Sequence[str]) -> dict[str, Case]:
        """The same case for all lanes that can keep a client: its script is then written once."""
        made: dict[bool, Case] = {}
        cases: dict[str, Case] = {}
        for lane in lanes:
            can = kept and "kept" in self._lanes[lane].can
            if can not in made:
                made[can] = case_of(example, kept=can)
            cases[lane] = made[can]
        return cases

    def _ended(self, error: Exception | None) -> None:
        self._error = self._error or error

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


class _Gathering:
    """Collects the trials of one example from the threads of the lanes."""

    def __init__(self, count: int, done: Done, after: Callable[[], None]) -> None:
        self._count, self._done, self._after = count, done, after
        self._trials: list[Judged] = []
        self._lock = threading.Lock()

    def take(self, case: Case, transcript: Transcript) -> None:
        """Judge the trial of one lane; the last lane ends the example."""
        trial = judged(case, transcript)
        with self._lock:
            self._trials.append(trial)
            complete = len(self._trials) == self._count
        if complete:
            self.finish()

    def finish(self) -> None:
        """Hand over what was collected."""
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
    """Lanes of these names, up and ready, for a test module; see `conformance.fuzz`.

    runners: folders of runners from elsewhere (runners/README.md). limit: seconds for one call.
    Raises InputError for a name that is not known and CannotRunError, with a remedy, for a lane
    that cannot be built or started here.
    """
    place = "container" if containers else "host"
    options = SessionOptions(lanes=lanes, runners=tuple(runners), place=place)
    with open_session(set_up(options), lambda _: None) as session:
        prepared = session.prepare(lambda _: None)
        for one in prepared:
            if one.reason is not None:
                raise CannotRunError(step="build", reason=one.reason, remedy=one.remedy)
        mock = session.site.open(hosts([case_of(Example())]))
        with LanePool(session.site, mock, prepared, limit=limit) as pool:
            for name, reason in pool.lost.items():
                raise CannotRunError(step="start", reason=f"{name}: {reason}")
            yield pool
