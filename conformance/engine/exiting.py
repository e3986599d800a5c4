"""How the runners of a lane exit after their last case.

A runner that does not is waited for until it is certain, on a busy machine too, that it never would
have; but once, because a lane can have many runners.
"""

import time

from conformance.runner.protocol import Runner

_CERTAIN = 10.0  # seconds
_SHORT = 2.0  # seconds, as in `close`


class Exiting:
    """Asks the runners of one lane to exit."""

    def __init__(self) -> None:
        self._outlived = False

    def of(self, runner: Runner, *, interrupted: bool) -> tuple[str, bool]:
        """What it writes to standard error meanwhile, and whether it is certain that it never ends.

        interrupted: whether the run has to end soon.
        """
        short = interrupted or self._outlived
        written, outlives = runner.finish(time.monotonic() + (_SHORT if short else _CERTAIN))
        self._outlived = self._outlived or outlives
        return written, outlives and not short
