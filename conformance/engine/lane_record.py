"""The record of a lane in the results, whether it ran or not.

Pure, except that folders are given relative to the working directory.
"""

from conformance.model.manifest import Manifest
from conformance.model.message import Started
from conformance.results import LaneRecord, relative
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane


def ran(prepared: PreparedLane, started: Started) -> LaneRecord:
    """The record of a lane whose runner answered `started`."""
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
        folder=_runner_folder(prepared.lane.manifest),
    )


def not_run(prepared: PreparedLane, reason: str = "") -> LaneRecord:
    """The record of a lane that did not run. reason: by default, why it could not be built."""
    manifest = prepared.lane.manifest
    return LaneRecord(
        lane=prepared.lane.name,
        language=manifest.language,
        status="not-run",
        sdk=manifest.sdk_package,
        sdk_version=None,
        reason=reason or f"{prepared.reason}\nfix: {prepared.remedy}",
        exposes=manifest.exposes,
        folder=_runner_folder(manifest),
    )


def _runner_folder(manifest: Manifest) -> str | None:
    """The folder of the runner, None if the suite ships it."""
    return None if is_builtin(manifest) else relative(manifest.folder)
