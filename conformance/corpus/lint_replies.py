"""The rules of scripted replies: what a mock could not send, or would send differently elsewhere.

A part of the linter; the vectors are read by other programs in other languages, so a
body whose bytes depend on the JSON writer must be given as text.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from conformance.corpus.merging import MergedTurn
from conformance.corpus.render import body
from conformance.documents.mistake import Mistake
from conformance.documents.strict_json import Spelled

Json = Any
# RFC 8259 6: whole numbers up to here mean the same to every parser.
_LARGEST = 2**53 - 1


def replies_can_be_sent(turn: MergedTurn) -> Iterator[Mistake]:
    """What is wrong with the replies of a turn, each at its place."""
    for index, reply in enumerate(turn.script["replies"]):
        for name, rule, remedy in _reply(reply):
            place = turn.place("script", "replies", index, *name)
            yield Mistake(place=place, rule=rule, remedy=remedy)


def _reply(reply: Json) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    written = reply.get("body", {})
    names = {name.lower() for name, _ in reply.get("headers", ())}
    if "error" in reply and ("body" in reply or "encoding" in reply):
        yield ("error",), "an error body is written in place of body and encoding", "keep one"
    if "encoding" in reply and "content-encoding" in names:
        yield ("encoding",), "writes the Content-Encoding header itself", "take the header away"
    if "base64" in written:
        try:
            base64.b64decode(written["base64"], validate=True)
        except binascii.Error as error:
            yield ("body", "base64"), f"is not base64: {error}", ""
            return
    if "json" in written:
        for at, text in _misspelled(written["json"], ()):
            rule = f"{text} is written otherwise by other JSON writers"
            yield ("body", "json", *at), rule, "where the spelling matters give the body as text"
    for number, fault in enumerate(reply.get("faults", ())):
        if "cut" in fault and "error" not in reply and "encoding" not in reply:
            length = len(body(written)) if written else 0
            if fault["cut"] >= length:
                rule = f"the body has {length} bytes, so nothing is cut after {fault['cut']}"
                yield ("faults", number, "cut"), rule, "cut inside the body"


def _misspelled(value: Json, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _misspelled(member, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misspelled(item, (*at, index))
    elif isinstance(value, Spelled):
        plain = re.fullmatch(r"-?(0|[1-9]\d*)\.\d*[1-9]", value.text)
        if not plain or repr(float(value)) != value.text:
            yield at, value.text
    elif isinstance(value, int) and abs(value) > _LARGEST:
        yield at, str(value)
