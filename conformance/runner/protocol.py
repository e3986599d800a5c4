"""The engine's side of the runner protocol: a command is sent, its answer is read and checked.

Pure over a Channel. Every answer is validated against `schemas/answer.schema.json` by a
compiled validator (4 us; jsonschema takes 1.2 ms and explains the error when there is one). Each
violation of the protocol is a RunnerError whose remedy is addressed to the runner's author.
"""

import base64
import hashlib
import json
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
_SHOWN = 200  # characters of a wrong line that the error quotes

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
    """A runner at the other end of a channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._seq = 0
        self._new_case = False

    def start(self, deadline: float) -> Started:
        """Start it and check that it refuses what does not exist; RunnerError if it does not."""
        message = self._ask(start(), deadline, "started")
        started = read_started(message)
        if started.protocol != PROTOCOL:
            older = started.protocol < PROTOCOL
            title = f"From protocol 1 to {PROTOCOL}" if older else "The protocol in fourteen rules"
            raise _broken(
                f"it speaks protocol {started.protocol}, the engine speaks {PROTOCOL}",
                f"see '{title}' in runners/README.md",
                step="start",
            )
        answer = self.call(_PROBE, proxy=None, deadline=deadline)
        if not isinstance(answer, Unsupported):
            raise _broken(
                f"it answered {answer.kind!r} to a `sign` that does not exist",
                "answer kind 'unsupported' to every `sign` but 'header' and 'url'",
                step="start",
            )
        return started

    def begin_case(self) -> None:
        """Begin a new case, with the next call: both lines go in one write."""
        self._new_case = True

    def call(self, given: Input, *, proxy: str | None, deadline: float) -> Answer:
        """Have one call made and return its answer; RunnerError if there is no valid one."""
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
                "repeat the seq of the call; answer each call once and in order, `case` never",
            )
        for answer in answers:
            if answer["kind"] == "content":
                _content_as_said(answer["content"])
        more = self._channel.waiting()
        if more:
            raise _broken(
                f"after its answer it wrote more: {_shown(more)}",
                "write one line for each call and point everything else at standard error",
            )

    def stop(self) -> None:
        """Ask it to exit; the owner of the channel closes it."""
        self._channel.send(_line(stop()))

    def _ask(self, command: dict[str, Any], deadline: float, wanted: str) -> dict[str, Any]:
        begin = _line(new_case()) + b"\n" if self._new_case else b""
        self._new_case = False
        self._channel.send(begin + _line(command))
        line = self._channel.receive(deadline)
        message, mistakes = read_line(line)
        for mistake in mistakes:
            raise _broken(
                f"a line on standard output {mistake.rule}, at {mistake.place or 'its top'}: "
                f"{_shown(line)}",
                "point prints, loggers and banners at standard error before the SDK is loaded",
            )
        for mistake in schema_mistakes(message, schema("answer")):
            raise _broken(
                "an answer does not match schemas/answer.schema.json: "
                f"{mistake.place or 'the message'}: {mistake.rule[:_SHOWN]}",
                "see runners/README.md, rules 10 and 11",
            )
        if message["type"] != wanted:
            raise _broken(
                f"it answered {message['type']!r} where {wanted!r} is due",
                "answer 'started' to start, 'answer' to every call and 'answers' to calls",
            )
        result: dict[str, Any] = message
        return result


def _content_as_said(content: dict[str, Any]) -> None:
    """Check length and digest: base64 alone would not show content that was altered on the way."""
    try:
        data = base64.b64decode(content["base64"], validate=True)
    except ValueError as error:
        raise _broken("its content is not base64", "encode the raw bytes as base64") from error
    if len(data) != content["length"] or hashlib.sha256(data).hexdigest() != content["sha256"]:
        raise _broken(
            "length or sha256 are not those of the base64 content",
            "compute all three from the same raw bytes",
        )


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _shown(data: bytes) -> str:
    return repr(data[:_SHOWN].decode("utf-8", "backslashreplace")) + (
        f" and {len(data) - _SHOWN} bytes more" if len(data) > _SHOWN else ""
    )


def _broken(reason: str, remedy: str, *, step: str = "protocol") -> RunnerError:
    return RunnerError(step=step, reason=reason, remedy=remedy)
