"""The linter's rules for scripted replies: each can be sent, and has the same bytes everywhere.

Programs in other languages read the vectors too, so a body whose bytes depend on the JSON writer
must be given as text.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from conformance.corpus.merging import MergedTurn
from conformance.corpus.render import body
from conformance.documents.mistake import Mistake
from conformance.documents.strict_json import Spelled
from conformance.model.limits import BODY_BYTES, TRIAL_BYTES

Json = Any
# RFC 8259 6: parsers agree on integers up to this one.
_LARGEST = 2**53 - 1
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_ENDS_A_LINE = re.compile(r"[\r\n\0]")  # RFC 9110 5.5: invalid and dangerous in a field value


def replies_can_be_sent(turn: MergedTurn) -> Iterator[Mistake]:
    """The mistakes in the replies of a turn."""
    for index, reply in enumerate(turn.script["replies"]):
        for path, rule, remedy in _reply(reply):
            place = turn.place("script", "replies", index, *path)
            yield Mistake(place=place, rule=rule, remedy=remedy)
    conditions = [reply.get("when", {}) for reply in turn.script["replies"]]
    if any("accept_encoding" in one for one in conditions) and {} not in conditions:
        rule = "there is no reply for requests that ask for no coding"
        remedy = "add a reply without when"
        yield Mistake(place=turn.place("script", "replies"), rule=rule, remedy=remedy)


def replies_fit_a_trial(turn: MergedTurn) -> Iterator[Mistake]:
    """All replies of a turn together: they are in one line between the engine and the mock.

    A trial has no room for more, and a line (`limits.LINE_BYTES`) has room for twice as many: what
    is in the bodies is base64, the rest is JSON.
    """
    replies = turn.script["replies"]
    rest = [{name: reply[name] for name in reply if name != "body"} for reply in replies]
    size = len(json.dumps(rest))
    if len(replies) > TRIAL_BYTES // BODY_BYTES:  # fewer have room, as each body has
        with suppress(binascii.Error):  # `replies_can_be_sent` reports it
            size += sum(_length(reply.get("body", {})) for reply in replies)
    if size > TRIAL_BYTES:
        rule = f"the replies have {size} bytes, more than the {TRIAL_BYTES} of a trial"
        remedy = "use shorter bodies, or fewer: the last reply is given again"
        yield Mistake(place=turn.place("script", "replies"), rule=rule, remedy=remedy)


def _reply(reply: Json) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    description = reply.get("body", {})
    names = {name.lower() for name, _ in reply.get("headers", ())}
    if "error" in reply and ("body" in reply or "encoding" in reply):
        rule = "an error body replaces body and encoding"
        yield ("error",), rule, "remove error, or remove body and encoding"
    if "encoding" in reply and "content-encoding" in names:
        yield ("encoding",), "adds the Content-Encoding header itself", "remove the header"
    if "base64" in description:
        try:
            base64.b64decode(description["base64"], validate=True)
        except binascii.Error as error:
            yield ("body", "base64"), f"is not base64: {error}", "encode the bytes again"
            return
    length = _length(description)
    if length > BODY_BYTES:
        rule = f"the body has {length} bytes, more than the {BODY_BYTES} that a trial has room for"
        yield ("body",), rule, "use a shorter body"
        return
    if "json" in description:
        for path, text in _ambiguous(description["json"], ()):
            rule = f"other JSON writers write {text} differently"
            yield ("body", "json", *path), rule, "if the spelling matters, give the body as text"
    yield from _fields(reply.get("headers", ()), ("headers",))
    for number, fault in enumerate(reply.get("faults", ())):
        for index, response in enumerate(fault.get("interim", ())):
            place = ("faults", number, "interim", index, "headers")
            yield from _fields(response.get("headers", ()), place)
        cut = None if "error" in reply or "encoding" in reply else fault.get("cut")
        if cut is not None and cut >= length:
            rule = f"the body has {length} bytes and cannot be cut after {cut}"
            yield ("faults", number, "cut"), rule, f"use a number below {length}"


def _length(description: Json) -> int:
    """The bytes of a body; that of a long `repeat` is not made."""
    if "repeat" in description:
        repeat = description["repeat"]
        return len(repeat["text"].encode()) * int(repeat["times"])
    return len(body(description)) if description else 0


def _fields(
    headers: Json, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """The header fields that are no header fields, which would look like a defect of the SDK."""
    remedy = "if the client has to see it, write the whole head as the fault raw_head"
    for index, (name, value) in enumerate(headers):
        if not _TOKEN.fullmatch(name):
            yield (*path, index, 0), f"the field name {name!r} is not a token", remedy
        if value is not None and _ENDS_A_LINE.search(value):
            yield (*path, index, 1), "a field value has no CR, LF or NUL", remedy


def _ambiguous(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The numbers that JSON writers spell differently, each with its path."""
    if isinstance(value, dict | list):
        for step, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _ambiguous(member, (*path, step))
    elif isinstance(value, Spelled):
        usual = re.fullmatch(r"-?(0|[1-9]\d*)\.\d*[1-9]", value.text)
        if not usual or repr(float(value)) != value.text:
            yield path, value.text
    elif isinstance(value, int) and abs(value) > _LARGEST:
        yield path, str(value)
