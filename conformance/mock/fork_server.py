"""Creates the processes of the lanes.

A lane has a process of its own, so that one that floods the mock leaves the others their share of
the processor. They are forked, which takes milliseconds where a new interpreter takes 200, and from
a process that has no event loop and no connections, so that a lane inherits none. Each process ends
when the sockets to its parent close, and so with the mock, however that ends.
"""

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from functools import partial

# The control connection, and the one over which accepted connections are passed.
Pair = tuple[socket.socket, socket.socket]


class ForkServer:
    """A process that forks; `serve` is what each of the forked ones does with its sockets."""

    def __init__(self, serve: Callable[[Pair], None]) -> None:
        self._socket, theirs = socket.socketpair()
        if os.fork() == 0:
            self._socket.close()
            _run(partial(_fork_on_demand, theirs, serve))
        theirs.close()

    def fork(self) -> Pair:
        """A new process, as the other ends of its sockets."""
        control, passing = socket.socketpair(), socket.socketpair()
        theirs = (control[1], passing[1])
        socket.send_fds(self._socket, [b"\0"], [end.fileno() for end in theirs])
        for end in theirs:
            end.close()
        return control[0], passing[0]

    def close(self) -> None:
        """End the process that forks; the others go on."""
        self._socket.close()


def _fork_on_demand(requests: socket.socket, serve: Callable[[Pair], None]) -> None:
    # Input and output are those of the mock, which must end for the engine when the mock ends.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended processes leave no zombies
    while True:
        data, numbers, _, _ = socket.recv_fds(requests, 1, 2)
        if not data:
            return
        control, passed = (socket.socket(fileno=number) for number in numbers)
        if os.fork() == 0:
            requests.close()
            _run(partial(serve, (control, passed)))
        control.close()
        passed.close()


def _run(work: Callable[[], None]) -> None:
    """Do the work of a forked process, and end it."""
    try:
        work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)
