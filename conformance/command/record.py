"""The records that `run` and `fuzz` write of themselves and of a lane.

Pure but for the clock, the machine and the working folder.
"""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from conformance import __version__
from conformance.model.manifest import Lane, Manifest
from conformance.model.message import Started
from conformance.results import LaneRecord, RunHeader, relative
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane


def begun(lanes: Sequence[Lane], *, vectors: str, seed: int | None, mode: str) -> RunHeader:
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
    """The record of a lane from the start message of its runner."""
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
        folder=_elsewhere(prepared.lane.manifest),
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
        folder=_elsewhere(manifest),
    )


def _elsewhere(manifest: Manifest) -> str | None:
    """The folder of a runner that the suite does not ship."""
    return None if is_builtin(manifest) else relative(manifest.folder)
