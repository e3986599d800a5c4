"""The linter's rules for calls that are made at once: each can be distinguished from the others.

A request is assigned to its call by the object key, so every call needs a key of its own. All are
made on one client, so what the client is made of is the same for all.
"""

from collections.abc import Iterator

from conformance.corpus.merging import MergedTurn
from conformance.documents.mistake import Mistake, pointer

# Names of `input` that may differ from call to call; all others are settings of the client.
OWN = frozenset({"parameters", "process", "sign", "bucket", "key", "version_id", "into", "consume"})


def calls_differ(turn: MergedTurn) -> Iterator[Mistake]:
    """The mistakes in the calls of a turn that are made at once."""
    seen: set[str] = set()
    for call in turn.each_call() if turn.calls else ():
        given, key = call.input, call.input["key"]
        place = call.place("input", "key")
        if key in seen:
            rule = f"the key {key!r} is also that of an earlier call, so requests are ambiguous"
            yield Mistake(place=place, rule=rule, remedy="give each call a key of its own")
        seen.add(key)
        for name, value in given.items():
            if name not in OWN and value != turn.input[name]:
                rule = f"{name} belongs to the client, which all calls at once share"
                remedy = "set it in the input of the turn"
                yield Mistake(place=call.place("input", name), rule=rule, remedy=remedy)
        if not any(_may_get(reply.get("when", {}), key) for reply in turn.script["replies"]):
            rule = f"no reply is for the key {key!r}"
            yield Mistake(place=place, rule=rule, remedy='add one with "when": {"key": KEY}')
    for index, reply in enumerate(turn.script["replies"]):
        key = reply.get("when", {}).get("key")
        if turn.calls and key is not None and key not in seen:
            place = turn.place("script", "replies", index, "when", "key")
            rule = f"none of the calls asks for {key!r}"
            yield Mistake(place=place, rule=rule, remedy="use the key of a call")
    if turn.calls and turn.input["program"] is not None:
        rule = "a program is not one of several calls"
        yield Mistake(place=pointer(turn.layers[0][0]), rule=rule, remedy="remove calls")


def _may_get(when: dict[str, str], key: str) -> bool:
    return when.get("key", key) == key
