"""The messages between the engine and a runner: commands and answers.

JSON keys equal field names; `schemas/command.schema.json` and `answer.schema.json` are
the contract and `runners/README.md` explains it. Bytes are sent as base64.
"""

import base64
from dataclasses import dataclass, fields
from typing import Any

from conformance.model.case import Input

PROTOCOL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A runner's answer to `start`: what is really loaded."""

    protocol: int
    runner: str
    language: str
    runtime: str
    os: str
    sdk: str | None
    sdk_version: str | None
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The SDK returned content."""

    content: bytes
    # The document that the language's JSON parser made of it, numbers tagged `{"$int": "115"}`,
    # `{"$real": "0.733"}` or `{"$number": "115"}` (kind unknown); None if the parser refused it.
    parsed: Any
    parse_error: str | None  # what the parser said

    @property
    def kind(self) -> str:
        """`content`."""
        return "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The SDK reported an error; a field it does not expose is None.

    origin: `client` (before anything was sent), `service` (from an HTTP response), `transport`
    (connection, TLS, timeout, framing) or `parse` (the SDK could not read the response).
    error_class: the exception's class; text: what it prints.
    """

    origin: str
    error_class: str
    text: str
    status: int | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    host_id: str | None = None
    ec: str | None = None

    @property
    def kind(self) -> str:
        """`error`."""
        return "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """The runner or its SDK cannot do what was asked."""

    reason: str

    @property
    def kind(self) -> str:
        """`unsupported`."""
        return "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A sample program ran to its end; made by the engine, never by a runner."""

    exit: int
    stdout: bytes
    stderr: bytes

    @property
    def kind(self) -> str:
        """`ended`."""
        return "ended"


Answer = Content | Failure | Unsupported | Ended

# What an SDK may expose of an error answer; manifests and vectors use these names.
ERROR_FIELDS = ("status", "code", "message", "request_id", "host_id", "ec")
_FAILURE_FIELDS = tuple(f.name for f in fields(Failure))


def start() -> dict[str, Any]:
    """The first command."""
    return {"type": "start", "protocol": PROTOCOL}


def stop() -> dict[str, Any]:
    """The last command: the runner exits 0 and answers nothing."""
    return {"type": "stop"}


def new_case() -> dict[str, Any]:
    """A new case begins: the runner closes the clients that it has kept and answers nothing."""
    return {"type": "case"}


def call(given: Input, *, seq: int, proxy: str | None) -> dict[str, Any]:
    """A `call` command made from a case's input alone."""
    keys = given.credentials
    return {
        "type": "call",
        "seq": seq,
        "action": given.action,
        "parameters": dict(given.parameters),
        "process": given.process,
        "sign": given.sign,
        "client": given.client,
        "endpoint": given.endpoint,
        "region": given.region,
        "bucket": given.bucket,
        "key": given.key,
        "version_id": given.version_id,
        "signature": given.signature,
        "credentials": None
        if keys is None
        else {
            "access_key_id": keys.access_key_id,
            "access_key_secret": keys.access_key_secret,
            "security_token": keys.security_token,
        },
        "addressing": given.addressing,
        "proxy": proxy,
        "timeouts": {"connect": given.connect_timeout, "read": given.read_timeout},
    }


def read_started(message: dict[str, Any]) -> Started:
    """A validated `started` message as a value."""
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
    )


def read_answer(message: dict[str, Any]) -> Answer:
    """A validated `answer` message (or a stored one) as a value."""
    kind = message["kind"]
    if kind == "content":
        return Content(
            content=base64.b64decode(message["content"]["base64"]),
            parsed=message["parsed"],
            parse_error=message["parse_error"],
        )
    if kind == "error":
        error = message["error"]
        return Failure(**{name: error[name] for name in _FAILURE_FIELDS})
    if kind == "ended":
        return Ended(
            exit=message["exit"],
            stdout=base64.b64decode(message["stdout"]),
            stderr=base64.b64decode(message["stderr"]),
        )
    return Unsupported(reason=message["reason"])
