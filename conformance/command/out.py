"""Where text leaves the program: standard output for what was asked, standard error for progress.

Floor 6, a hand. Colour only on a terminal and never with NO_COLOR; a width of 80 columns in a log.
"""

import os
import shutil
import sys
import time

from conformance.report.terminal import WIDTH, progress

_PLAIN_EVERY = 5.0  # seconds between progress lines in a log, so that it stays readable
_LIVE_EVERY = 0.1  # seconds between redraws on a terminal


def say(text: str) -> None:
    """Print text that somebody asked for."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print what goes on, to standard error."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def colored() -> bool:
    """Whether standard output takes colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width() -> int:
    """Columns of standard output, at least 60; 80 when it is no terminal."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(60, shutil.get_terminal_size((WIDTH, 24)).columns)


class Progress:
    """A line that is redrawn on a terminal, and now and then a plain line elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def step(self, current: str, *, failed: bool) -> None:
        """Count one trial and show it when it is time."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        every = _LIVE_EVERY if self._live else _PLAIN_EVERY
        if now - self._last >= every:
            self._last = now
            self._show(current)

    def close(self) -> None:
        """Take the line away from a terminal."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _show(self, current: str) -> None:
        line = progress(self.done, self.total, self.failed, current)
        if self._live:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
        else:
            note(line)
