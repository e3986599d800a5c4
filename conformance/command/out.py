"""Printing: results to standard output, progress to standard error.

Colour only on a terminal and never with NO_COLOR; a width of 80 columns where there is none.
"""

import os
import shutil
import sys
import time
from typing import TextIO

from conformance.report.text_layout import WIDTH, Layout, progress

_CLEAR = "\r\x1b[K"  # ECMA-48: to the line's start, erase it
_PLAIN_EVERY = 5.0  # seconds between progress lines in a log, so that it stays readable
_LIVE_EVERY = 0.1  # seconds between redraws on a terminal


def say(text: str) -> None:
    """Print a result."""
    _write(sys.stdout, text + "\n")


def note(text: str) -> None:
    """Print progress or a notice."""
    _write(sys.stderr, (_CLEAR if sys.stderr.isatty() else "") + text + "\n")


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # The reader went away (`| head`), which changes neither the run nor its exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def layout() -> Layout:
    """How to lay out text for standard output: colour on a terminal, at least 60 columns."""
    if not sys.stdout.isatty():
        return Layout()
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    return Layout(width=max(60, columns), color="NO_COLOR" not in os.environ)


class Progress:
    """A progress line: redrawn on a terminal, elsewhere printed every few seconds."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def step(self, current: str, failed: int) -> None:
        """Count one trial or example and how many of its trials failed; redraw when it is time."""
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        every = _LIVE_EVERY if self._live else _PLAIN_EVERY
        if now - self._last >= every:
            self._last = now
            self._show(current)

    def close(self) -> None:
        """Clear the line on a terminal."""
        if self._live:
            _write(sys.stderr, _CLEAR)

    def _show(self, current: str) -> None:
        line = progress(self.done, self.total, self.failed, current)
        if self._live:
            _write(sys.stderr, _CLEAR + line)
        else:
            note(line)
