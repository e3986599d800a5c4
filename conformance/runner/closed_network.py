"""A network namespace with loopback only, in which the programs of a host-mode run find each other.

What a runner sends past its proxy then goes nowhere. Not every kernel lets an ordinary user make
one, and not every machine has the two commands of util-linux that are needed; without it, host mode
relies on the calls of `proxy_probe`.
"""

import shutil
import sys
import time
from pathlib import Path

from conformance.errors import RunnerError
from conformance.runner.child_process import ChildProcess, scrubbed
from conformance.runner.survivors import network_of

# Brings the loopback interface up (SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP in <linux/sockios.h> and
# <linux/if.h>), says so, and keeps the namespace until its input ends.
_HOLDER = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    name = struct.pack("16sh14x", b"lo", 0)
    (_, flags) = struct.unpack("16sh14x", fcntl.ioctl(one, 0x8913, name))
    fcntl.ioctl(one, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))
print("up", flush=True)
sys.stdin.read()
"""
_START_LIMIT = 10.0  # seconds; it takes 0.1


class ClosedNetwork:
    """The namespace, which ends with the program that holds it."""

    def __init__(self, holder: ChildProcess) -> None:
        self._holder = holder
        self.name = network_of(holder.pid)
        # The command that runs a program there; it keeps the user.
        self.prefix: tuple[str, ...] = (
            "nsenter", "--user", "--net", "--preserve-credentials", f"--target={holder.pid}", "--",
        )  # fmt: skip

    @classmethod
    def open(cls, folder: Path) -> "ClosedNetwork | None":
        """Make one; None if this machine cannot. folder: of the run."""
        if shutil.which("unshare") is None or shutil.which("nsenter") is None:
            return None
        namespace = ["unshare", "--user", "--map-current-user", "--net", "--keep-caps", "--"]
        environment = scrubbed({}, home=folder)
        holder = ChildProcess([*namespace, sys.executable, "-c", _HOLDER], environment, folder)
        try:
            if holder.receive(time.monotonic() + _START_LIMIT) == b"up":
                return cls(holder)
        except RunnerError:
            pass  # the kernel forbids it, or a command is too old to know an option
        holder.close()
        return None

    @property
    def holder(self) -> int:
        """The process that keeps it."""
        return self._holder.pid

    def close(self) -> None:
        """End it; safe to call twice."""
        self._holder.close()
