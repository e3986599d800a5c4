"""What a results file holds, as values: a class for each type of line, and one for the file."""

from dataclasses import dataclass
from typing import Any

from conformance.model.case import Provenance
from conformance.model.verdict import Agreement, ProfileItem, Verdict

NO_ID = "0" * 16  # the id of a run that has not ended
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """The `run` line: what was asked for, and where it ran."""

    suite: str  # version of the suite
    vectors: str  # SHA-256 of the vector files, hex
    seed: int | None
    mode: str  # `container` or `host`
    endpoint: str  # `mock`, or a live endpoint
    lanes: tuple[str, ...]
    cases: tuple[str, ...]  # the patterns that were asked for; none: every case
    shard: str | None
    started: str  # RFC 3339, UTC
    machine: str
    timeout: float | None = None  # seconds for one call; None: the default of the command
    # Paths relative to the folder in which the command ran: vector files that took the place of
    # the corpus, and known-failing lists besides those of the runners.
    vector_files: tuple[str, ...] = ()
    known_failing: tuple[str, ...] = ()
    id: str = NO_ID  # known when the file is read


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A `case` line: what outputs say of a case beside its verdicts."""

    case: str
    title: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRecord:
    """A `lane` line: what a lane loaded, or why it did not run."""

    lane: str
    language: str
    status: str = "ran"  # or `not-run`
    sdk: str | None = None
    sdk_version: str | None = None  # the one that was loaded
    checksum: str | None = None
    runtime: str | None = None
    os: str | None = None
    image: str | None = None  # digest, container mode
    reason: str | None = None  # why it did not run; from the second line on, the remedy
    exposes: tuple[str, ...] = ()  # the error fields that its SDK fills
    dependencies: tuple[tuple[str, str], ...] = ()  # loaded libraries: name and version
    defaults: tuple[tuple[str, str], ...] = ()  # what the SDK says of its defaults, by setting
    # Of a runner that the suite does not ship, relative to the folder in which the command ran.
    folder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """An `agreement` line: how the lanes compare on one case."""

    agreement: Agreement
    suspect: bool = False  # every lane failed alike


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneProfile:
    """A `profile` line: what a lane did, over all cases, where the documentation leaves it open."""

    lane: str
    items: tuple[ProfileItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Trials by outcome, cases by agreement."""

    passed: int = 0  # `pass` in the file, a keyword in Python
    fail: int = 0  # the known ones included
    error: int = 0
    skip: int = 0
    known_failing: int = 0
    not_run: int = 0  # trials of lanes that did not run
    agree: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The `end` line, which is the last one."""

    counts: Counts
    exit: int  # the exit code
    seconds: float  # duration of the run
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A results file as read. Every verdict has its case in `cases`."""

    run: RunHeader
    lanes: tuple[LaneRecord, ...]  # in the order of the file; of a lane's records the last counts
    verdicts: tuple[Verdict, ...]
    agreements: tuple[AgreementRecord, ...]
    end: End | None  # None: the file was cut
    genuine: bool  # whether the id follows from the lines
    cases: tuple[CaseRecord, ...] = ()
    fuzz: Json | None = None  # the `fuzz` line, of a fuzz
    profiles: tuple[LaneProfile, ...] = ()
