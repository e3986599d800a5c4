"""What `run` and `fuzz` write down alike of themselves and of a lane.

Pure but for the clock, the machine and the working folder.
"""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from conformance import __version__
from conformance.model.manifest import Lane
from conformance.model.message import Started
from conformance.results import LaneRecord, RunHeader
from conformance.runner.site import PreparedLane


def begun(lanes: Sequence[Lane], *, vectors: str, seed: int, mode: str) -> RunHeader:
    """The header of a run of all cases that begins now on this machine; vectors: their digest."""
    return RunHeader(
        suite=__version__,
        vectors=vectors,
        seed=seed,
        mode=mode,
        endpoint="mock",
        lanes=tuple(lane.name for lane in lanes),
        cases=(),
        shard=None,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    )


def ran(prepared: PreparedLane, started: Started) -> LaneRecord:
    """The record of a lane whose runner said this of itself."""
    return LaneRecord(
        lane=prepared.lane.name,
        language=started.language,
        sdk=started.sdk,
        sdk_version=started.sdk_version,
        checksum=prepared.checksum,
        runtime=started.runtime,
        os=started.os,
        image=prepared.image,
        exposes=prepared.lane.manifest.exposes,
    )


def not_run(prepared: PreparedLane, reason: str) -> LaneRecord:
    """The record of a lane that did not run, and why."""
    manifest = prepared.lane.manifest
    return LaneRecord(
        lane=prepared.lane.name,
        language=manifest.language,
        status="not-run",
        sdk=manifest.sdk_package,
        sdk_version=None,
        reason=reason,
        exposes=manifest.exposes,
    )


def beside(folder: Path) -> str:
    """A folder as a command typed here would name it."""
    near = os.path.relpath(folder)
    return str(folder) if near.startswith("..") else near
