"""Output of the program: results to standard output, progress to standard error.

Colour only on a terminal and never with NO_COLOR. Without a terminal a line has 80 columns.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from typing import TextIO

from conformance.report.terminal import WIDTH, progress

_CLEAR = "\r\x1b[K"  # to the start of the line, erase the line (ECMA-48)
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
_PLAIN_EVERY = 5.0  # seconds between progress lines in a log, so that it stays readable
_LIVE_EVERY = 0.1  # seconds between redraws on a terminal


def say(text: str) -> None:
    """Print a result to standard output."""
    _write(sys.stdout, text + "\n")


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore further Ctrl-C and SIGTERM, for cleaning up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def note(text: str) -> None:
    """Print a note on the progress to standard error."""
    _write(sys.stderr, (_CLEAR if sys.stderr.isatty() else "") + text + "\n")


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # The reader is gone (`| head`); that changes neither the run nor its exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def colored() -> bool:
    """Whether to print colour to standard output."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width() -> int:
    """Columns of standard output, at least 60; 80 if it is no terminal."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(60, shutil.get_terminal_size((WIDTH, 24)).columns)


class Progress:
    """A progress line that is redrawn on a terminal; elsewhere a plain line every few seconds."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def step(self, current: str, *, failed: int) -> None:
        """Count one trial and its failures; redraw if the last drawing is old enough."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        every = _LIVE_EVERY if self._live else _PLAIN_EVERY
        if now - self._last >= every:
            self._last = now
            self._show(current)

    def close(self) -> None:
        """Erase the line on a terminal."""
        if self._live:
            _write(sys.stderr, _CLEAR)

    def _show(self, current: str) -> None:
        line = progress(self.done, self.total, self.failed, current)
        if self._live:
            _write(sys.stderr, _CLEAR + line)
        else:
            note(line)
