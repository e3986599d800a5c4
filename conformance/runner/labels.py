"""Labels of a run's objects in the Docker engine, and the removal of what dead runs left.

A run is identified by its machine (boot id and host name), its process and the start time of
that process, since a process id may have been reused. Objects of a run on another machine are
left alone, because it cannot be seen from here whether that run is alive.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import docker
from docker.errors import APIError, NotFound

RUN, OWNER, MACHINE = "oss-bodies.run", "oss-bodies.owner", "oss-bodies.machine"
_REMOVAL_LIMIT = 5.0  # seconds; the engine takes 0.2 to remove a container
_STARTED_FIELD = 22  # starttime in /proc/PID/stat, proc(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The labels of one run's objects."""

    run: str
    owner: str
    machine: str

    @property
    def labels(self) -> dict[str, str]:
        """The labels in the form that Docker takes."""
        return {RUN: self.run, OWNER: self.owner, MACHINE: self.machine}


def new_mark() -> Mark:
    """The labels of a new run of this process."""
    pid = os.getpid()
    return Mark(run=secrets.token_hex(6), owner=f"{pid}:{_started(pid)}", machine=_machine())


def sweep(client: docker.DockerClient) -> list[str]:
    """Remove the containers, networks and volumes of dead runs; a line for each object."""
    return _remove(client, RUN, _dead)


def remove_run(client: docker.DockerClient, run: str) -> list[str]:
    """Remove what one run created, alive or dead; a line for each object."""
    return _remove(client, f"{RUN}={run}", lambda _: True)


def _remove(
    client: docker.DockerClient, label: str, chosen: Callable[[dict[str, str]], bool]
) -> list[str]:
    api, wanted = client.api, {"label": label}
    taken: list[tuple[str, Callable[[], None]]] = []
    for container in api.containers(all=True, filters=wanted):
        if chosen(container["Labels"]):
            name = container["Names"][0].lstrip("/") if container["Names"] else container["Id"]
            taken.append(
                (f"container {name}", partial(api.remove_container, container["Id"], force=True))
            )
    for network in api.networks(filters=wanted):
        if chosen(network["Labels"]):
            taken.append((f"network {network['Name']}", partial(api.remove_network, network["Id"])))
    for volume in api.volumes(filters=wanted)["Volumes"] or ():
        if chosen(volume["Labels"]):
            name = volume["Name"]
            taken.append((f"volume {name}", partial(api.remove_volume, name, force=True)))
    return [what for what, remove in taken if _removed(remove)]


def _removed(remove: Callable[[], None]) -> bool:
    """Whether this call removed it: another may have been faster, or may still use it.

    A container that is being removed holds its network (403) and volume (409) a little longer.
    """
    until = time.monotonic() + _REMOVAL_LIMIT
    while True:
        try:
            remove()
        except NotFound:
            return False
        except APIError as error:
            if error.status_code not in (403, 409):
                raise
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        else:
            return True


def _dead(labels: dict[str, str]) -> bool:
    if labels.get(MACHINE) != _machine():
        return False
    pid, _, started = labels.get(OWNER, "").partition(":")
    return not pid.isdecimal() or _started(int(pid)) != started


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot; empty if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    # The name in parentheses may hold any character; the fields after it are counted from 3.
    return stat.rpartition(")")[2].split()[_STARTED_FIELD - 3]


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    identity = boot.read_text(encoding="ascii").strip() if boot.is_file() else "no-boot-id"
    return f"{identity}/{socket.gethostname()}"
