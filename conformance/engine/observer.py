"""What a run or a fuzz lets its caller see while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Two callbacks; without them nothing is shown. Both are called from the calling thread,
    `step` of a fuzz also from the threads of its lanes."""

    # Given a line of text for each thing that is worth one.
    note: Callable[[str], None] = lambda _: None
    # Called after each trial or example with what it was and how many of its trials failed.
    step: Callable[[str, int], None] = lambda _current, _failed: None
