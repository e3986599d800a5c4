"""Judges the transcripts of a folder again, in as many processes as there are processors.

Judging is a pure function of one transcript and its case, so the order does not matter. Results
come in the order of the file, and few lines are in memory at a time. Small files are judged here.
"""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from conformance.errors import ResultsError
from conformance.model.case import Case
from conformance.results.lines import TRANSCRIPTS
from conformance.results.reader import decoded_transcript, transcript_lines
from conformance.results.rejudging import JudgedAgain, judged

# A process takes half a second to start, in which this many bytes can be judged.
_SMALL = 4_000_000
_BATCH = 40  # lines that a process gets at a time
Line = tuple[int, bytes]
_State = tuple[Path, Mapping[str, Case], str]
_state: list[_State] = []  # of a process that judges, set when it starts


def judged_transcripts(
    folder: Path, cases: Mapping[str, Case], *, suite: str, seal: str | None = None
) -> Iterator[JudgedAgain]:
    """The transcripts judged again, in their order; raises ResultsError as `read_transcripts` does.

    cases: by id; suite: the version that made the run, which has the case of every transcript;
    seal: as for `transcript_lines`.
    """
    state = (folder, cases, suite)
    lines = transcript_lines(folder, seal=seal)
    processes = os.cpu_count() or 1
    path = folder / TRANSCRIPTS
    if processes < 2 or not path.is_file() or path.stat().st_size < _SMALL:
        yield from (_judged(line, state) for line in lines)
        return
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(state,)
    ) as pool:
        try:
            yield from _in_order(pool, lines, 2 * processes)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, lines: Iterator[Line], ahead: int
) -> Iterator[JudgedAgain]:
    waiting: deque[Future[list[JudgedAgain]]] = deque()
    while batch := list(islice(lines, _BATCH)):
        waiting.append(pool.submit(_batch, batch))
        if len(waiting) > ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _begin(state: _State) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    _state.append(state)


def _batch(lines: Iterable[Line]) -> list[JudgedAgain]:
    return [_judged(line, _state[0]) for line in lines]


def _judged(line: Line, state: _State) -> JudgedAgain:
    folder, cases, suite = state
    transcript = decoded_transcript(folder, *line)
    if transcript.case not in cases:
        raise ResultsError(
            source=str(folder),
            place=transcript.case,
            rule="the vectors of this installation do not have this case",
            remedy=f"use version {suite} of the suite, which made the run",
        )
    return judged(cases[transcript.case], transcript)
