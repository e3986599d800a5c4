"""Makes the tap's connections to the live endpoint, outside the closed network of host mode.

The lanes and the tap run in a network with loopback only. The tap asks here, on a Unix socket in
the folder of the run, for each connection that it needs. It gets the descriptor of one that is
connected to the endpoint of the run, never to any other place; so the tap alone has a way out, and
only there.
"""

import contextlib
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

_CONNECT_LIMIT = 10.0  # seconds


class Dialer:
    """A listening Unix socket and its threads. addresses: IP address and port, in order."""

    def __init__(self, path: Path, addresses: Sequence[tuple[str, int]]) -> None:
        self._addresses = tuple(addresses)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen()
        threading.Thread(target=self._serve, name="dialer", daemon=True).start()

    def close(self) -> None:
        """Make no more connections; safe to call twice."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asking, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(asking,), daemon=True).start()

    def _connect(self, asking: socket.socket) -> None:
        reason = "the endpoint has no address"
        with asking, contextlib.suppress(BrokenPipeError):
            for address in self._addresses:
                try:
                    connected = socket.create_connection(address, timeout=_CONNECT_LIMIT)
                except OSError as error:
                    reason = error.strerror or str(error)
                    continue
                with connected:
                    socket.send_fds(asking, [b"\0"], [connected.fileno()])
                return
            asking.sendall(reason.encode())
