"""Ways to go wrong in some calls only: when a request is sent again, from the second call on, ...

Each stands in for a function of the reference; see twist.py.
"""

import gzip
import http.client
import re
import ssl
from collections.abc import Callable
from typing import Any

from fakes.lines import Sending
from fakes.reference import runner
from fakes.twist import Message, Reply, Send, swapped


def again_as(change: Callable[[Message], Message]) -> Sending:
    """Sends once more after a 5xx, made and signed by a command that has changed."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        reply = send(request, command)
        if reply[0] < 500:
            return reply
        other = change(command)
        later = runner.request_of(other)
        if other["credentials"] is not None:
            runner.sign(later, other)
        return send(later, other)

    return sending


def added_if(condition: Callable[[Message], bool]) -> Sending:
    """Asks again when content breaks off, and adds the whole answer to what has come."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        try:
            return send(request, command)
        except http.client.IncompleteRead as error:
            if not condition(command):
                raise
            status, headers, body = send(request, command)
            return status, headers, error.partial + body if status < 300 else body

    return sending


def unverified_if(condition: Callable[[Message], bool]) -> Sending:
    """Sends without verifying who answers, where the condition holds."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        usual = ssl._create_default_https_context
        context = ssl._create_unverified_context if condition(command) else usual
        with swapped(ssl, "_create_default_https_context", lambda *_, **__: context()):
            return send(request, command)

    return sending


def from_the_second_call_on() -> Callable[[Message], bool]:
    """Whether a call is not the first of its client."""
    calls: list[Message] = []

    def later(command: Message) -> bool:
        calls.append(command)
        return command["client"] == "kept" and len(calls) > 1

    return later


def at_another_port(command: Message) -> bool:
    """Whether the endpoint names a port other than that of its scheme."""
    return re.search(r":[0-9]+$", command["endpoint"]) is not None


def in_parts(command: Message) -> bool:
    """Whether the program reads the content in parts."""
    return command["consume"] is not None


def gunzip_by_name(status: int, headers: Any, body: bytes) -> Reply:
    """Decodes gzip if it is called that in lower case."""
    coded = headers["Content-Encoding"] == "gzip" and body.startswith(b"\x1f\x8b")
    return status, headers, gzip.decompress(body) if coded else body


def by_charset(status: int, headers: Any, body: bytes) -> Reply:
    """Writes content in UTF-8 that a charset says is in another encoding."""
    named = re.search("charset=([^; ]+)", headers["Content-Type"] or "")
    if named and named[1].lower() != "utf-8" and status < 300:
        body = body.decode(named[1], "replace").encode()
    return status, headers, body


def timeouts_swapped(command: Message) -> Message:
    """The command with one time-out for the other."""
    given = command["timeouts"]
    return command | {"timeouts": {"connect": given["read"], "read": given["connect"]}}


def fields_stay() -> Callable[[Message, Message], Message]:
    """Fills what an error does not say with what the one before it said."""
    said: Message = {}

    def filled(_: Message, answer: Message) -> Message:
        if answer["kind"] != "error":
            return answer
        error = answer["error"]
        missing = {name: said[name] for name in said if error.get(name) is None}
        said.update({name: error[name] for name in runner.SAYS_NOTHING if error.get(name)})
        return answer | {"error": error | missing}

    return filled
