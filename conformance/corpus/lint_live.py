"""Which cases may be marked `live`: those that the service can answer as the verdict needs it.

A live case makes the documented call. What it expects of the answer holds for any answer of the
service, or is the documented code of an error that it provokes by its input alone. Everything that
only a script can bring about is refused.
"""

from collections.abc import Iterator
from typing import Any

from conformance.corpus.merging import MergedCase, MergedTurn
from conformance.documents.mistake import Mistake, pointer

Json = Any

# Parts of the input that must be those of the documented call. The others may differ: parameters,
# key, credentials, sign, client, signature, provider, the form of the answer.
_FIXED = (
    "program", "endpoint", "region", "bucket", "version_id", "addressing", "consume", "proxy",
    "environment",
)  # fmt: skip
# Values of the answer that must be `as-sent`, because only a script makes them known beforehand.
_OF_ANSWER = ("message", "request_id", "host_id", "ec", "parsed", "content")
_AS_SENT = "as-sent"
_NO_KEY = "NoSuchKey"


def live_is_safe(case: MergedCase) -> Iterator[Mistake]:
    """A mistake for each reason why a case that is marked `live` cannot run live."""
    if not case.raw.get("live"):
        return
    explore = case.raw.get("explore", False)
    for turn in case.turns:
        for path, reason in _unsafe(turn, explore):
            rule = f"the case is live, but {reason}"
            place = turn.place(*path) if path else pointer((*case.at, "live"))
            yield Mistake(place=place, rule=rule, remedy="remove it, or live and why_safe")


def _unsafe(turn: MergedTurn, explore: bool) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from _of_input(turn, explore)
    suite = turn.suite["script"]
    for name, value in turn.script.items():
        if name != "replies" and value != suite[name]:
            yield ("script", name), f"its script needs {name}, which the service does not follow"
    for index, reply in enumerate(turn.script["replies"]):
        reason = "" if explore and not reply.get("faults") else _of_reply(turn, reply)
        if reason:
            yield ("script", "replies", index), reason
    for level in ("required", "recommended"):
        for name, value in turn.expect.get(level, {}).items():
            if name in _OF_ANSWER and value != _AS_SENT:
                yield ("expect", level, name), f"nobody knows the {name} of the answer beforehand"


def _of_input(turn: MergedTurn, explore: bool) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if turn.calls:
        yield ("calls",), "several calls at once cost more than one"
    documented = turn.suite["input"]
    for name in _FIXED:
        if turn.input[name] != documented[name]:
            yield ("input", name), f"the documented call has another {name}"
    if not explore and not turn.operation.documented(turn.string):
        yield ("input",), f"{turn.string!r} is not a documented string, so it needs explore"


def _of_reply(turn: MergedTurn, reply: Json) -> str:
    """Why the service need not answer like this reply; "" if it does."""
    if reply.get("faults"):
        return "a fault is nothing that the service can be asked for"
    if reply["status"] == 200 and not reply.get("headers") and set(reply) <= {"status", "body"}:
        return "" if "detections" in reply["body"] else "its reply is another than a usual one"
    code = reply.get("error", {}).get("code")
    if code == _NO_KEY and turn.input["key"] != turn.suite["input"]["key"]:
        return ""
    return "its verdict needs the scripted reply"
