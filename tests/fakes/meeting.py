"""Calls at once that get into each other, each time.

A race shows by chance. Here each call leaves a value in the client that all share, and waits until
every other call has left its own: all but one then go on with the value of another.
"""

import threading
from collections.abc import Callable
from typing import Any

from fakes.reference import runner
from fakes.twist import Message, Reply, Send

LIMIT = 5  # seconds to wait for the others; one that failed before does not come


class Meeting:
    """What the calls at once leave in their client. A call that is alone finds its own value."""

    def __init__(self) -> None:
        self.begin(1)

    def begin(self, calls: int) -> None:
        """So many calls are made at once from now on."""
        self._left: list[Any] = []
        self._all = threading.Barrier(calls, timeout=LIMIT)

    def left(self, value: Any) -> list[Any]:
        """Leave a value; what all calls have left, in the order in which they did."""
        if self._all.parties == 1:
            return [value]
        self._left.append(value)
        self._all.wait()
        return self._left


MEETING = Meeting()


def met(
    calls: Callable[[list[Message]], list[Message]],
) -> Callable[[list[Message]], list[Message]]:
    """The reference's `calls` in which the calls meet."""

    def meeting(commands: list[Message]) -> list[Message]:
        MEETING.begin(len(commands))
        try:
            return calls(commands)
        finally:
            MEETING.begin(1)

    return meeting


def last(value: Any) -> Any:
    """The value that was left last."""
    return MEETING.left(value)[-1]


def string(command: Message) -> Message:
    """The command with the processing string that was left last."""
    return command | {"process": last(runner.process_of(command)), "parameters": {}}


def authorization(request: Any, command: Message) -> None:
    """The Authorization that was left last."""
    request.headers["Authorization"] = last(request.headers["Authorization"])


def signed_query(request: Any, command: Message) -> None:
    """The query of the URL that was left last, with its string and its signature."""
    request.query = last(request.query)


class Flight:
    """A request that several calls may wait for, and the reply when it has come."""

    def __init__(self, name: tuple[str, str]) -> None:
        self.name = name
        self.come = threading.Event()
        self.reply: Reply | None = None


def shared(send: Send, request: Any, command: Message) -> Reply:
    """One request for all calls for an object, whatever their strings are."""
    own = Flight((command["bucket"], command["key"]))
    first = next(one for one in MEETING.left(own) if one.name == own.name)
    if first is own:
        try:
            own.reply = send(request, command)
        finally:
            own.come.set()
    first.come.wait(LIMIT)
    if first.reply is None:
        raise OSError("the call that was waited for failed")
    reply: Reply = first.reply
    return reply


def error(answer: Message) -> Message:
    """An error, if any of the calls has one."""
    errors = [one for one in MEETING.left(answer) if one["kind"] == "error"]
    return errors[0] if errors else answer
