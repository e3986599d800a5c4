"""The record of a lane in the results, whether it ran or not.

Pure, except that it asks for the names of the machine, which results must not hold.
"""

from pathlib import Path

from conformance.model.manifest import Manifest, as_option
from conformance.model.message import Started
from conformance.results import LaneRecord, relative
from conformance.results.machine_names import MachineNames, machine_names
from conformance.runner.cache import cache_folder
from conformance.runner.discovery import is_builtin
from conformance.runner.site import PreparedLane


def ran(prepared: PreparedLane, started: Started) -> LaneRecord:
    """The record of a lane whose runner answered `started`."""
    hidden = names_for(prepared).hidden
    return LaneRecord(
        lane=prepared.lane.name,
        language=started.language,
        sdk=started.sdk,
        sdk_version=started.sdk_version,
        checksum=prepared.checksum,
        runtime=hidden(started.runtime),
        os=hidden(started.os),
        image=prepared.image,
        checkout=prepared.checkout,
        dependencies=tuple((name, hidden(text)) for name, text in started.dependencies),
        defaults=tuple((name, hidden(text)) for name, text in started.defaults),
        exposes=prepared.lane.manifest.exposes,
        folder=_runner_folder(prepared.lane.manifest),
    )


def not_run(prepared: PreparedLane, reason: str = "") -> LaneRecord:
    """The record of a lane that did not run. reason: by default, why it could not be built."""
    manifest = prepared.lane.manifest
    reason = reason or f"{prepared.reason}\nfix: {prepared.remedy}"
    return LaneRecord(
        lane=prepared.lane.name,
        language=manifest.language,
        status="not-run",
        sdk=manifest.sdk_package,
        sdk_version=None,
        reason=names_for(prepared).hidden(reason),
        exposes=manifest.exposes,
        folder=_runner_folder(manifest),
    )


def names_for(prepared: PreparedLane) -> MachineNames:
    """The names that no text of this lane may hold."""
    lane = prepared.lane
    folders: dict[Path, str] = {}
    if lane.path is not None:
        folders[lane.path] = as_option(lane.name).partition("path:")[2]
    if prepared.home is not None:
        folders[prepared.home] = "$BUILD"
    if not is_builtin(lane.manifest):
        folders[lane.manifest.folder] = "$RUNNER"
    return machine_names(folders | {cache_folder(): "${OSS_BODIES_CACHE:-$HOME/.cache/oss-bodies}"})


def _runner_folder(manifest: Manifest) -> str | None:
    """The folder of the runner, None if the suite ships it."""
    return None if is_builtin(manifest) else relative(manifest.folder)
