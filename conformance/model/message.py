"""The messages between the engine and a runner: commands and answers.

JSON keys equal field names; `schemas/command.schema.json` and `answer.schema.json` are
the contract and `runners/README.md` explains it. Bytes are sent as base64.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from conformance.model.case import Input

PROTOCOL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A runner's answer to `start`: what it has loaded."""

    protocol: int
    runner: str
    language: str
    runtime: str
    os: str
    sdk: str | None
    sdk_version: str | None
    capabilities: tuple[str, ...]
    dependencies: tuple[tuple[str, str], ...] = ()  # loaded libraries: name and version
    defaults: tuple[tuple[str, str], ...] = ()  # what the SDK says of its defaults, by setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The SDK returned content."""

    kind = "content"
    content: bytes
    # The document as the language's JSON parser reads it, numbers tagged `{"$int": "115"}`,
    # `{"$real": "0.733"}` or `{"$number": "115"}` (kind unknown); None if the parser refused it.
    parsed: Any
    parse_error: str | None  # message of the parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The SDK reported an error; a field that it does not expose is None."""

    kind = "error"
    # `client` (nothing was sent), `service` (from an HTTP response), `transport` (connection, TLS,
    # timeout, framing), `parse` (the SDK could not read the response) or `crash` (a panic or fatal
    # error, which is no error of the SDK's interface).
    origin: str
    error_class: str  # class of the exception
    text: str  # the exception as the language prints it
    status: int | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    host_id: str | None = None
    ec: str | None = None
    # Whether a program that catches the SDK's documented error types catches it; None: unknown.
    caught: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """The runner or its SDK does not support the command."""

    kind = "unsupported"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A sample program ran to its end; made by the engine, never by a runner."""

    kind = "ended"
    exit: int
    stdout: bytes
    stderr: bytes
    compiled: bool = True  # False: it does not compile, and the rest is of its compiler


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The answers to calls that were made at once, in the order of the calls."""

    kind = "several"
    answers: tuple["Answer", ...]


Answer = Content | Failure | Unsupported | Ended | Several

CRASH = "crash"  # the origin of what would have ended a user's program


def is_crash(answer: Answer | None) -> bool:
    """Whether a user's program would have ended in the call, or in one of those made at once."""
    answers = answer.answers if isinstance(answer, Several) else (answer,)
    return any(isinstance(one, Failure) and one.origin == CRASH for one in answers)


# What an SDK may expose of an error answer; manifests and vectors use these names.
ERROR_FIELDS = ("status", "code", "message", "request_id", "host_id", "ec")
_FAILURE_FIELDS = tuple(f.name for f in fields(Failure))


def start() -> dict[str, Any]:
    """The first command."""
    return {"type": "start", "protocol": PROTOCOL}


def stop() -> dict[str, Any]:
    """The last command: the runner exits with 0 and sends no answer."""
    return {"type": "stop"}


def new_case() -> dict[str, Any]:
    """A new case begins: the runner closes the clients it has kept and sends no answer."""
    return {"type": "case"}


def call(given: Input, *, seq: int, proxy: str | None) -> dict[str, Any]:
    """A `call` command made from a case's input alone."""
    return {"type": "call", "seq": seq, **_request(given, proxy)}


def calls(given: Sequence[Input], *, seq: int, proxy: str | None) -> dict[str, Any]:
    """A `calls` command: each call from a thread of its own, all on one client."""
    return {"type": "calls", "seq": seq, "calls": [_request(one, proxy) for one in given]}


def _request(given: Input, proxy: str | None) -> dict[str, Any]:
    return {
        "action": given.action,
        "parameters": dict(given.parameters),
        "process": given.process,
        "sign": given.sign,
        "client": given.client,
        "provider": given.provider,
        "endpoint": given.endpoint,
        "region": given.region,
        "bucket": given.bucket,
        "key": given.key,
        "version_id": given.version_id,
        "signature": given.signature,
        "credentials": None if given.credentials is None else asdict(given.credentials),
        "addressing": given.addressing,
        "proxy": proxy,
        "timeouts": {"connect": given.connect_timeout, "read": given.read_timeout},
        "into": given.into,
        "consume": None if given.consume is None else asdict(given.consume),
    }


def read_started(message: dict[str, Any]) -> Started:
    """The value of a `started` message that its schema has accepted."""
    sdk = message["sdk"] or {}
    return Started(
        protocol=message["protocol"],
        runner=message["runner"],
        language=message["language"],
        runtime=message["runtime"],
        os=message["os"],
        sdk=sdk.get("name"),
        sdk_version=sdk.get("version"),
        capabilities=tuple(message["capabilities"]),
        dependencies=tuple(message.get("dependencies", {}).items()),
        defaults=tuple(message.get("defaults", {}).items()),
    )


def read_answer(message: dict[str, Any]) -> Answer:
    """The value of an `answer` or `answers` message, validated or stored in a transcript."""
    if "answers" in message:
        return Several(answers=tuple(read_answer(one) for one in message["answers"]))
    kind = message["kind"]
    if kind == "content":
        return Content(
            content=base64.b64decode(message["content"]["base64"]),
            parsed=message["parsed"],
            parse_error=message["parse_error"],
        )
    if kind == "error":
        error = message["error"]
        return Failure(**{name: error.get(name) for name in _FAILURE_FIELDS})
    if kind == "ended":
        return Ended(
            exit=message["exit"],
            stdout=base64.b64decode(message["stdout"]),
            stderr=base64.b64decode(message["stderr"]),
            compiled=message.get("compiled", True),
        )
    return Unsupported(reason=message["reason"])
