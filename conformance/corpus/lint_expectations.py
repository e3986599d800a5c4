"""The linter's rules for expectations: each can be met or violated, and is stated once.

An expectation is about the requests or about one kind of answer. If no request is sent, or the
answer is of another kind, it would never be checked.
"""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.corpus.merging import CLAIMED, MergedTurn
from conformance.documents.mistake import Mistake, near
from conformance.model.message import ERROR_FIELDS
from conformance.oss import naming

Json = Any

AS_ASKED = "as-asked"  # the processing string of each of several calls at once
TRUSTED = "trusted"  # the certificate that clients must accept
OF_REQUESTS = frozenset(
    {"method", "scheme", "target", "process", "auth", "verified"}
    | {"access_key_id", "token", "signing_region", "signing_time"}
)
# The kind of answer that an expectation is about.
ANSWER_OF = {
    **dict.fromkeys(("content", "parsed"), "content"),
    **dict.fromkeys(("origin", "caught", *ERROR_FIELDS), "error"),
    **dict.fromkeys(("exit", "prints", "compiles", "handled"), "ended"),
}


def _claimed(turn: MergedTurn) -> Iterator[tuple[str, str, Json]]:
    """Level, name and value of each expectation that is judged."""
    for level in CLAIMED:
        for name, value in turn.expect.get(level, {}).items():
            yield level, name, value


def _sets_are_known(turn: MergedTurn) -> Iterator[Mistake]:
    known = turn.suite.get("sets", {})
    for index, name in enumerate(turn.file_expect.get("sets", ())):
        if name not in known:
            rule = f"there is no expectation set {name!r}"
            remedy = near(name, list(known)) or "define it in defaults.json, under sets"
            yield Mistake(place=turn.place("expect", "sets", index), rule=rule, remedy=remedy)


def _sets_are_not_repeated(turn: MergedTurn) -> Iterator[Mistake]:
    """No value repeats one of a set, unless it restores it over the file's defaults."""
    known = turn.suite.get("sets", {})
    for level in CLAIMED:
        for name, value in turn.file_expect.get(level, {}).items():
            for chosen in turn.file_expect.get("sets", ()):
                members = known.get(chosen, {}).get(level, {})
                once = turn.layers_with("expect", level, name) == 1
                if name in members and members[name] == value and once:
                    place = turn.place("expect", level, name)
                    rule = f"{name} repeats the expectation set {chosen!r}"
                    yield Mistake(place=place, rule=rule, remedy="remove it")


def _named_once(turn: MergedTurn) -> Iterator[Mistake]:
    seen: set[str] = set()
    names = [(level, name) for level, name, _ in _claimed(turn)]
    names += [("observed", name) for name in turn.expect.get("observed", ())]
    for level, name in names:
        if name in seen:
            rule = f"{name} has two levels, of which this is the second: {level}"
            remedy = "keep one of them; the other may come from the file's defaults"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy=remedy)
        seen.add(name)
    if not names:
        rule = "nothing is required, recommended or observed"
        remedy = "add an expectation"
        yield Mistake(place=turn.place("expect"), rule=rule, remedy=remedy)


def _answer_fits(turn: MergedTurn) -> Iterator[Mistake]:
    """No expectation is about a kind of answer that the turn cannot have: it would be unchecked."""
    sample = turn.input["program"] is not None
    kinds = _kinds(turn)
    answer = "a sample program" if sample else f"answer {' or '.join(kinds) or 'of an SDK call'}"
    for level, name, _ in _claimed(turn):
        kind = ANSWER_OF.get(name)
        if kind is None:
            continue
        if sample is not (kind == "ended") or (kinds and kind not in kinds):
            rule = f"{name} is about an answer of kind {kind}, but this case has {answer}"
            place = turn.place("expect", level, name)
            yield Mistake(place=place, rule=rule, remedy="remove it")


def _kinds(turn: MergedTurn) -> tuple[str, ...]:
    """The kinds of answer that are expected; empty if `answer` is not expected."""
    answers = [value for _, name, value in _claimed(turn) if name == "answer"]
    if not answers:
        return ()
    return (answers[0],) if isinstance(answers[0], str) else tuple(answers[0])


def _programs_end(turn: MergedTurn) -> Iterator[Mistake]:
    sample = turn.input["program"] is not None
    for level, name, value in _claimed(turn):
        if name == "answer" and sample is not (value == "ended"):
            rule = f"answer is {value!r}, but the program is {turn.input['program']!r}"
            remedy = "expect 'ended' for a sample program, and only for one"
            yield Mistake(place=turn.place("expect", level, "answer"), rule=rule, remedy=remedy)


def _requests_are_sent(turn: MergedTurn) -> Iterator[Mistake]:
    expected = tuple(_claimed(turn))
    certificate = turn.script["certificate"]
    if certificate != TRUSTED:
        why = f"no request is sent to a server with the certificate {certificate!r}"
    elif any(name == "requests" and value == 0 for _, name, value in expected):
        why = "requests is 0"
    else:
        return
    for level, name, value in expected:
        if name in OF_REQUESTS or (name, bool(value)) == ("requests", True):
            rule = f"{name} is about requests, but {why}"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy="remove it")


def _process_is_the_one_asked_for(turn: MergedTurn) -> Iterator[Mistake]:
    for level, name, value in _claimed(turn):
        if name != "process" or (value == AS_ASKED and turn.call is not None):
            continue
        if value != turn.string:
            rule = f"process is {value!r}, but the input asks for {turn.string!r}"
            remedy = f"expect {AS_ASKED if turn.call else turn.string!r}"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy=remedy)


def _an_id_is_given(turn: MergedTurn) -> Iterator[Mistake]:
    credentials = turn.input["credentials"] or {}
    for level, name, value in _claimed(turn):
        if (name, value) == ("access_key_id", "as-given") and not credentials.get(name):
            rule = "access_key_id is as-given, but the input has none"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy="remove it")


def _headers_have_the_signing_time(turn: MergedTurn) -> Iterator[Mistake]:
    for level, name, _ in _claimed(turn):
        if name == "signing_time" and turn.input["sign"] == "url":
            rule = "signing_time is about a signed header, but the call is made by a URL"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy="remove it")


def _path_style_is_refused(turn: MergedTurn) -> Iterator[Mistake]:
    names = naming.hosts(turn.input["endpoint"], turn.input["bucket"])
    if turn.input["addressing"] != "path" or not any(map(naming.is_public, names)):
        return
    for level, name, value in _claimed(turn):
        if (name, value) == ("verified", "accepted"):
            rule = "the service refuses path style at its own endpoints"
            remedy = "use an address or a private name as endpoint"
            yield Mistake(place=turn.place("expect", level, name), rule=rule, remedy=remedy)


RULES: tuple[Callable[[MergedTurn], Iterator[Mistake]], ...] = (
    _sets_are_known,
    _sets_are_not_repeated,
    _named_once,
    _answer_fits,
    _programs_end,
    _requests_are_sent,
    _process_is_the_one_asked_for,
    _an_id_is_given,
    _headers_have_the_signing_time,
    _path_style_is_refused,
)
