"""Classes of input: what is special about a case, and how often each was tried.

Pure. A trait is a short sentence about a case that the plain documented call lacks. They
count what was covered, and they tell causes apart: a failure with all the traits of a known cause
(and more) is taken for the same, one that lacks any of them is news. Traits are read from the
case, not from the example, so that they hold for cases of the corpus and of earlier runs as well.
"""

import re
from collections.abc import Iterator
from dataclasses import astuple

from conformance.fuzz.example import DOT_SEGMENT, PLAIN, documented
from conformance.model.case import Case, Input, Reply
from conformance.operation.processing import asked
from conformance.operation.reading import bodies

_SPELLINGS = (
    ("empty", re.compile(r"\A\Z")),
    ("leading zero", re.compile(r"sen_0\d")),
    ("sign", re.compile(r"sen_[-+]")),
    ("white space", re.compile(r"\s")),
    ("decimal point", re.compile(r"\d\.\d")),
    ("exponent", re.compile(r"\de\d")),
    ("beyond ASCII", re.compile(r"[^\x00-\x7f]")),
    ("sen twice", re.compile(r"sen_.*sen_")),
    ("capitals", re.compile(r"[A-Z]")),
    ("percent sign", re.compile(r"%")),
    ("another operation", re.compile(r"resize|info")),
    ("other separators", re.compile(r"[;|&#=]")),
)
_PLACES = (
    ("two slashes", re.compile(r"//")),
    ("a segment of dots", DOT_SEGMENT),
    ("a slash at the end", re.compile(r"/\Z")),
    ("a character of two bytes", re.compile(r"[\u0080-\u07ff]")),
    ("a character of three bytes", re.compile(r"[\u0800-\uffff]")),
    ("a character of four bytes", re.compile(r"[\U00010000-\U0010ffff]")),
    ("more than 255 characters", re.compile(r"\A.{256}", re.DOTALL)),
)
_ODD = (
    ("a control character", re.compile(r"[\x00-\x1f\x7f]")),
    ("white space", re.compile(r"\s")),
    ("beyond ASCII", re.compile(r"[^\x00-\x7f]")),
)
# What fuzzing leaves alone; a case of the corpus that varies it has a trait that no example has.
_FIXED = ("action", "sign", "program", "endpoint", "region", "bucket", "signature", "addressing")
_ORDINARY = re.compile(r"[A-Za-z0-9._/-]|[^\x00-\x7f]")


def traits(case: Case) -> frozenset[str]:
    """What is special about a case; empty for the plain documented call."""
    return frozenset(_traits(case))


def sen_of(case: Case) -> int | None:
    """The sen of a case of one call that varies nothing but a valid sen; else None."""
    if len(case.turns) == 1 and traits(case) == {"sen 0 to 100"}:
        return sen_in(case.turns[0].input)
    return None


def sen_in(given: Input) -> int | None:
    """The sen of a call that is given as a number; None if there is none."""
    value = dict(given.parameters).get("sen")
    return value if isinstance(value, int) else None


def _traits(case: Case) -> Iterator[str]:
    for number in range(2, len(case.turns) + 1):
        yield f"{number} calls or more on one client"
    for turn in case.turns:
        yield from _of_input(turn.input)
        for reply in turn.script.replies:
            yield from _of_reply(reply)


def _of_input(given: Input) -> Iterator[str]:
    if given.process is not None:
        known = bodies().documented(given.process)
        yield f"{'a documented' if known else 'an undocumented'} string passed through"
        for name, pattern in _SPELLINGS:
            if pattern.search(given.process):
                yield f"string: {name}"
    elif (sen := sen_in(given)) is not None:
        yield from _of_sen(sen)
    for name in _FIXED:
        if getattr(given, name) != getattr(PLAIN, name):
            yield f"another {name}"
    if given.key != PLAIN.key:
        yield "another key"
        yield from _of_key(given.key)
    if given.credentials != PLAIN.credentials:
        yield "another key pair"
        if given.credentials is None:
            yield "anonymous"
            return
        if given.credentials.security_token is not None:
            yield "a security token"
        for value in astuple(given.credentials):
            yield from _of_credential(value)


def _of_credential(value: str | None) -> Iterator[str]:
    """What examples never have, so that a case that is known for it explains no example."""
    if value is None:
        return
    if not value:
        yield "credentials: empty"
    for name, pattern in _ODD:
        if pattern.search(value):
            yield f"credentials: {name}"


def _of_sen(sen: int) -> Iterator[str]:
    if 0 <= sen <= 100:
        yield "sen 0 to 100"
        return
    yield "sen below 0" if sen < 0 else "sen above 100"
    if not -(2**31) <= sen < 2**31:
        yield "sen beyond 32 bits"


def _of_key(key: str) -> Iterator[str]:
    for sign in sorted(set(key)):
        if not _ORDINARY.match(sign):
            yield f"key: {sign!r}"
    for name, pattern in _PLACES:
        if pattern.search(key):
            yield f"key: {name}"


def _of_reply(reply: Reply) -> Iterator[str]:
    for kind, _ in reply.faults:
        yield "response in pieces" if kind == "drip" else f"fault: {kind}"
    if reply.error is not None:
        yield "an error of the service"
        message = dict(reply.error).get("message", "")
        if re.search(r"[&<>'\"]", message):
            yield "error: markup in the message"
        if not message.isascii():
            yield "error: message beyond ASCII"
        return
    if reply.framing != "length":
        yield f"framing: {reply.framing}"
    coding = dict(reply.headers).get("Content-Encoding")
    if coding is not None:
        yield f"coding: {coding}"
        if len(reply.headers) == 1:
            return
    if reply.status != 200 or len(reply.headers) > (coding is not None):
        yield "another status or header"
    yield from _of_body(reply.body)


def _of_body(body: bytes) -> Iterator[str]:
    if b'"Bodies"' not in body:
        yield "no Bodies document"
        return
    count = body.count(b'"Confidence"')
    if count == 0:
        yield "no bodies"
    elif count >= 100:
        yield "100 bodies or more"
    if re.search(rb":\s*-?\d+(\.\d+)?[eE]", body):
        yield "a number with an exponent"
    if re.search(rb"[\n\t ]", body):
        yield "white space in the document"
    if re.search(rb":\d{10,}", body):
        yield "an integer beyond 32 bits"
    if re.search(rb'"Confidence":(\d+[,}]|\d\.0\b|0\.\d{15,})', body):
        yield "an unusual Confidence"


def asks_documented(case: Case) -> bool:
    """Whether every call of a case asks for what the contract covers."""
    return all(documented(asked(turn.input), turn.input.key) for turn in case.turns)
