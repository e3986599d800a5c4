"""Gets the answer to a request from the responder and plays it step by step.

An answer may have to be waited for, and may pause; its connection reads no request meanwhile.
"""

import asyncio
import traceback
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from conformance.mock.answer import answer, refusal
from conformance.mock.mock_errors import DEFECT
from conformance.mock.responder import Responder
from conformance.mock.steps import Arrival, Close, Pause, Playback, Step, Write

# The request id of the answer 500.
_NO_REQUEST_ID = "0" * 24


class Stage(Protocol):
    """The connection on which an answer is played."""

    def answer_begins(self, playback: Playback) -> None:
        """The answer is there; its steps follow."""

    def fault(self, name: str) -> None:
        """The next step is this fault, or part of it."""

    def write(self, data: bytes) -> None:
        """Write bytes of the answer."""

    def close(self) -> None:
        """The answer ends with the connection."""

    def reset(self) -> None:
        """The answer ends with a reset of the connection."""

    @property
    def holds(self) -> bool:
        """Whether what follows a pause has to wait until the client uses the connection again."""

    def answer_ends(self) -> None:
        """The last step is done."""

    def proceed(self) -> None:
        """Something was played after a wait."""


class Player:
    """Plays one answer after the other."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        # The remaining steps of the answer.
        self._steps: Iterator[Step] = iter(())
        # The timer of a pause or the pending answer.
        self._pending: asyncio.TimerHandle | asyncio.Future[Playback] | None = None
        self._held = False
        self._cancelled = False

    @property
    def waits(self) -> bool:
        """Whether an answer is pending or pauses."""
        return self._pending is not None

    def ask(self, responder: Responder, arrival: Arrival) -> None:
        """Ask the responder for an answer and play it, at once or when it is ready."""
        try:
            response = responder.respond(arrival)
        except Exception as error:
            response = _failed(error, arrival)
        if isinstance(response, Playback):
            self._play(response)
            return
        self._pending = asyncio.ensure_future(response)
        self._pending.add_done_callback(partial(self._responded, arrival))

    def used(self) -> None:
        """The client has sent something; an answer that was held goes on."""
        if self._held:
            self._resume()

    def cancel(self) -> None:
        """Play nothing any more: the connection has ended, and is forgotten; called once."""
        self._cancelled = True
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        del self._stage  # both need no collector

    def _responded(self, arrival: Arrival, response: asyncio.Future[Playback]) -> None:
        """Play an answer that was pending, unless the connection has ended meanwhile."""
        try:
            playback = response.result()
        except (Exception, asyncio.CancelledError) as error:
            if self._cancelled:
                return
            playback = _failed(error, arrival)
        if self._cancelled:
            return
        self._pending, stage = None, self._stage
        self._play(playback)
        stage.proceed()

    def _play(self, playback: Playback) -> None:
        self._stage.answer_begins(playback)
        self._steps = iter(playback.steps)
        self._play_on()

    def _play_on(self) -> None:
        """Play steps up to the next pause; `_resume` continues after it."""
        for step in self._steps:
            if step.fault is not None:
                self._stage.fault(step.fault)
            if isinstance(step, Write):
                self._stage.write(step.data)
            elif isinstance(step, Pause):
                loop = asyncio.get_running_loop()
                self._pending = loop.call_later(step.seconds, self._resume)
                return
            elif isinstance(step, Close):
                self._stage.close()
                return
            else:  # Reset
                self._stage.reset()
                return
        self._stage.answer_ends()

    def _resume(self) -> None:
        self._pending, stage = None, self._stage
        self._held = stage.holds
        if self._held:
            return
        self._play_on()
        stage.proceed()


def _failed(error: BaseException, arrival: Arrival) -> Playback:
    """The answer 500 for a responder that raised; the traceback goes to stderr."""
    traceback.print_exception(error)
    return answer(refusal(DEFECT), arrival, _NO_REQUEST_ID)
