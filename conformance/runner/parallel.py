"""Calls a function for several items in parallel and stops early when the run is interrupted.

A thread pool would wait for running builds, which can take minutes. These threads are asked to
stop, have 2 s to clean up, and are then abandoned.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_GRACE = 2.0  # seconds to kill a build and remove its output


def in_parallel(
    work: Callable[[Item, threading.Event], Result], items: Sequence[Item]
) -> tuple[Result, ...]:
    """Return the results of `work` in the order of the items, or raise the first exception.

    `work` has to stop when the event that it is passed is set.
    """
    stopped = threading.Event()
    results: dict[int, Result] = {}
    errors: list[BaseException] = []

    def run(number: int, item: Item) -> None:
        try:
            results[number] = work(item, stopped)
        except BaseException as error:
            errors.append(error)

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
        deadline = time.monotonic() + _GRACE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        raise
    if errors:
        raise errors[0]
    return tuple(results[number] for number in range(len(items)))
