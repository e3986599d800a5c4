"""Converts an example to an entry of a vector file, and the entry to a case.

`case_of` decodes the entry as the corpus does, so a search runs exactly what the vector file of a
find replays. The defaults are read from `vectors/defaults.json`, once.
"""

from dataclasses import replace
from functools import cache
from typing import Any

from conformance.corpus.decode import Terms, valid_cases
from conformance.corpus.load import terms
from conformance.fuzz.contract import expectations
from conformance.fuzz.example import FIRST_COUNT, Call, Example, Served
from conformance.model.case import Case, Credentials, Input
from conformance.operation.definition import Operation
from conformance.operation.reading import bodies

Json = Any


def case_of(example: Example, *, kept: bool = False, name: str = "process/fuzz/example") -> Case:
    """The case of an example. kept: make all calls on one client."""
    entry = entry_of(example, kept=kept, name=name, title="A generated example.", note=_NOTE)
    (case,) = valid_cases({"cases": [entry]}, _terms(example.operation))
    return case


def entry_of(
    example: Example, *, kept: bool = False, name: str, title: str, note: str
) -> dict[str, Json]:
    """The entry of a vector file for an example.

    kept: make all calls on one client. name: the id of the case. note: of the provenance.
    """
    entry = {"id": name, "title": title, "provenance": {"source": "derived", "note": note}}
    shared: dict[str, Json] = {"input": {"client": "kept"} if kept else {}, "script": {}}
    if example.credentials is not None:
        shared["input"]["credentials"] = _credentials(example.credentials)
        shared["script"]["keys"] = [_known_key(example.credentials)]
    turns = [
        {
            "input": _input(call),
            "script": _script(call.served, index, example.operation),
            "expect": expectations(call, example.operation),
        }
        for index, call in enumerate(example.calls)
    ]
    if len(turns) > 1:
        return entry | _filled(shared) | {"turns": [_filled(turn) for turn in turns]}
    (turn,) = turns
    merged = {part: shared[part] | turn[part] for part in ("input", "script")}
    return entry | _filled(merged) | {"expect": turn["expect"]}


@cache
def default_input() -> Input:
    """The input of the default call, the documented one of `vectors/defaults.json`."""
    return case_of(Example()).turns[0].input


_NOTE = "Generated; see the properties of fuzzing."


@cache
def _terms(operation: Operation) -> Terms:
    return replace(terms(), operation=operation)


def _filled(parts: dict[str, Json]) -> dict[str, Json]:
    """The parts that are not empty."""
    return {name: value for name, value in parts.items() if value}


def _credentials(keys: Credentials) -> dict[str, str | None]:
    return {
        "access_key_id": keys.access_key_id,
        "access_key_secret": keys.access_key_secret,
        "security_token": keys.security_token,
    }


def _known_key(keys: Credentials) -> dict[str, str | None]:
    token = {"token": keys.security_token} if keys.security_token else {}
    return {"id": keys.access_key_id, "secret": keys.access_key_secret, **token}


def _input(call: Call) -> dict[str, Json]:
    members: dict[str, Json] = {"parameters": dict(call.arguments)} if call.arguments else {}
    if call.process is not None:
        members = {"process": call.process}
    if call.key is not None:
        members["key"] = call.key
    return members


def _script(served: Served, index: int, operation: Operation) -> dict[str, Json]:
    replies = [_reply(served, index)]
    default = _terms(operation).suite["script"]["replies"] if operation == bodies() else None
    return {} if replies == default else {"replies": replies}


def _reply(served: Served, index: int) -> dict[str, Json]:
    reply: dict[str, Json] = {"status": served.status}
    if served.error is not None:
        reply["error"] = dict(zip(("code", "message", "ec"), served.error, strict=True))
    elif served.text is not None:
        reply["body"] = {"text": served.text}
    else:
        count = FIRST_COUNT + index if served.count is None else served.count
        reply["body"] = {"detections": count}
    if served.framing != "length":
        reply["framing"] = served.framing
    if served.encoding is not None and served.error is None:
        reply["encoding"] = served.encoding
    if served.pieces:
        reply["faults"] = [{"drip": {"bytes": served.pieces, "pause": 0}}]
    return reply
