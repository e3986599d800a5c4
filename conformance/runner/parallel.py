"""The same work on several items in parallel, abandoned at once when the run is interrupted.

A thread pool would wait for running builds, which takes minutes. These threads are asked to
stop, get _GRACE seconds to clean up, and are then abandoned.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

One = TypeVar("One")
Made = TypeVar("Made")
_GRACE = 2.0  # seconds to kill a build and remove its output


def in_parallel(
    work: Callable[[One, threading.Event], Made], items: Sequence[One]
) -> tuple[Made, ...]:
    """The results of `work` for each item, in order; the first exception is raised.

    The event that `work` gets is set when it has to stop.
    """
    stopped = threading.Event()
    made: dict[int, Made] = {}
    failed: list[BaseException] = []

    def run(number: int, item: One) -> None:
        try:
            made[number] = work(item, stopped)
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=run, args=pair, daemon=True, name="in-parallel")
        for pair in enumerate(items)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stopped.set()
        until = time.monotonic() + _GRACE
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        raise
    if failed:
        raise failed[0]
    return tuple(made[number] for number in range(len(items)))
