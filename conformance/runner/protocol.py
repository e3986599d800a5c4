"""The engine's side of the runner protocol: sends commands, reads and checks the answers.

Its only I/O goes through a Channel. A compiled validator checks every answer against
`schemas/answer.schema.json` in 4 us; jsonschema, which takes 1.2 ms, is only used to explain an
error. A violation of the protocol is a RunnerError whose remedy addresses the author of the runner.
"""

import base64
import hashlib
import json
import time
from collections.abc import Sequence
from typing import Any

from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import read_line
from conformance.errors import RunnerError
from conformance.model.case import Input
from conformance.model.message import (
    PROTOCOL,
    Answer,
    Several,
    Started,
    Unsupported,
    call,
    calls,
    new_case,
    read_answer,
    read_started,
    start,
    stop,
)
from conformance.runner.channel import Channel

NO_SUCH_SIGN = "no-such-sign"
_MARK_LIMIT = 10.0  # seconds that a mark may come after its message; it comes before, or soon after
_QUOTED = 200  # characters of a message that an error quotes

_PROBE = Input(
    action="image/bodies",
    parameters=(),
    process=None,
    sign=NO_SUCH_SIGN,
    program=None,
    endpoint="https://oss-cn-hangzhou.aliyuncs.com",
    region="cn-hangzhou",
    bucket="examplebucket",
    key="example.jpg",
    version_id=None,
    signature="v4",
    credentials=None,
    addressing="virtual",
    client="fresh",
    connect_timeout=5000,
    read_timeout=5000,
)


class Runner:
    """A connection to a runner."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._seq = 0
        self._new_case = False
        self._messages = 0  # that it sent
        self._marks = False  # whether it marks its standard error

    def start(self, deadline: float) -> Started:
        """Start the runner and check that it rejects an unknown `sign`; raises RunnerError."""
        message = self._ask(start(), deadline, "started")
        started = read_started(message)
        if started.protocol != PROTOCOL:
            older = started.protocol < PROTOCOL
            title = f"From protocol 1 to {PROTOCOL}" if older else "The protocol in fourteen rules"
            raise _broken(
                f"the runner uses protocol {started.protocol}, the engine protocol {PROTOCOL}",
                f"see '{title}' in runners/README.md",
                step="start",
            )
        self._marks = "marks" in started.capabilities
        answer = self.call(_PROBE, proxy=None, deadline=deadline)
        if not isinstance(answer, Unsupported):
            raise _broken(
                f"it answered {answer.kind!r} to the unknown `sign` {NO_SUCH_SIGN!r}",
                "answer with kind 'unsupported' to every `sign` other than 'header' and 'url'",
                step="start",
            )
        return started

    def begin_case(self) -> None:
        """Begin a new case; `case` is sent together with the next call, in one write."""
        self._new_case = True

    def call(self, given: Input, *, proxy: str | None, deadline: float) -> Answer:
        """Send one call and return its answer; raises RunnerError if there is no valid one."""
        self._seq += 1
        message = self._ask(call(given, seq=self._seq, proxy=proxy), deadline, "answer")
        self._check(message, [message])
        return read_answer(message)

    def calls(self, given: Sequence[Input], *, proxy: str | None, deadline: float) -> Several:
        """Have several calls made at once on one client and return their answers in order."""
        self._seq += 1
        message = self._ask(calls(given, seq=self._seq, proxy=proxy), deadline, "answers")
        self._check(message, message["answers"])
        if len(message["answers"]) != len(given):
            raise _broken(
                f"it gave {len(message['answers'])} answers to {len(given)} calls",
                "give one answer for each of the `calls`, in their order",
            )
        answer = read_answer(message)
        assert isinstance(answer, Several)  # its schema has accepted it
        return answer

    def _check(self, message: dict[str, Any], answers: Sequence[dict[str, Any]]) -> None:
        """Check the number, the contents and the end of a message with answers."""
        if message["seq"] != self._seq:
            raise _broken(
                f"it answered seq {message['seq']} to the call with seq {self._seq}",
                "repeat the seq of the call; answer each call once and in order, and never `case`",
            )
        for answer in answers:
            if answer["kind"] == "content":
                _check_content(answer["content"])
        extra = self._channel.waiting()
        if extra:
            raise _broken(
                f"it wrote more than its answer to standard output: {_quoted(extra)}",
                "write one line for each call; redirect everything else to standard error",
            )

    def stop(self) -> None:
        """Ask the runner to exit; the owner of the channel closes it."""
        self._channel.send(_line(stop()))

    def finish(self, deadline: float) -> tuple[str, bool]:
        """Ask the runner to exit and wait for its end.

        Returns what it wrote to standard error meanwhile, and whether it is still there. deadline:
        when it is no longer waited for. Its owner closes the channel.
        """
        try:
            self.stop()
            while True:
                self._channel.receive(deadline)
        except RunnerError as end:
            return self._channel.take_stderr(), end.step == "timeout"

    def _ask(self, command: dict[str, Any], deadline: float, wanted: str) -> dict[str, Any]:
        begin = _line(new_case()) + b"\n" if self._new_case else b""
        self._new_case = False
        self._channel.send(begin + _line(command))
        line = self._channel.receive(deadline)
        self._messages += 1
        if self._marks:  # a runner that makes none is not waited for again
            limit = time.monotonic() + _MARK_LIMIT
            self._marks = self._channel.await_marks(self._messages, limit)
        message, mistakes = read_line(line)
        for mistake in mistakes:
            raise _broken(
                f"a line on standard output {mistake.rule}, at {mistake.place or 'its top'}: "
                f"{_quoted(line)}",
                "tag each number of `parsed` (rule 10 in runners/README.md)"
                if "parsed" in mistake.place.split("/")
                else "redirect prints, loggers and banners to standard error before the SDK is "
                "loaded",
            )
        for mistake in schema_mistakes(message, schema("answer")):
            raise _broken(
                "an answer does not match schemas/answer.schema.json: "
                f"{mistake.place or 'the message'}: {mistake.rule[:_QUOTED]}",
                "see runners/README.md, rules 10 and 11",
            )
        if message["type"] != wanted:
            raise _broken(
                f"it sent a message of type {message['type']!r} instead of {wanted!r}",
                "reply 'started' to start, 'answer' to every call and 'answers' to calls",
            )
        result: dict[str, Any] = message
        return result


def _check_content(content: dict[str, Any]) -> None:
    """Check length and digest, since base64 alone does not reveal altered content."""
    try:
        data = base64.b64decode(content["base64"], validate=True)
    except ValueError as error:
        raise _broken(
            "its content is not valid base64", "encode the raw bytes as base64"
        ) from error
    if len(data) != content["length"] or hashlib.sha256(data).hexdigest() != content["sha256"]:
        raise _broken(
            "length or sha256 does not match the base64 content",
            "compute all three from the same raw bytes",
        )


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _quoted(data: bytes) -> str:
    return repr(data[:_QUOTED].decode("utf-8", "backslashreplace")) + (
        f" and {len(data) - _QUOTED} more bytes" if len(data) > _QUOTED else ""
    )


def _broken(reason: str, remedy: str, *, step: str = "protocol") -> RunnerError:
    return RunnerError(step=step, reason=reason, remedy=remedy)
