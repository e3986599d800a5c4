"""The lanes of a fuzz, side by side: examples in, what each lane made of them out.

`put` hands an example to every lane and returns; each lane goes at its own speed,
a bounded number of examples ahead of the slowest. `ask` waits for the answers to one example on
clients of its own.
"""

import queue
import threading
from collections.abc import Callable, Sequence

from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane import Job, Lane
from conformance.model.case import Case
from conformance.model.message import Started
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Site

# Examples under way; enough that no lane waits for another's hiccup, few enough to hold in memory.
AHEAD = 64

Done = Callable[[tuple[Judged, ...]], None]


class LanePool:
    """The lanes: `with Field(site, mock, prepared) as field:`; `lost` says which did not start."""

    def __init__(
        self, site: Site, mock: MockClient, prepared: Sequence[PreparedLane], *, limit: float = 10.0
    ) -> None:
        self._lanes = {
            one.lane.name: Lane(site, mock, one, limit=limit, failed=self._failed)
            for one in prepared
        }
        self._places = threading.Semaphore(AHEAD)
        self._error: Exception | None = None

    def __enter__(self) -> "LanePool":
        for lane in self._lanes.values():
            lane.start()
        for lane in self._lanes.values():
            lane.ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes.values():
            lane.stop()

    @property
    def lanes(self) -> tuple[str, ...]:
        """Names of the lanes that are up."""
        return tuple(name for name, lane in self._lanes.items() if not lane.lost)

    @property
    def lost(self) -> dict[str, str]:
        """Lanes that did not start or would not start again, each with the reason."""
        return {name: lane.lost for name, lane in self._lanes.items() if lane.lost}

    @property
    def started(self) -> dict[str, Started]:
        """What each lane's runner said of itself."""
        return {name: lane.told for name, lane in self._lanes.items() if lane.told is not None}

    def put(self, example: Example, done: Done) -> None:
        """Have every lane take an example; `done` is called from a lane's thread with all shots.

        Plain calls share each lane's kept client, as a program's do; several calls get one of
        their own, and a call with another key pair a fresh one.
        """
        several = len(example.calls) > 1
        self._raise()
        self._take_place()
        cases = self._cases(example, several or example.credentials is None, self.lanes)
        self._send(cases, several, done, self._places.release)

    def ask(self, example: Example, lanes: Sequence[str] | None = None) -> tuple[Judged, ...]:
        """The shots of an example on clients of its own, on these lanes (all)."""
        return self.run(self._cases(example, len(example.calls) > 1, lanes or self.lanes))

    def run(self, cases: dict[str, Case]) -> tuple[Judged, ...]:
        """The shots of a case for each lane, on clients of its own."""
        came: queue.Queue[tuple[Judged, ...]] = queue.Queue()
        self._send(cases, True, came.put, _nothing)
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
        self, cases: dict[str, Case], new_case: bool, done: Done, after: Callable[[], None]
    ) -> None:
        gathering = _Gathering(len(cases), done, after)
        if not cases:
            gathering.finish()
        for name, case in cases.items():
            self._lanes[name].jobs.put(Job(case=case, done=gathering.take, new_case=new_case))

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

    def _failed(self, error: Exception) -> None:
        self._error = error

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error


def _nothing() -> None:
    """For what need not give a place back."""


class _Gathering:
    """Collects the shots of one example from the lanes' threads."""

    def __init__(self, count: int, done: Done, after: Callable[[], None]) -> None:
        self._count, self._done, self._after = count, done, after
        self._shots: list[Judged] = []
        self._lock = threading.Lock()

    def take(self, shot: Judged) -> None:
        with self._lock:
            self._shots.append(shot)
            whole = len(self._shots) == self._count
        if whole:
            self.finish()

    def finish(self) -> None:
        try:
            self._done(tuple(sorted(self._shots, key=lambda shot: shot.lane)))
        finally:
            self._after()
