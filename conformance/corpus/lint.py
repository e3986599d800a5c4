"""The rules of a vector file that a schema cannot express.

Each rule is a generator of mistakes, about a case or about a turn (one call, after merging); the
two tables at the end are all rules there are. They refuse what would mislead a reader: an
expectation of something that is never sent, a fault that cannot happen, a key pair that looks real.
The rules of expectations, of replies and of undocumented behaviour have modules of their own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conformance.corpus import lint_expectations, undocumented
from conformance.corpus.lint_replies import replies_can_be_sent
from conformance.corpus.merging import MergedCase, MergedTurn
from conformance.documents.mistake import Mistake, pointer
from conformance.documents.schema import near
from conformance.operation.processing import BODIES

Json = Any

FAMILIES = ("process", "auth", "bodies", "errors", "transport", "naming", "samples")


def _parameters_beside_process(turn: MergedTurn) -> Iterator[Mistake]:
    if turn.input["parameters"] and turn.input["process"] is not None:
        rule = "parameters are ignored when process is given"
        place = turn.place("input", "parameters")
        yield Mistake(place=place, rule=rule, remedy="remove one of the two")


def _action_is_that_of_the_operation(turn: MergedTurn) -> Iterator[Mistake]:
    action, documented = turn.input["action"], turn.operation.action
    if action != documented:
        rule = f"the action is {action!r}, but that of the file's operation is {documented!r}"
        remedy = "remove it, or name the operation of the file at its top"
        yield Mistake(place=turn.place("input", "action"), rule=rule, remedy=remedy)


def _parameters_are_known(turn: MergedTurn) -> Iterator[Mistake]:
    known = [parameter.name for parameter in turn.operation.parameters]
    for name, value in turn.input["parameters"].items():
        place = turn.place("input", "parameters", name)
        if name not in known:
            rule = f"{turn.operation.action} has no parameter {name!r}"
            remedy = near(name, known) or "remove it, or give the whole string as process"
            yield Mistake(place=place, rule=rule, remedy=remedy)
        elif isinstance(value, str):
            remedy = "write it without quotes, or give the whole string as process"
            yield Mistake(place=place, rule=f"{name} is an integer", remedy=remedy)


def _detections_are_a_response(turn: MergedTurn) -> Iterator[Mistake]:
    """The rule of `detections` makes responses of one operation only."""
    for index, reply in enumerate(turn.script["replies"]):
        if "detections" in reply.get("body", {}) and turn.operation.action != BODIES:
            place = turn.place("script", "replies", index, "body", "detections")
            rule = f"detections is a response of {BODIES}, not of {turn.operation.action}"
            remedy = "give the body as json, or a documented answer in the operation document"
            yield Mistake(place=place, rule=rule, remedy=remedy)


def _credentials_are_complete(turn: MergedTurn) -> Iterator[Mistake]:
    """Members may be left out where the defaults give them, but not over `null`."""
    given = turn.input["credentials"]
    missing = [n for n in ("access_key_id", "access_key_secret") if given and n not in given]
    if missing:
        rule = f"the credentials have no {' and no '.join(missing)}, and the defaults are null"
        remedy = "give them, as null for a variable that is unset"
        yield Mistake(place=turn.place("input", "credentials"), rule=rule, remedy=remedy)


def _certificate_is_seen(turn: MergedTurn) -> Iterator[Mistake]:
    """Without TLS no certificate is sent, so a wrong one changes nothing."""
    certificate, endpoint = turn.script["certificate"], turn.input["endpoint"]
    if certificate != lint_expectations.TRUSTED and not endpoint.lower().startswith("https://"):
        rule = f"the certificate {certificate!r} needs TLS, but the endpoint is {endpoint!r}"
        remedy = "remove it, or use an endpoint that begins with https://"
        yield Mistake(place=turn.place("script", "certificate"), rule=rule, remedy=remedy)


def _sample_as_printed(turn: MergedTurn) -> Iterator[Mistake]:
    """A sample program runs unmodified: only its credentials can be set from outside."""
    if turn.input["program"] is None:
        return
    for name, value in turn.input.items():
        if name not in ("program", "credentials") and value != turn.suite["input"].get(name):
            rule = f"{name} has no effect on a sample program"
            remedy = "remove it: only credentials can be set from outside"
            yield Mistake(place=turn.place("input", name), rule=rule, remedy=remedy)
    if turn.input["credentials"] is None:
        rule = "a sample program reads its credentials from the environment"
        remedy = "give credentials whose members are null: then the variables are unset"
        yield Mistake(place=turn.place("input", "credentials"), rule=rule, remedy=remedy)


def _no_real_keys(turn: MergedTurn) -> Iterator[Mistake]:
    """Real ids begin with LTAI or STS. and must never be committed; invented ones say Example."""
    given_id = (turn.input["credentials"] or {}).get("access_key_id") or ""
    ids: list[tuple[tuple[str, ...], str]] = [(("input", "credentials", "access_key_id"), given_id)]
    ids += [(("script", "keys"), key["id"]) for key in turn.script["keys"]]
    for path, given in ids:
        if given.startswith(("LTAI", "STS.")) and "Example" not in given:
            rule = "an access key id that looks like a real one"
            remedy = "write Example into it, and if it is real, revoke it"
            yield Mistake(place=turn.place(*path), rule=rule, remedy=remedy)


def _provenance(case: MergedCase) -> Iterator[Mistake]:
    if case.provenance is None:
        remedy = "give it here or in the file's defaults: source, note, reference, date"
        yield Mistake(place=pointer(case.at), rule="has no provenance", remedy=remedy)


def _id_in_topic(case: MergedCase) -> Iterator[Mistake]:
    topic = case.document["topic"]
    if not case.raw["id"].startswith(f"{topic}/"):
        rule = f"the id {case.raw['id']!r} does not begin with the topic"
        yield Mistake(place=pointer((*case.at, "id")), rule=rule, remedy=f"begin it with {topic}/")


def _title_is_a_sentence(case: MergedCase) -> Iterator[Mistake]:
    title = case.raw["title"]
    if title[0].islower() or not title.endswith("."):
        remedy = "say what the case shows; begin with a capital letter and end with a full stop"
        place = pointer((*case.at, "title"))
        yield Mistake(place=place, rule="the title is not a sentence", remedy=remedy)


def _flags_are_known(case: MergedCase) -> Iterator[Mistake]:
    known = case.document.get("flags", {})
    for index, flag in enumerate(case.raw.get("flags", ())):
        if flag not in known:
            remedy = near(flag, list(known)) or "explain it in the file's flags"
            place = pointer((*case.at, "flags", index))
            yield Mistake(place=place, rule=f"unknown flag {flag!r}", remedy=remedy)


def file_mistakes(document: Json) -> Iterator[Mistake]:
    """Mistakes of the file as a whole: its family, ids used twice, flags that no case has."""
    family = document["topic"].partition("/")[0]
    if family not in FAMILIES:
        rule = f"there is no family {family!r}"
        yield Mistake(place="/topic", rule=rule, remedy=near(family, FAMILIES))
    seen: dict[str, int] = {}
    for index, case in enumerate(document["cases"]):
        first = seen.setdefault(case["id"], index)
        if first != index:
            rule = f"the id {case['id']!r} is that of /cases/{first} as well"
            place = pointer(("cases", index, "id"))
            yield Mistake(place=place, rule=rule, remedy="give each case an id of its own")
    used = {flag for case in document["cases"] for flag in case.get("flags", ())}
    for flag in document.get("flags", {}):
        if flag not in used:
            rule = f"no case has the flag {flag!r}"
            yield Mistake(place=pointer(("flags", flag)), rule=rule, remedy="remove it")


def case_mistakes(cases: Iterable[MergedCase]) -> Iterator[Mistake]:
    """Mistakes in the cases of a document that its schema has accepted."""
    for case in cases:
        for of_case in CASE_RULES:
            yield from of_case(case)
        for turn in case.turns:
            for of_turn in TURN_RULES:
                yield from of_turn(turn)


CASE_RULES: tuple[Callable[[MergedCase], Iterator[Mistake]], ...] = (
    _provenance,
    _id_in_topic,
    _title_is_a_sentence,
    _flags_are_known,
)
TURN_RULES: tuple[Callable[[MergedTurn], Iterator[Mistake]], ...] = (
    _parameters_beside_process,
    _action_is_that_of_the_operation,
    _parameters_are_known,
    _detections_are_a_response,
    _credentials_are_complete,
    _certificate_is_seen,
    _sample_as_printed,
    _no_real_keys,
    *lint_expectations.RULES,
    replies_can_be_sent,
    undocumented.expected_all_the_same,
)
