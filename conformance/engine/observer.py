"""Progress of a run or a fuzz, reported to the caller through callbacks."""

from collections.abc import Callable
from dataclasses import dataclass

from conformance.model.verdict import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Callbacks, which by default do nothing.

    They are called from the caller's thread; a fuzz calls `step` from the threads of its lanes too.
    """

    # Called with a line of text for each event worth reporting.
    note: Callable[[str], None] = lambda _: None
    # Called after each trial or example with its description and the number of failed trials.
    step: Callable[[str, int], None] = lambda _current, _failed: None
    # Called with each transcript of a run after it was written.
    written: Callable[[Transcript], None] = lambda _: None
