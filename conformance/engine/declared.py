"""What a runner declares when it has loaded its SDK, held against its lane.

Pure.
"""

from conformance.model.message import Started
from conformance.model.verdict import Problem
from conformance.runner.site import PreparedLane


def capabilities(prepared: PreparedLane, started: Started, mode: str) -> frozenset[str]:
    """What can be asked of a lane: what its runner declares, and what the mode provides.

    What the runner declares when it has loaded its SDK counts, as runners/README.md says; the
    manifest's list serves those who look before anything is started. Containers run any sample
    program, host mode those whose manifest says so. In host mode the mock is the proxy of a lane,
    so the lane reaches it whatever host a call names.
    """
    manifest = prepared.lane.manifest
    runnable = manifest.program is not None and (mode == "container" or manifest.program.host_mode)
    provided = {
        "sample": manifest.sample is not None and runnable,
        "any-host": mode == "host",
    }
    return frozenset(started.capabilities) | {name for name, given in provided.items() if given}


def wrong_version(prepared: PreparedLane, started: Started) -> Problem | None:
    """The problem of a runner that loaded another SDK version than its lane names."""
    lane = prepared.lane
    if lane.version is None or lane.path is not None or started.sdk_version == lane.version:
        return None
    return Problem(
        step="start",
        reason=f"the lane names SDK {lane.version}, the runner has loaded {started.sdk_version}",
        remedy="make the build script install the version it is given; ask the SDK for its version",
    )
