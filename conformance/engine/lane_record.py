"""The record of a lane in the results: one that ran, or one that did not.

Pure.
"""

from conformance.model.message import Started
from conformance.results import LaneRecord
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
        exposes=prepared.lane.manifest.exposes,
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
    )
