"""The record of a lane in the results: one that ran, or one that did not.

Pure but for the working folder, to which paths are relative.
"""

from conformance.model.manifest import Manifest
from conformance.model.message import Started
from conformance.results import LaneRecord, relative
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane


def ran(prepared: PreparedLane, started: Started) -> LaneRecord:
    """The record of a lane with this `started` message."""
    return LaneRecord(
        lane=prepared.lane.name,
        language=started.language,
        sdk=started.sdk,
        sdk_version=started.sdk_version,
        checksum=prepared.checksum,
        runtime=started.runtime,
        os=started.os,
        image=prepared.image,
        dependencies=started.dependencies,
        defaults=started.defaults,
        exposes=prepared.lane.manifest.exposes,
        folder=_elsewhere(prepared.lane.manifest),
    )


def not_run(prepared: PreparedLane, reason: str = "") -> LaneRecord:
    """The record of a lane that did not run; reason: default is why it could not be built."""
    manifest = prepared.lane.manifest
    return LaneRecord(
        lane=prepared.lane.name,
        language=manifest.language,
        status="not-run",
        sdk=manifest.sdk_package,
        sdk_version=None,
        reason=reason or f"{prepared.reason}\nfix: {prepared.remedy}",
        exposes=manifest.exposes,
        folder=_elsewhere(manifest),
    )


def _elsewhere(manifest: Manifest) -> str | None:
    """The folder of a runner that the suite does not ship."""
    return None if is_builtin(manifest) else relative(manifest.folder)
