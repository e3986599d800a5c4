"""Ends the processes of a run in host mode that outlived the runner that started them.

A process that made a session of its own is in no process group of the run. It is recognised by the
folder of the run in its environment (`scrubbed` puts it there) or by the network namespace of the
run, which a process that has emptied its environment is still in. Linux only: elsewhere the end of
its input and the process group have to do.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LIMIT = 5.0  # seconds until the kernel has ended what was killed; it takes 0.01
_VARIABLES = (b"HOME=", b"TMPDIR=")  # see `scrubbed`


def network_of(pid: int) -> str:
    """The network namespace of a process as the kernel names it; empty if it cannot be read."""
    with contextlib.suppress(OSError):
        return os.readlink(_PROC / str(pid) / "ns" / "net")
    return ""


def end_survivors(folder: Path, *, network: str = "", keep: int = 0) -> int:
    """Kill the processes of a run and return how many there were.

    folder: of the run. network: its namespace, if it has one. keep: the process that holds the
    namespace, so that no other run gets one of that name meanwhile.
    """
    network = "" if network == network_of(os.getpid()) else network
    kept, deadline, killed = {keep, os.getpid()}, time.monotonic() + _LIMIT, 0
    while time.monotonic() < deadline:
        # Again until there is none, because a process may start another while the list is read.
        found = [pid for pid in _own() if pid not in kept and _belongs(pid, folder, network)]
        if not found:
            break
        killed += sum([_killed(pid, folder, network, deadline) for pid in found])
    return killed


def _own() -> Iterator[int]:
    """The processes of this user."""
    for path in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid():
                yield int(path.name)


def _belongs(pid: int, folder: Path, network: str) -> bool:
    if network and network_of(pid) == network:
        return True
    with contextlib.suppress(OSError):
        place = os.fsencode(folder)
        for variable in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            home = next((variable[len(n) :] for n in _VARIABLES if variable.startswith(n)), b"")
            if home == place or home.startswith(place + b"/"):
                return True
    return False


def _killed(pid: int, folder: Path, network: str, deadline: float) -> bool:
    """Kill a process, if it still belongs to the run, and wait for its end."""
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return False  # it has ended
    try:
        if not _belongs(pid, folder, network):
            return False  # another process has its number
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], max(0.0, deadline - time.monotonic()))
    except OSError:
        return False
    finally:
        os.close(process)
    return True
