"""Labels a run's objects in the Docker engine, and removes those of dead runs.

A run is identified by its machine (boot id, host name and PID namespace), its process id and the
start time of the process, since process ids are reused. Objects of runs on other machines, or in
containers that use the same engine, are kept, because there is no way to check whether those runs
are alive.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

import docker
from docker.errors import APIError, NotFound
from requests.exceptions import RequestException

RUN, OWNER, MACHINE = "oss-bodies.run", "oss-bodies.owner", "oss-bodies.machine"
# Seconds for all objects of a run; the engine takes 0.2 to remove a container.
_REMOVAL_LIMIT = 20.0
_STARTED_FIELD = 22  # starttime in /proc/PID/stat, proc(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The labels of one run's objects."""

    run: str
    owner: str
    machine: str

    @property
    def labels(self) -> dict[str, str]:
        """The labels as Docker expects them."""
        return {RUN: self.run, OWNER: self.owner, MACHINE: self.machine}


def new_mark() -> Mark:
    """The labels of a new run of this process."""
    pid = os.getpid()
    return Mark(run=secrets.token_hex(6), owner=f"{pid}:{_started(pid)}", machine=_machine())


def sweep(client: docker.DockerClient) -> list[str]:
    """Remove the containers, networks and volumes of dead runs; return a line for each object."""
    return [name for name, there in _remove(client, RUN, _dead) if there is _State.REMOVED]


def remove_run(client: docker.DockerClient, run: str) -> list[str]:
    """Remove everything that one run created, dead or alive; return a line for what is left."""
    tried = _remove(client, f"{RUN}={run}", lambda _: True)
    return [name for name, there in tried if there is _State.LEFT]


class _State(Enum):
    """What became of an object."""

    REMOVED = 1
    GONE = 2  # before it could be removed
    LEFT = 3  # in use, or the engine did not remove it in time


def _remove(
    client: docker.DockerClient, label: str, selected: Callable[[dict[str, str]], bool]
) -> list[tuple[str, _State]]:
    api, filters = client.api, {"label": label}
    removals: list[tuple[str, Callable[[], None]]] = []
    for container in api.containers(all=True, filters=filters):
        if selected(container["Labels"]):
            name = container["Names"][0].lstrip("/") if container["Names"] else container["Id"]
            remove = partial(api.remove_container, container["Id"], force=True)
            removals.append((f"container {name}", remove))
    for network in api.networks(filters=filters):
        if selected(network["Labels"]):
            remove = partial(api.remove_network, network["Id"])
            removals.append((f"network {network['Name']}", remove))
    for volume in api.volumes(filters=filters)["Volumes"] or ():
        if selected(volume["Labels"]):
            remove = partial(api.remove_volume, volume["Name"], force=True)
            removals.append((f"volume {volume['Name']}", remove))
    deadline = time.monotonic() + _REMOVAL_LIMIT
    return [(name, _removed(remove, deadline)) for name, remove in removals]


def _removed(remove: Callable[[], None], deadline: float) -> _State:
    """Remove an object; after the deadline, nothing is tried.

    A container that is being removed still uses its network (403) and volume (409) for a moment.
    """
    while time.monotonic() < deadline:
        try:
            remove()
        except NotFound:
            return _State.GONE
        except APIError as error:
            if error.status_code not in (403, 409):
                return _State.LEFT
            time.sleep(0.05)
        except RequestException:  # the engine did not answer in time
            return _State.LEFT
        else:
            return _State.REMOVED
    return _State.LEFT


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
    # The name in parentheses may contain any character; the first field after it is field 3.
    return stat.rpartition(")")[2].split()[_STARTED_FIELD - 3]


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    identity = boot.read_text(encoding="ascii").strip() if boot.is_file() else "no-boot-id"
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = "no-pid-namespace"
    return f"{identity}/{socket.gethostname()}/{namespace}"
