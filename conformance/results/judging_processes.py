"""Reads the transcripts of a folder, or judges them again, in as many processes as processors.

What is made of a transcript is a pure function of it, so the order does not matter. Results come in
the order of the file. The processes read their lines themselves; small files are read here.
"""

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, TypeVar

from conformance.errors import ResultsError
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.results.publishing import transcripts_file
from conformance.results.reader import decoded_transcript, lines_from, transcript_lines
from conformance.results.rejudging import JudgedAgain, judged

Made = TypeVar("Made")
# In the time in which processes start, this many bytes can be judged.
_SMALL = 4_000_000
# What a process gets at a time: so many lines, or fewer that have so many bytes.
_BATCH, _BATCH_BYTES = 40, 1_000_000
_OBJECTS = 100_000  # between collections of garbage; transcripts are trees and have none
_Lines = tuple[int, int, int]  # number of the first line, its offset in the file, how many lines
_Results = tuple[list[Any], ResultsError | None]  # up to the first line that cannot be read
_State = tuple[Path, Callable[[Transcript], Any]]  # the file, and what is made of a transcript
_state: list[_State] = []  # of a process of the pool, set when it starts


def judged_transcripts(
    folder: Path, cases: Mapping[str, Case], *, suite: str, seal: str | None = None
) -> Iterator[JudgedAgain]:
    """The transcripts judged again, in their order; raises ResultsError as `read_transcripts` does.

    cases: by id; suite: the version that made the run, which has the case of every transcript;
    seal: as for `transcript_lines`.
    """
    return each_transcript(folder, partial(_judged, str(folder), cases, suite), seal=seal)


def each_transcript(
    folder: Path, make: Callable[[Transcript], Made], *, seal: str | None = None
) -> Iterator[Made]:
    """What `make` returns for each transcript, in their order; raises as `read_transcripts` does.

    Other processes begin at once, so the caller may do something else before it takes the first.

    make: a pure function, which other processes call; a partial of a function of a module.
    """
    made = _each(folder, make, seal)
    next(made)
    return made


def _each(folder: Path, make: Callable[[Transcript], Any], seal: str | None) -> Iterator[Any]:
    """None once the processes have begun, then what they make."""
    path = transcripts_file(folder)
    state = (path, make)
    lines = transcript_lines(folder, seal=seal)
    processes = os.cpu_count() or 1
    if processes < 2 or not path.is_file() or path.stat().st_size < _SMALL:
        yield None
        yield from (_made(number, data, state) for number, _, data in lines)
        return
    with ProcessPoolExecutor(
        processes, mp_context=_context(), initializer=_begin, initargs=(state,)
    ) as pool:
        try:
            waiting = deque(_submitted(pool, lines))
            yield None
            while waiting:
                made, error = waiting.popleft().result()
                yield from made
                if error is not None:
                    raise error
        finally:
            pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """How processes start: as copies of this one, which have all that they need.

    A copy of a process with threads may find a lock held for ever, and on macOS the system's
    libraries have such threads: there they start from nothing.
    """
    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    return get_context("fork" if forks else "spawn")


def _submitted(
    pool: ProcessPoolExecutor, lines: Iterator[tuple[int, int, bytes]]
) -> Iterator[Future[_Results]]:
    """The results of each batch of lines, and last the error that ended the lines, if any."""
    first = begin = count = size = 0
    failed: Future[_Results] | None = None
    try:
        for number, start, data in lines:
            if not count:
                first, begin = number, start
            count, size = count + 1, size + len(data)
            if count >= _BATCH or size >= _BATCH_BYTES:
                yield pool.submit(_batch, (first, begin, count))
                count = size = 0
    except ResultsError as error:
        failed = Future()
        failed.set_result(([], error))
    if count:
        yield pool.submit(_batch, (first, begin, count))
    if failed is not None:
        yield failed


def _begin(state: _State) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    gc.freeze()  # what was copied is not looked at, so it stays shared
    gc.set_threshold(_OBJECTS)
    _state[:] = [state]


def _batch(lines: _Lines) -> _Results:
    first, start, count = lines
    made: list[Any] = []
    try:
        for number, data in enumerate(lines_from(_state[0][0], start, count), first):
            made.append(_made(number, data, _state[0]))
    except ResultsError as error:
        return made, error
    return made, None


def _made(number: int, data: bytes, state: _State) -> Any:
    path, make = state
    return make(decoded_transcript(path, number, data))


def _judged(
    source: str, cases: Mapping[str, Case], suite: str, transcript: Transcript
) -> JudgedAgain:
    if transcript.case not in cases:
        raise ResultsError(
            source=source,
            place=transcript.case,
            rule="the vectors of this installation do not have this case",
            remedy=f"use version {suite} of the suite, which made the run",
        )
    return judged(cases[transcript.case], transcript)
