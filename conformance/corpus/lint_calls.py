"""The linter's rules for calls that are made at once: each can be distinguished from the others.

A request is assigned to its call by the object key, and calls with the same key by the processing
string, so every call needs a pair of these of its own. All are made on one client, so what the
client is made of is the same for all.
"""

from collections import Counter
from collections.abc import Iterator

from conformance.corpus.merging import MergedTurn
from conformance.documents.mistake import Mistake, pointer

# Names of `input` that may differ from call to call; all others are settings of the client.
OWN = frozenset({"parameters", "process", "sign", "bucket", "key", "version_id", "into", "consume"})


def calls_differ(turn: MergedTurn) -> Iterator[Mistake]:
    """The mistakes in the calls of a turn that are made at once."""
    seen: set[tuple[str, str]] = set()
    keys = Counter(given["key"] for given in turn.calls)
    for call in turn.each_call() if turn.calls else ():
        given, key, string = call.input, call.input["key"], call.string
        place = call.place("input", "key")
        if (key, string) in seen:
            rule = (
                f"the key {key!r} is also that of an earlier call with the processing string "
                f"{string!r}, so requests are ambiguous"
            )
            remedy = "give each call a key or a processing string of its own"
            yield Mistake(place=place, rule=rule, remedy=remedy)
        seen.add((key, string))
        for name, value in given.items():
            if name not in OWN and value != turn.input[name]:
                rule = f"{name} belongs to the client, which all calls at once share"
                remedy = "set it in the input of the turn"
                yield Mistake(place=call.place("input", name), rule=rule, remedy=remedy)
        whens = [reply.get("when", {}) for reply in turn.script["replies"]]
        fitting = [when for when in whens if _may_get(when, key, string)]
        if not fitting:
            rule = f"no reply is for the key {key!r} and the processing string {string!r}"
            yield Mistake(place=place, rule=rule, remedy='add one with "when": {"key": KEY}')
        elif keys[key] > 1 and not any("process" in when for when in fitting):
            rule = f"several calls have the key {key!r}, and no reply is for the string {string!r}"
            yield Mistake(place=place, rule=rule, remedy='add one with "when": {"process": STRING}')
    for index, reply in enumerate(turn.script["replies"]):
        when = reply.get("when", {})
        if turn.calls and not any(_may_get(when, *pair) for pair in seen):
            name = "key" if "key" in when and when["key"] not in keys else "process"
            place = turn.place("script", "replies", index, "when", name)
            rule = f"none of the calls asks for {when[name]!r}"
            yield Mistake(place=place, rule=rule, remedy=f"use the {name} of a call")
    if turn.calls and turn.input["program"] is not None:
        rule = "a program is not one of several calls"
        yield Mistake(place=pointer(turn.layers[0][0]), rule=rule, remedy="remove calls")


def _may_get(when: dict[str, str], key: str, string: str) -> bool:
    return when.get("key", key) == key and when.get("process", string) == string
