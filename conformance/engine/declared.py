"""What a runner declares when it starts: its capabilities and the SDK version it has loaded.

Pure.
"""

from conformance.model.message import Started
from conformance.model.verdict import Problem
from conformance.runner.site import PreparedLane


def capabilities(prepared: PreparedLane, started: Started, mode: str) -> frozenset[str]:
    """The capabilities that the runner declares and those that the mode provides.

    The declaration in `started` is authoritative (see runners/README.md); the manifest's list is
    only for tools that do not start the runner. Containers can run any sample program, host mode
    only those whose manifest allows it. Through the mock as a proxy, which every lane uses in host
    mode and those with the capability `proxy` can use in containers, requests for any host reach
    it. Without that proxy, in containers only, connections go where the endpoint leads: `direct`.
    """
    manifest = prepared.lane.manifest
    runnable = manifest.program is not None and (mode == "container" or manifest.program.host_mode)
    provided = {
        "sample": runnable and bool(manifest.sample or prepared.lane.programs),
        "any-host": mode == "host" or "proxy" in started.capabilities,
        "direct": mode == "container",
        "locale": True,  # `Site.lacks` says which locales are not installed
    }
    return frozenset(started.capabilities) | {name for name, given in provided.items() if given}


def wrong_start(prepared: PreparedLane, started: Started) -> Problem | None:
    """The problem if the runner is not the one that its manifest describes."""
    manifest = prepared.lane.manifest
    if started.runner != manifest.name:
        return Problem(
            step="start",
            reason=f"the manifest names {manifest.name!r}, the runner says {started.runner!r}",
            remedy="write the same name in both",
        )
    more = sorted(set(started.capabilities) - set(manifest.capabilities))
    if more:
        return Problem(
            step="start",
            reason=f"it declares capabilities that its manifest lacks: {', '.join(more)}",
            remedy="add them to the manifest, or do not declare them",
        )
    return wrong_version(prepared, started)


def wrong_version(prepared: PreparedLane, started: Started) -> Problem | None:
    """The problem if the runner has loaded other versions than its lane names."""
    lane = prepared.lane
    loaded = dict(started.dependencies)
    for name, version in lane.pins:
        # Maven's names have a group, which runners leave out.
        found = loaded.get(name, loaded.get(name.rpartition(":")[2], "none"))
        if found.removeprefix("v") != version.removeprefix("v"):
            return Problem(
                step="start",
                reason=f"the lane pins {name} {version}, the runner reports {found} as loaded",
                remedy=f"pin what the runner reports ({', '.join(sorted(loaded)) or 'nothing'}), "
                "to a version that the SDK can be used with",
            )
    if lane.version is None or lane.path is not None or started.sdk_version == lane.version:
        return None
    return Problem(
        step="start",
        reason=f"the lane names SDK {lane.version}, the runner has loaded {started.sdk_version}",
        remedy="make the build script install that version; ask the SDK for its version at start",
    )
