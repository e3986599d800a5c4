"""The same work on several things side by side, given up at once when the run is interrupted.

Threads. A thread pool would wait for the builds under way, which takes minutes;
these threads are told to stop, given a moment to clean up, and left behind.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

One = TypeVar("One")
Made = TypeVar("Made")
_MOMENT = 2.0  # seconds to kill a build and remove what it has begun


def side_by_side(
    work: Callable[[One, threading.Event], Made], things: Sequence[One]
) -> tuple[Made, ...]:
    """What `work` makes of each, in order; the first exception of any is raised.

    The event that `work` gets is set when it is to stop.
    """
    stopped = threading.Event()
    made: dict[int, Made] = {}
    failed: list[BaseException] = []

    def run(number: int, thing: One) -> None:
        try:
            made[number] = work(thing, stopped)
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=run, args=pair, daemon=True, name="side-by-side")
        for pair in enumerate(things)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stopped.set()
        until = time.monotonic() + _MOMENT
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        raise
    if failed:
        raise failed[0]
    return tuple(made[number] for number in range(len(things)))
