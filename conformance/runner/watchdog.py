"""The process that ends what a run in host mode left when the run itself was killed.

The kernel ends only direct children together with their parent, and only where `setpriv` is
installed. This process notices the end of the run by the end of its input. It then does at once
what `sweep` or the next run would do later: it kills every process of the run, those included that
made a session of their own, and removes the folder. A run that ends in order does so itself, and
ends this process.
"""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from conformance.assets import PACKAGE
from conformance.runner.survivors import network_of
from conformance.runner.working_folder import remove_folder

_LIMIT = 10.0  # seconds until the kernel has released the lock of a killed run; it takes 0.001
_AGAIN = 0.05
_END_LIMIT = 5.0  # seconds for the process to end; it takes 0.01


class Watchdog:
    """Watches this process; raises OSError if the watching one cannot be started.

    folder: of the run. holder: the process that holds its network, 0 if it has none.
    """

    def __init__(self, folder: Path, holder: int = 0) -> None:
        kept = [os.open(f"/proc/{holder}/ns/net", os.O_RDONLY)] if holder else []
        try:
            self._process = subprocess.Popen(
                # Without `site`: it needs only the standard library, and starts faster.
                [sys.executable, "-S", "-m", __name__, str(folder), network_of(holder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": str(PACKAGE.parent)},
                cwd="/",
                start_new_session=True,  # Ctrl-C is not for it
                pass_fds=kept,  # while it has the network open, no other one gets its name
                bufsize=0,
            )
        finally:
            for number in kept:
                os.close(number)

    def close(self) -> None:
        """The run has ended its processes itself; safe to call twice."""
        stdin = self._process.stdin
        assert stdin
        self._process.kill()  # before its input ends
        stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_LIMIT)


def main(folder: Path, network: str) -> None:
    """Wait for the end of the run, and end what it left. network: see `end_survivors`."""
    os.read(0, 1)
    until = time.monotonic() + _LIMIT
    while not remove_folder(folder, network=network) and time.monotonic() < until:
        time.sleep(_AGAIN)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
