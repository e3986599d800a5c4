"""The values of a results file: a class for each type of line and one for the whole file."""

from dataclasses import dataclass
from typing import Any

from conformance.model.case import Provenance
from conformance.model.live_target import LiveTarget
from conformance.model.manifest import Checkout
from conformance.model.verdict import Agreement, ProfileItem, Verdict

NO_ID = "0" * 16  # the id of a run that has not ended
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """The `run` line: what was selected and where it ran."""

    suite: str  # version of the suite
    vectors: str  # SHA-256 of the vector files, hex
    seed: int | None
    mode: str  # `container` or `host`
    endpoint: str  # `mock`, or a live endpoint
    lanes: tuple[str, ...]
    cases: tuple[str, ...]  # the patterns of --case; empty: every case
    shard: str | None
    started: str  # RFC 3339, UTC
    machine: str
    timeout: float | None = None  # seconds for one call; None: the default of the command
    # Paths relative to the working folder of the command: vector files used in place of the corpus,
    # and known-failing lists in addition to those of the runners.
    vector_files: tuple[str, ...] = ()
    known_failing: tuple[str, ...] = ()
    live: LiveTarget | None = None  # what a live run asked for; None: a run against the mock
    id: str = NO_ID  # NO_ID while the file is being written


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A `case` line: what reports show about a case besides its verdicts."""

    case: str
    title: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRecord:
    """A `lane` line: the SDK and runtime of a lane, or why it did not run."""

    lane: str
    language: str
    status: str = "ran"  # or `not-run`
    sdk: str | None = None
    sdk_version: str | None = None  # as loaded by the runner
    checksum: str | None = None
    checkout: Checkout | None = None  # of a lane that is one
    runtime: str | None = None
    os: str | None = None
    image: str | None = None  # digest; None in host mode
    reason: str | None = None  # why it did not run; from the second line on, the remedy
    exposes: tuple[str, ...] = ()  # the error fields that its SDK exposes
    dependencies: tuple[tuple[str, str], ...] = ()  # loaded libraries: name and version
    defaults: tuple[tuple[str, str], ...] = ()  # what the SDK says of its defaults, by setting
    # Of a runner that the suite does not ship, relative to the working folder of the command.
    folder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """An `agreement` line: how the lanes compare on one case."""

    agreement: Agreement
    suspect: bool = False  # every lane failed alike


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneProfile:
    """A `profile` line: behaviour of a lane that the documentation leaves open, over all cases."""

    lane: str
    items: tuple[ProfileItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The number of trials by outcome and of compared cases by agreement."""

    passed: int = 0  # `pass` in the file, which is a keyword in Python
    fail: int = 0  # including known failures
    error: int = 0
    skip: int = 0
    known_failing: int = 0
    not_run: int = 0  # trials of lanes that did not run
    agree: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The `end` line, the last of a complete file."""

    counts: Counts
    exit: int  # the exit code
    seconds: float  # duration of the run
    interrupted: bool = False
    reason: str | None = None  # why a live run ended early, with what to do
    # The check of the last line of `transcripts.jsonl`, which stands for the file; set when it is
    # written.
    transcripts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A results file that was read; `cases` has the case of every verdict."""

    run: RunHeader
    lanes: tuple[LaneRecord, ...]  # in file order; the last record of a lane counts
    verdicts: tuple[Verdict, ...]
    agreements: tuple[AgreementRecord, ...]
    end: End | None  # None: the file is truncated
    genuine: bool  # whether the id matches the lines and no line was changed
    cases: tuple[CaseRecord, ...] = ()
    fuzz: Json | None = None  # the `fuzz` line; None for a run
    profiles: tuple[LaneProfile, ...] = ()
    altered: int | None = None  # the first line that was changed after it was written
