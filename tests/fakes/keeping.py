"""Ways of a kept client to mix calls up: what one call leaves behind for the next.

Each is made anew for its runner and knows the calls on kept clients alone.
"""

import base64
from collections.abc import Callable
from typing import Any

from fakes.reference import runner
from fakes.twist import Message

Recall = Callable[[Message, Message], Message]


def stays(name: str) -> Callable[[Message], Message]:
    """The command with one field as it was in the first call."""
    first: list[Any] = []

    def command_of(command: Message) -> Message:
        if command["client"] != "kept":
            return command
        first.append(command[name])
        return command | {name: first[0]}

    return command_of


def newest_version() -> Callable[[Message], Message]:
    """The command to sign with the `version` of the client that was made last."""
    made: list[str] = []

    def command_of(command: Message) -> Message:
        version = command["signature"]
        if command["client"] != "kept" or version not in made:
            made.append(version)
        return command | {"signature": "v4", "version": made[-1]}

    return command_of


def token_stays() -> Callable[[Message], Message]:
    """The command with the first security token that came."""
    first: list[str] = []

    def command_of(command: Message) -> Message:
        held = command["credentials"]
        if command["client"] != "kept" or held is None:
            return command
        first.extend([held["security_token"]] if held["security_token"] else [])
        return command | {"credentials": held | {"security_token": first[0] if first else None}}

    return command_of


def first_of_its_id(name: str) -> Callable[[Message], Message]:
    """The command with the credential of this name that came first with its access key id."""
    first: dict[str, str | None] = {}

    def command_of(command: Message) -> Message:
        held = command["credentials"]
        if command["client"] != "kept" or held is None:
            return command
        value = first.setdefault(held["access_key_id"], held[name])
        return command | {"credentials": held | {name: value}}

    return command_of


def _content(change: Callable[[list[Message], Message], Message]) -> Callable[[], Recall]:
    """Changes content, given the answers before it."""

    def made() -> Recall:
        before: list[Message] = []

        def recall(command: Message, answer: Message) -> Message:
            if command["client"] != "kept":
                return answer
            news = change(before, answer) if before and answer["kind"] == "content" else answer
            before.append(answer)
            return news

        return recall

    return made


def _bytes(answer: Message) -> bytes:
    return base64.b64decode(answer["content"]["base64"]) if answer["kind"] == "content" else b""


def _call_before(before: list[Message], answer: Message) -> Message:
    """The content that came last, whatever came since."""
    return next((old for old in reversed(before) if old["kind"] == "content"), answer)


def _overlaid(before: list[Message], answer: Message) -> Message:
    raw, old = _bytes(answer), _bytes(before[-1])
    return runner.content(raw + old[len(raw) :])


def _appended(before: list[Message], answer: Message) -> Message:
    return runner.content(_bytes(before[-1]) + _bytes(answer))


def _empty_after_error(before: list[Message], answer: Message) -> Message:
    return runner.content(b"") if before[-1]["kind"] == "error" else answer


def _empty_after_timeout(before: list[Message], answer: Message) -> Message:
    late = before[-1]["kind"] == "error" and before[-1]["error"]["error_class"] == "TimeoutError"
    return runner.content(b"") if late else answer


call_before = _content(_call_before)
buffer_overlaid = _content(_overlaid)
buffer_appended = _content(_appended)
empty_after_error = _content(_empty_after_error)
empty_after_timeout = _content(_empty_after_timeout)
error_again = _content(lambda before, now: before[-1] if before[-1]["kind"] == "error" else now)


def error_before() -> Recall:
    """Reports the first error again in place of each that comes later."""
    first: list[Message] = []

    def recall(command: Message, answer: Message) -> Message:
        if command["client"] != "kept" or answer["kind"] != "error":
            return answer
        first.append(answer)
        return first[0]

    return recall


def rest_of_early_close() -> Recall:
    """Begins with what a program did not read of the answer before."""
    unread: list[Message] = []

    def recall(command: Message, answer: Message) -> Message:
        before = _bytes(unread.pop()) if unread else b""
        early = command["consume"] is not None and command["consume"]["limit"] is not None
        if command["client"] == "kept" and early:
            unread.append(answer)
        return runner.content(before + _bytes(answer)) if before else answer

    return recall
