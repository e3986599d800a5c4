"""What every run begins with: lanes, known-failing lists, a calibrated verifier and a site.

`set_up` checks what was typed and starts nothing; `open_session` calibrates the verifier, connects
to the site and closes it at the end. `oss-bodies run`, `oss-bodies fuzz` and `fuzz.open_lanes`
begin here; nothing here knows of a command line.
"""

import contextlib
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conformance import __version__
from conformance.calibration.calibrating import calibrated
from conformance.corpus.known_failing import KnownList, unmatched
from conformance.corpus.load import load_known
from conformance.errors import EngineMissingError, SelectionError
from conformance.model.manifest import Lane, Manifest
from conformance.results import RunHeader
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import builtin, parse_lane, read_manifest
from conformance.runner.host import HostSite
from conformance.runner.site import PreparedLane, Site

Tell = Callable[[str], None]
KNOWN_FAILING = "known-failing.json"
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """What a caller chooses; the defaults are those of the command line."""

    # Names of lanes; none: those of `runners`, or all of the suite without any.
    lanes: tuple[str, ...] = ()
    # Folders of runners from elsewhere.
    runners: tuple[Path, ...] = ()
    # Known-failing lists besides those of the runners.
    known_failing: tuple[Path, ...] = ()
    # `container`, `host`, or `auto`: containers when a Docker engine and its base image are there.
    place: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Options that were checked: everything they name exists. Nothing has been started."""

    lanes: tuple[Lane, ...]
    # The lanes that were asked for by name: when one of them cannot run, that is an error.
    required: frozenset[str]
    lists: tuple[KnownList, ...]
    place: str
    # When it began, by time.monotonic().
    began: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open site and what is to run there. The verifier is calibrated."""

    setup: Setup
    site: Site

    def header(
        self, *, vectors: str, seed: int | None, cases: Sequence[str] = (), shard: str | None = None
    ) -> RunHeader:
        """The header of results that begin now. vectors: digest of the corpus; cases: patterns."""
        return RunHeader(
            suite=__version__,
            vectors=vectors,
            seed=seed,
            mode=self.site.mode,
            endpoint="mock",
            lanes=tuple(lane.name for lane in self.setup.lanes),
            cases=tuple(cases),
            shard=shard,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        )

    def prepare(self, tell: Tell) -> tuple[PreparedLane, ...]:
        """Build the lanes; one that cannot be built has its reason."""
        return tuple(self.site.prepare(self.setup.lanes, tell))


def set_up(options: SessionOptions, case_ids: Sequence[str] = ()) -> Setup:
    """Check the options; InputError with file, place, rule and remedy for the first mistake.

    case_ids: of the whole corpus. Without any, known-failing lists are not read.
    """
    began = time.monotonic()
    known = manifests(options.runners)
    lanes = lanes_of(options.lanes, known, own=len(options.runners))
    return Setup(
        lanes=lanes,
        required=frozenset(lane.name for lane in lanes) if options.lanes else frozenset(),
        lists=known_lists(known, options.known_failing, case_ids) if case_ids else (),
        place=options.place,
        began=began,
    )


@contextlib.contextmanager
def open_session(setup: Setup, tell: Tell) -> Iterator[Session]:
    """Calibrate the verifier and connect to the site, which is closed at the end.

    tell: is given what goes on, line by line. Raises CalibrationError when no verdict may be given,
    EngineMissingError when containers were asked for and cannot be had.
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
    """Ignore Ctrl-C and SIGTERM meanwhile. Without effect outside the main thread (signal(2))."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def manifests(folders: Sequence[Path] = ()) -> tuple[Manifest, ...]:
    """The runners of the suite, then those of the folders; SelectionError for a name used twice."""
    found = (*builtin(), *map(read_manifest, folders))
    names = [manifest.name for manifest in found]
    for manifest in found:
        if names.count(manifest.name) > 1:
            raise SelectionError(
                source=str(manifest.folder),
                place="/name",
                rule=f"two runners have the name {manifest.name!r}",
                remedy="give yours another name in its manifest",
            )
    return found


def lanes_of(names: Sequence[str], known: Sequence[Manifest], *, own: int = 0) -> tuple[Lane, ...]:
    """The lanes of these names; without any, those of the last `own` manifests, else all."""
    names = names or [manifest.name for manifest in known[len(known) - own if own else 0 :]]
    lanes = (parse_lane(name, known) for name in names)
    return tuple({lane.name: lane for lane in lanes}.values())


def known_lists(
    known: Sequence[Manifest], files: Sequence[Path], case_ids: Sequence[str]
) -> tuple[KnownList, ...]:
    """The list of each runner and those of the files; an entry must match a case of the corpus."""
    paths = ((manifest.folder / KNOWN_FAILING, manifest.name) for manifest in known)
    own = (load_known(path, runner=runner) for path, runner in paths if path.is_file())
    lists = (*own, *map(load_known, files))
    for listed, entry in unmatched(lists, case_ids):
        raise SelectionError(
            source=listed.source,
            place=entry.cases,
            rule="matches no case of the corpus",
            remedy="remove the entry or correct its pattern",
        )
    return lists


def site_for(place: str, *, tell: Tell) -> Site:
    """The site of a place; `auto` is a container site when engine and base image are there."""
    if place == "host":
        return HostSite()
    try:
        site = ContainerSite.connect(tell)
    except EngineMissingError as error:
        if place == "container":
            raise
        tell(f"host mode: {error.reason}; --in container would need: {error.remedy}")
        return HostSite()
    if place == "auto":
        tell("container mode: a Docker engine answers and has the base image")
    return site
