"""The output of a program in a container, in the frames of the engine."""

import socket
import threading
import time

from conformance.model.limits import OUTPUT_BYTES
from conformance.runner.attach import read_to_end


def test_of_an_output_without_end_the_beginning_and_the_length_are_kept() -> None:
    ours, engine = socket.socketpair()

    def write() -> None:
        with engine:
            for _ in range(32):
                engine.sendall(b"\1\0\0\0" + (65536).to_bytes(4, "big") + bytes(65536))
            engine.sendall(b"\2\0\0\0" + (4).to_bytes(4, "big") + b"err\n")

    writing = threading.Thread(target=write)
    writing.start()
    with ours:
        outputs = read_to_end(ours, time.monotonic() + 20)
    writing.join()
    assert outputs == (bytes(OUTPUT_BYTES) + b"\n... (cut; 2097152 bytes in all)\n", b"err\n")
