"""The rules of a vector file that no schema can say.

Each rule is one generator of mistakes, over a turn (one call, after merging) or over a
case; the two tables at the end are all rules there are. What nobody published is refused by
`not_found`. The rules speak of what a reader would be misled by: a claim on what is never sent,
a fault that cannot happen, a key pair that looks real.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conformance.corpus import undocumented
from conformance.corpus.lint_replies import replies_can_be_sent
from conformance.corpus.merging import LaidCase, LaidTurn
from conformance.corpus.shape import near
from conformance.corpus.strict_json import Mistake, pointer
from conformance.model.message import ERROR_FIELDS

Json = Any

FAMILIES = ("process", "auth", "bodies", "errors", "transport", "naming", "samples")
REQUEST_SIDE = frozenset(
    {"method", "scheme", "target", "process", "auth", "verified"}
    | {"access_key_id", "token", "signing_region"}
)
CONTENT_SIDE = frozenset({"content", "parsed"})
ERROR_SIDE = frozenset({"origin", *ERROR_FIELDS})
SAMPLE_SIDE = frozenset({"exit", "prints"})
TRUSTED = "trusted"  # the certificate that clients are to accept
_CLAIMS = ("required", "recommended")


def _claimed(turn: LaidTurn) -> Iterator[tuple[str, str, Json]]:
    for claim in _CLAIMS:
        for name, value in turn.expect.get(claim, {}).items():
            yield claim, name, value


def _sen_beside_process(turn: LaidTurn) -> Iterator[Mistake]:
    if turn.input["sen"] is not None and turn.input["process"] is not None:
        rule = "sen means nothing when process is given"
        yield Mistake(place=turn.place("input", "sen"), rule=rule, remedy="keep one of them")


def _claimed_once(turn: LaidTurn) -> Iterator[Mistake]:
    seen: set[str] = set()
    names = [(claim, name) for claim, name, _ in _claimed(turn)]
    names += [("observed", name) for name in turn.expect.get("observed", ())]
    for claim, name in names:
        if name in seen:
            rule = f"{name} stands under two claims, the second is {claim}"
            remedy = "an expectation has one footing; mind what the file's defaults claim"
            place = turn.place("expect", claim, name)
            yield Mistake(place=place, rule=rule, remedy=remedy)
        seen.add(name)
    if not names:
        rule = "claims nothing and observes nothing"
        yield Mistake(place=turn.place("expect"), rule=rule, remedy="say what the case is for")


def _answer_fits(turn: LaidTurn) -> Iterator[Mistake]:
    """Each expectation speaks of a kind of answer: a claim on another kind is never judged."""
    sample = turn.input["operation"] == "sample"
    kinds = [(claim, value) for claim, name, value in _claimed(turn) if name == "answer"]
    kind = kinds[0][1] if kinds else ()
    allowed = (kind,) if isinstance(kind, str) else tuple(kind)
    sides = ((CONTENT_SIDE, "content"), (ERROR_SIDE, "error"), (SAMPLE_SIDE, "ended"))
    for claim, name, _ in _claimed(turn):
        for side, wanted in sides:
            if name in side and (
                (allowed and wanted not in allowed) or sample is (wanted != "ended")
            ):
                got = (
                    "a sample program"
                    if sample
                    else f"answer {' or '.join(allowed) or 'of an SDK call'}"
                )
                rule = f"{name} speaks of an answer of kind {wanted}, this case has {got}"
                place = turn.place("expect", claim, name)
                yield Mistake(place=place, rule=rule, remedy="take it away")
    for claim, value in kinds:
        if sample is not (value == "ended"):
            rule = f"answer is {value!r}, but the operation is {turn.input['operation']!r}"
            remedy = "a sample program is 'ended', and only a sample program"
            yield Mistake(place=turn.place("expect", claim, "answer"), rule=rule, remedy=remedy)


def _nothing_sent(turn: LaidTurn) -> Iterator[Mistake]:
    claims = tuple(_claimed(turn))
    shown = turn.script["certificate"]
    if shown != TRUSTED:
        why = f"nothing is asked of a server with the certificate {shown!r}"
    elif any(name == "requests" and value == 0 for _, name, value in claims):
        why = "requests is 0"
    else:
        return
    for claim, name, value in claims:
        if name in REQUEST_SIDE or (name, bool(value)) == ("requests", True):
            rule = f"{name} speaks of requests, but {why}"
            place = turn.place("expect", claim, name)
            yield Mistake(place=place, rule=rule, remedy="take it away")


def _certificate_seen(turn: LaidTurn) -> Iterator[Mistake]:
    """Where nobody looks at the certificate, a wrong one shows nothing."""
    shown, endpoint = turn.script["certificate"], turn.input["endpoint"]
    if shown != TRUSTED and not endpoint.lower().startswith("https://"):
        rule = f"the certificate {shown!r} is shown over TLS, but the endpoint is {endpoint!r}"
        place = turn.place("script", "certificate")
        yield Mistake(place=place, rule=rule, remedy="take it away, or begin with https://")


def _process_asked(turn: LaidTurn) -> Iterator[Mistake]:
    asked = undocumented.asked(turn.input)
    for claim, name, value in _claimed(turn):
        if name == "process" and value != asked:
            rule = f"process is claimed to be {value!r}, but the input asks for {asked!r}"
            place = turn.place("expect", claim, name)
            yield Mistake(place=place, rule=rule, remedy="what is asked for is what is to arrive")


def _sample_as_printed(turn: LaidTurn) -> Iterator[Mistake]:
    """A sample program runs unmodified: all that can be set from outside are the credentials."""
    if turn.input["operation"] != "sample":
        return
    for name, value in turn.input.items():
        if name not in ("operation", "credentials") and value != turn.suite["input"].get(name):
            rule = f"a sample program brings its own {name}"
            remedy = "only credentials are set from outside"
            yield Mistake(place=turn.place("input", name), rule=rule, remedy=remedy)
    if turn.input["credentials"] is None:
        rule = "a sample program takes its credentials from the environment"
        remedy = "give credentials whose members are null: the variables are unset then"
        yield Mistake(place=turn.place("input", "credentials"), rule=rule, remedy=remedy)


def _as_given(turn: LaidTurn) -> Iterator[Mistake]:
    credentials = turn.input["credentials"] or {}
    for claim, name, value in _claimed(turn):
        if (name, value) == ("access_key_id", "as-given") and not credentials.get(name):
            rule = "access_key_id as-given, but the input gives none"
            yield Mistake(place=turn.place("expect", claim, name), rule=rule, remedy="take it away")


def _no_real_keys(turn: LaidTurn) -> Iterator[Mistake]:
    """Real ids begin with LTAI or STS. and must never be committed; ours say what they are."""
    given_id = (turn.input["credentials"] or {}).get("access_key_id") or ""
    ids: list[tuple[tuple[str, ...], str]] = [(("input", "credentials", "access_key_id"), given_id)]
    ids += [(("script", "keys"), key["id"]) for key in turn.script["keys"]]
    for path, given in ids:
        if given.startswith(("LTAI", "STS.")) and "Example" not in given:
            rule = "an access key id that looks like a real one"
            remedy = "write Example into it, and if it is real, revoke it"
            yield Mistake(place=turn.place(*path), rule=rule, remedy=remedy)


def _provenance(case: LaidCase) -> Iterator[Mistake]:
    if case.provenance is None:
        remedy = "give it here or in the file's defaults: source, note, reference, date"
        yield Mistake(place=pointer(case.at), rule="has no provenance", remedy=remedy)


def _id_in_topic(case: LaidCase) -> Iterator[Mistake]:
    topic = case.document["topic"]
    if not case.raw["id"].startswith(f"{topic}/"):
        rule = f"the id {case.raw['id']!r} does not begin with the topic"
        yield Mistake(place=pointer((*case.at, "id")), rule=rule, remedy=f"begin it with {topic}/")


def _title_is_a_sentence(case: LaidCase) -> Iterator[Mistake]:
    title = case.raw["title"]
    if title[0].islower() or not title.endswith("."):
        remedy = "say what the case shows, begin with a capital letter and end with a full stop"
        place = pointer((*case.at, "title"))
        yield Mistake(place=place, rule="the title is not a sentence", remedy=remedy)


def _flags_are_known(case: LaidCase) -> Iterator[Mistake]:
    known = case.document.get("flags", {})
    for index, flag in enumerate(case.raw.get("flags", ())):
        if flag not in known:
            remedy = near(flag, list(known)) or "explain it in the file's flags"
            place = pointer((*case.at, "flags", index))
            yield Mistake(place=place, rule=f"unknown flag {flag!r}", remedy=remedy)


def file_mistakes(document: Json) -> Iterator[Mistake]:
    """What concerns the file as a whole: its family, ids that stand twice, flags nobody uses."""
    family = document["topic"].partition("/")[0]
    if family not in FAMILIES:
        rule = f"there is no family {family!r}"
        yield Mistake(place="/topic", rule=rule, remedy=near(family, FAMILIES))
    seen: dict[str, int] = {}
    for index, case in enumerate(document["cases"]):
        first = seen.setdefault(case["id"], index)
        if first != index:
            rule = f"the id {case['id']!r} stands at /cases/{first} already"
            place = pointer(("cases", index, "id"))
            yield Mistake(place=place, rule=rule, remedy="ids are unique")
    used = {flag for case in document["cases"] for flag in case.get("flags", ())}
    for flag in document.get("flags", {}):
        if flag not in used:
            rule = f"no case has the flag {flag!r}"
            yield Mistake(place=pointer(("flags", flag)), rule=rule, remedy="take it away")


def case_mistakes(cases: Iterable[LaidCase]) -> Iterator[Mistake]:
    """What the rules find in the cases of a document that its schema has accepted."""
    for case in cases:
        for of_case in CASE_RULES:
            yield from of_case(case)
        for turn in case.turns:
            for of_turn in TURN_RULES:
                yield from of_turn(turn)


CASE_RULES: tuple[Callable[[LaidCase], Iterator[Mistake]], ...] = (
    _provenance,
    _id_in_topic,
    _title_is_a_sentence,
    _flags_are_known,
)
TURN_RULES: tuple[Callable[[LaidTurn], Iterator[Mistake]], ...] = (
    _sen_beside_process,
    _claimed_once,
    _answer_fits,
    _nothing_sent,
    _certificate_seen,
    _process_asked,
    _sample_as_printed,
    _as_given,
    _no_real_keys,
    replies_can_be_sent,
    undocumented.claims,
)
