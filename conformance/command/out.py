"""Printing: results to standard output, progress and notices to standard error.

Text is coloured on a terminal only, and never if NO_COLOR is set; without a terminal it is 80
columns wide.
"""

import os
import shutil
import sys
import time
from typing import TextIO

from conformance.report.text_layout import WIDTH, Layout, progress

_CLEAR = "\r\x1b[K"  # carriage return and ECMA-48 Erase in Line
_LOG_INTERVAL = 5.0  # seconds between progress lines in a log, so that it stays readable
_REDRAW_INTERVAL = 0.1  # seconds between redraws on a terminal


def say(text: str) -> None:
    """Print a result."""
    _write(sys.stdout, text + "\n")


def note(text: str) -> None:
    """Print progress or a notice."""
    _write(sys.stderr, (_CLEAR if sys.stderr.isatty() else "") + text + "\n")


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def layout() -> Layout:
    """The layout of text on standard output; at least 60 columns on a terminal."""
    if not sys.stdout.isatty():
        return Layout()
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    return Layout(width=max(60, columns), color="NO_COLOR" not in os.environ)


class Progress:
    """A progress line: redrawn on a terminal, printed every few seconds in a log."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def step(self, current: str, failed: int) -> None:
        """Count a finished trial or example with its failed trials; show the line if it is due."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        if now - self._last < (_REDRAW_INTERVAL if self._live else _LOG_INTERVAL):
            return
        self._last = now
        line = progress(self.done, self.total, self.failed, current)
        if self._live:
            _write(sys.stderr, _CLEAR + line)
        else:
            note(line)

    def close(self) -> None:
        """Clear the line on a terminal."""
        if self._live:
            _write(sys.stderr, _CLEAR)
