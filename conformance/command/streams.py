"""Standard output and error that never raise: a terminal can be closed, full or gone.

What a run has measured is worth more than its text, so a stream that fails is given up and the
command continues. `cli.main` asks for `failure` at the end. Text of others (SDKs, runners, files)
may hold characters that a terminal acts on, so everything except the colours of `text_layout` is
escaped here, where it leaves the program.
"""

import io
import os
from collections.abc import Callable
from typing import TextIO

from conformance.documents.escape import visible


class LastingStream(io.TextIOBase):
    """A text stream over another one, or over none if the process was started without it."""

    def __init__(self, stream: TextIO | None) -> None:
        self.failure: str | None = None if stream is not None else "it is closed"
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for a terminal that is not UTF-8

    def write(self, text: str) -> int:
        """Write escaped text; afterwards `failure` says if that was not possible."""
        self._try(lambda stream: stream.write(visible(text, colors=stream.isatty())))
        return len(text)

    def flush(self) -> None:
        """Flush the stream; see `write`."""
        self._try(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream is not None and not self._stream.closed and self._stream.isatty()

    def writable(self) -> bool:
        """It always accepts text."""
        return True

    def _try(self, action: Callable[[TextIO], object]) -> None:
        stream = self._stream
        if stream is None:
            return
        try:
            action(stream)
        except BrokenPipeError:
            self._give_up(stream)  # the reader has exited (`| head`): that is no failure
        except (OSError, ValueError) as error:
            self.failure = str(error)
            self._give_up(stream)

    def _give_up(self, stream: TextIO) -> None:
        """Discard what is still buffered; Python would fail to flush it when it exits."""
        self._stream = None
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (OSError, ValueError):
            return  # it has no descriptor
