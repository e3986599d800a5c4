"""The common start of runs and fuzzing: lanes, known-failing lists, a calibrated verifier, a site.

`set_up` checks the options and starts nothing. `open_session` calibrates the verifier, opens the
site and closes it at the end. `oss-bodies run`, `oss-bodies fuzz` and `fuzz.open_lanes` use both;
nothing here depends on the command line.
"""

import contextlib
import os
import platform
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from conformance import __version__
from conformance.calibration.calibrating import calibrated
from conformance.corpus.known_failing import KnownList
from conformance.errors import EngineMissingError
from conformance.model.manifest import Lane, Manifest
from conformance.results import RunHeader
from conformance.runner.build import pins_of, source_of
from conformance.runner.checkout import checkout
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import manifests, parse_lane
from conformance.runner.host import HostSite
from conformance.runner.known_lists import known_lists
from conformance.runner.releases import expanded, explained
from conformance.runner.site import PreparedLane, Site, Tell

_Handler = Callable[[int, FrameType | None], None] | signal.Handlers
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """The options of a run or a fuzz; the defaults are those of the command line."""

    # Names of lanes, besides those of `runners`; without either, all lanes of the suite. A range of
    # versions (`java@all`) stands for one lane for each.
    lanes: tuple[str, ...] = ()
    # Folders of runners that are not part of the suite.
    runners: tuple[Path, ...] = ()
    # Known-failing lists in addition to those of the runners.
    known_failing: tuple[Path, ...] = ()
    # `container`, `host`, or `auto`: containers if a Docker engine answers and has the base image.
    place: str = "auto"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Checked options: everything that they name exists. Nothing has been started."""

    lanes: tuple[Lane, ...]
    # Lanes that were requested by name: the exit code is 3 if one of them cannot run.
    required: frozenset[str]
    lists: tuple[KnownList, ...]
    place: str
    # Start of the run, by time.monotonic().
    began: float
    # The same as a date and time (RFC 3339, UTC); known failures expire by its date.
    started: str = field(default_factory=_now)

    @property
    def date(self) -> str:
        """The day on which the run started, in UTC, such as 2026-11-29."""
        return self.started[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open site and the lanes to run there. The verifier is calibrated."""

    setup: Setup
    site: Site

    def header(
        self, *, vectors: str, seed: int | None, cases: Sequence[str] = (), shard: str | None = None
    ) -> RunHeader:
        """The header of the results. vectors: the digest of the corpus."""
        return RunHeader(
            suite=__version__,
            vectors=vectors,
            seed=seed,
            mode=self.site.mode,
            endpoint="mock",
            lanes=tuple(lane.name for lane in self.setup.lanes),
            cases=tuple(cases),
            shard=shard,
            started=self.setup.started,
            machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        )

    def prepare(self, tell: Tell) -> tuple[PreparedLane, ...]:
        """Build the lanes; a lane that cannot be built has a `reason`."""
        return explained(tuple(map(_identified, self.site.prepare(self.setup.lanes, tell))))


def _identified(prepared: PreparedLane) -> PreparedLane:
    path = prepared.lane.path
    if path is None or prepared.reason is not None:
        return prepared
    return replace(prepared, checkout=checkout(path))


def set_up(
    options: SessionOptions, case_ids: Sequence[str] = (), tell: Tell = lambda _text: None
) -> Setup:
    """Check the options; raises InputError for the first mistake.

    For a range of versions the registry is asked; raises CannotRunError if it does not answer.
    case_ids: those of the whole corpus; if empty, known-failing lists are not read. tell: called
    with a line of progress before a registry is asked.
    """
    began = time.monotonic()
    found = manifests(options.runners)
    added = found[len(found) - len(options.runners) :]
    named = lanes_of(expanded(options.lanes, found, tell=tell), found) if options.lanes else ()
    taken = {lane.manifest.name for lane in named}
    more = [manifest.name for manifest in added if manifest.name not in taken]
    lanes = (*named, *(lanes_of(more, found) if more or not named else ()))
    return Setup(
        lanes=lanes,
        required=frozenset(lane.name for lane in named),
        lists=known_lists(found, options.known_failing, case_ids) if case_ids else (),
        place=options.place,
        began=began,
    )


@contextlib.contextmanager
def open_session(setup: Setup, tell: Tell) -> Iterator[Session]:
    """Calibrate the verifier and open the site; close the site at the end.

    tell: called with each line of progress. Raises CalibrationError if no verdict may be given, and
    EngineMissingError if container mode was requested and is not available.
    """
    calibrated()
    site = site_for(setup.place, tell=tell)
    try:
        yield Session(setup=setup, site=site)
    finally:
        with uninterrupted():
            site.close()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore what interrupts; only the main thread can, so elsewhere this does nothing."""
    with _interrupted_by(signal.SIG_IGN):
        yield


@contextlib.contextmanager
def interrupted_afterwards() -> Iterator[None]:
    """Raise KeyboardInterrupt for what interrupts meanwhile, but at the end; as above, main thread.

    For what must not be left half done, such as a file that is being written.
    """
    came: list[int] = []
    with _interrupted_by(lambda number, _: came.append(number)):
        yield
    if came:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _interrupted_by(
    handler: Callable[[int, FrameType | None], None] | signal.Handlers,
) -> Iterator[None]:
    """Another handler of the signals that interrupt, if this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.signal(number, handler) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, before in handlers.items():
            signal.signal(number, before)


def lanes_of(names: Sequence[str], known: Sequence[Manifest]) -> tuple[Lane, ...]:
    """The lanes with these names, each once; without names, the lane of each manifest.

    The checkouts of a runner are numbered in their order.
    """
    lanes: dict[tuple[str, ...], Lane] = {}
    checkouts: Counter[str] = Counter()
    for lane in (parse_lane(n, known) for n in names or [manifest.name for manifest in known]):
        key = (lane.manifest.name, source_of(lane), *pins_of(lane))
        if key not in lanes:
            checkouts[lane.manifest.name] += lane.path is not None
            number = checkouts[lane.manifest.name] if lane.path is not None else 1
            lanes[key] = replace(lane, number=number)
    return tuple(lanes.values())


def site_for(place: str, *, tell: Tell) -> Site:
    """The site for `container`, `host` or `auto`; see `SessionOptions.place`."""
    if place == "host":
        return HostSite()
    try:
        site = ContainerSite.connect(tell)
    except EngineMissingError as error:
        if place == "container":
            raise
        tell(f"host mode: {error.reason}; for container mode: {error.remedy}")
        return HostSite()
    if place == "auto":
        tell("container mode: a Docker engine answers and has the base image")
    return site
