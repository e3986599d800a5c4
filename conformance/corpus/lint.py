"""Rules for vector files that a schema cannot express.

Each rule is a generator of mistakes in a case or in a turn (one call, after merging); the two
tables at the end list all of them. They reject what would mislead a reader: an expectation about
something that is never sent, a fault that cannot happen, a key pair that looks real. The rules for
expectations, replies and undocumented behaviour are in separate modules.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conformance.corpus import lint_expectations, undocumented
from conformance.corpus.lint_calls import calls_differ
from conformance.corpus.lint_live import live_is_safe
from conformance.corpus.lint_replies import replies_can_be_sent, replies_fit_a_trial
from conformance.corpus.merging import MergedCase, MergedTurn
from conformance.documents.mistake import Mistake, near, pointer
from conformance.model.manifest import SAMPLE
from conformance.operation.processing import BODIES

Json = Any

IN_THE_TEXT = frozenset({"endpoint", "region", "bucket", "key", "process"})
FAMILIES = ("process", "auth", "bodies", "errors", "transport", "naming", "samples")


def _parameters_beside_process(turn: MergedTurn) -> Iterator[Mistake]:
    if turn.input["parameters"] and turn.input["process"] is not None:
        rule = "parameters are ignored when process is given"
        place = turn.place("input", "parameters")
        yield Mistake(place=place, rule=rule, remedy="remove parameters or process")


def _action_is_that_of_the_operation(turn: MergedTurn) -> Iterator[Mistake]:
    action, documented = turn.input["action"], turn.operation.action
    if action != documented:
        rule = f"the action is {action!r}, but that of the file's operation is {documented!r}"
        remedy = "remove it, or set the operation at the top of the file"
        yield Mistake(place=turn.place("input", "action"), rule=rule, remedy=remedy)


def _parameters_are_known(turn: MergedTurn) -> Iterator[Mistake]:
    known = [parameter.name for parameter in turn.operation.parameters]
    for name, value in turn.input["parameters"].items():
        place = turn.place("input", "parameters", name)
        if name not in known:
            rule = f"{turn.operation.action} has no parameter {name!r}"
            remedy = near(name, known) or "remove it, or give the complete string as process"
            yield Mistake(place=place, rule=rule, remedy=remedy)
        elif isinstance(value, str):
            remedy = "write it without quotes, or give the complete string as process"
            yield Mistake(place=place, rule=f"{name} is an integer", remedy=remedy)


def _detections_are_a_response(turn: MergedTurn) -> Iterator[Mistake]:
    """`detections` generates responses of one operation only."""
    for index, reply in enumerate(turn.script["replies"]):
        if "detections" in reply.get("body", {}) and turn.operation.action != BODIES:
            place = turn.place("script", "replies", index, "body", "detections")
            rule = f"detections is a response of {BODIES}, not of {turn.operation.action}"
            remedy = "give the body as json, or add an answer to the operation document"
            yield Mistake(place=place, rule=rule, remedy=remedy)


def _credentials_are_complete(turn: MergedTurn) -> Iterator[Mistake]:
    """Members may be omitted if the defaults have them, but not if the defaults are `null`."""
    given: list[tuple[tuple[str | int, ...], Json]] = [(("input",), turn.input)]
    given += [(("calls", number), call) for number, call in enumerate(turn.calls)]
    for path, call in given:
        credentials = call["credentials"]
        names = ("access_key_id", "access_key_secret") if credentials else ()
        missing = [name for name in names if name not in credentials]
        if missing:
            rule = f"the credentials have no {' and no '.join(missing)}, and the defaults are null"
            remedy = "add the member; null leaves its environment variable unset"
            yield Mistake(place=turn.place(*path, "credentials"), rule=rule, remedy=remedy)


def _certificate_is_seen(turn: MergedTurn) -> Iterator[Mistake]:
    """Without TLS no certificate is sent, so a bad one has no effect."""
    certificate, endpoint = turn.script["certificate"], turn.input["endpoint"]
    if certificate != lint_expectations.TRUSTED and not endpoint.lower().startswith("https://"):
        rule = f"the certificate {certificate!r} needs TLS, but the endpoint is {endpoint!r}"
        remedy = "remove it, or use an endpoint that begins with https://"
        yield Mistake(place=turn.place("script", "certificate"), rule=rule, remedy=remedy)


def _sample_as_printed(turn: MergedTurn) -> Iterator[Mistake]:
    """A program runs unmodified; only its credentials can be set, in its environment.

    A case about a program of a page has no program text beside it, so its input also says what the
    text asks for.
    """
    program = turn.input["program"]
    if program is None:
        return
    given = {"program", "credentials"} | (IN_THE_TEXT if program != SAMPLE else set())
    for name, value in turn.input.items():
        if name not in given and value != turn.suite["input"].get(name):
            rule = f"{name} has no effect on a sample program"
            remedy = "remove it; only credentials can be set"
            yield Mistake(place=turn.place("input", name), rule=rule, remedy=remedy)
    if turn.input["credentials"] is None:
        rule = "a sample program reads its credentials from the environment"
        remedy = "give credentials whose members are null, which leaves the variables unset"
        yield Mistake(place=turn.place("input", "credentials"), rule=rule, remedy=remedy)


def _no_real_keys(turn: MergedTurn) -> Iterator[Mistake]:
    """Real ids begin with LTAI or STS. and must never be committed; examples contain Example."""
    input_id = (turn.input["credentials"] or {}).get("access_key_id") or ""
    ids: list[tuple[tuple[str, ...], str]] = [(("input", "credentials", "access_key_id"), input_id)]
    ids += [(("script", "keys"), key["id"]) for key in turn.script["keys"]]
    for path, key_id in ids:
        if key_id.startswith(("LTAI", "STS.")) and "Example" not in key_id:
            rule = "the access key id looks like a real one"
            remedy = "use an id that contains Example; if this one is real, revoke it"
            yield Mistake(place=turn.place(*path), rule=rule, remedy=remedy)


def _provenance(case: MergedCase) -> Iterator[Mistake]:
    if case.provenance is None:
        remedy = "add source, note, reference and date here or in the file's defaults"
        yield Mistake(place=pointer(case.at), rule="has no provenance", remedy=remedy)


def _id_in_topic(case: MergedCase) -> Iterator[Mistake]:
    topic = case.document["topic"]
    if not case.raw["id"].startswith(f"{topic}/"):
        rule = f"the id {case.raw['id']!r} does not begin with the topic"
        remedy = f"begin it with {topic}/"
        yield Mistake(place=pointer((*case.at, "id")), rule=rule, remedy=remedy)


def _title_is_a_sentence(case: MergedCase) -> Iterator[Mistake]:
    title = case.raw["title"]
    if title[0].islower() or not title.endswith("."):
        remedy = "say what the case shows; begin with a capital letter, end with a full stop"
        place = pointer((*case.at, "title"))
        yield Mistake(place=place, rule="the title is not a sentence", remedy=remedy)


def _flags_are_known(case: MergedCase) -> Iterator[Mistake]:
    known = case.document.get("flags", {})
    for index, flag in enumerate(case.raw.get("flags", ())):
        if flag not in known:
            remedy = near(flag, list(known)) or "explain it in the flags of the file"
            place = pointer((*case.at, "flags", index))
            yield Mistake(place=place, rule=f"unknown flag {flag!r}", remedy=remedy)


def file_mistakes(document: Json) -> Iterator[Mistake]:
    """Mistakes in the file as a whole: an unknown family, duplicate ids, unused flags."""
    family = document["topic"].partition("/")[0]
    if family not in FAMILIES:
        rule = f"there is no family {family!r}"
        yield Mistake(place="/topic", rule=rule, remedy=near(family, FAMILIES))
    seen: dict[str, int] = {}
    for index, case in enumerate(document["cases"]):
        first = seen.setdefault(case["id"], index)
        if first != index:
            rule = f"the id {case['id']!r} is also that of /cases/{first}"
            place = pointer(("cases", index, "id"))
            yield Mistake(place=place, rule=rule, remedy="give each case a unique id")
    used = {flag for case in document["cases"] for flag in case.get("flags", ())}
    for flag in document.get("flags", {}):
        if flag not in used:
            rule = f"no case has the flag {flag!r}"
            yield Mistake(place=pointer(("flags", flag)), rule=rule, remedy="remove it")


def case_mistakes(cases: Iterable[MergedCase]) -> Iterator[Mistake]:
    """Mistakes in the cases of a document that its schema has accepted."""
    for case in cases:
        for case_rule in CASE_RULES:
            yield from case_rule(case)
        for turn in case.turns:
            yield from calls_differ(turn)
            for call in turn.each_call():
                for turn_rule in TURN_RULES:
                    yield from turn_rule(call)


CASE_RULES: tuple[Callable[[MergedCase], Iterator[Mistake]], ...] = (
    _provenance,
    _id_in_topic,
    _title_is_a_sentence,
    _flags_are_known,
    live_is_safe,
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
    replies_fit_a_trial,
    undocumented.unsupported_expectations,
)
