"""Features of a case: the properties in which it differs from the default call.

Pure. A feature is a short phrase. Features show what a search covered, and they distinguish causes:
a failure with all features of a known cause is attributed to it, any other failure is new. They are
computed from the case, not from the example, so that cases of the corpus and of earlier searches
have features as well.
"""

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache

from conformance.fuzz.contract import DOT_SEGMENT, documented
from conformance.fuzz.entry import default_input
from conformance.model.case import Case, Credentials, Input, Reply
from conformance.operation.definition import Arguments, Operation, Parameter
from conformance.operation.processing import asked

_KEY_FORMS = (
    ("two slashes", re.compile(r"//")),
    ("a segment of dots", DOT_SEGMENT),
    ("a slash at the end", re.compile(r"/\Z")),
    ("a character of two bytes", re.compile(r"[\u0080-\u07ff]")),
    ("a character of three bytes", re.compile(r"[\u0800-\uffff]")),
    ("a character of four bytes", re.compile(r"[\U00010000-\U0010ffff]")),
    ("more than 255 characters", re.compile(r"\A.{256}", re.DOTALL)),
)
# No example has these, so a known failure of the corpus that has one explains no example.
_CREDENTIAL_FORMS = (
    ("empty", re.compile(r"\A\Z")),
    ("a control character", re.compile(r"[\x00-\x1f\x7f]")),
    ("white space", re.compile(r"\s")),
    ("beyond ASCII", re.compile(r"[^\x00-\x7f]")),
)
# No example changes these settings.
_FIXED = ("action", "sign", "program", "endpoint", "region", "bucket", "signature", "addressing")
_ORDINARY = re.compile(r"[A-Za-z0-9._/-]|[^\x00-\x7f]")
_SEVERAL = " calls or more on one client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of a case and the arguments of its calls."""

    names: frozenset[str]  # empty for the default call
    arguments: frozenset[tuple[str, int]]  # name and value, of all calls

    @property
    def several_calls(self) -> bool:
        """Whether the case makes several calls."""
        return any(name.endswith(_SEVERAL) for name in self.names)


def features(case: Case, operation: Operation) -> Features:
    """The features of a case."""
    return Features(
        names=frozenset(_names(case, operation)),
        arguments=frozenset(pair for turn in case.turns for pair in _arguments(turn.input)),
    )


def valid_value(features: Features, operation: Operation) -> tuple[Parameter, int] | None:
    """The parameter and its value if a valid value is the only feature."""
    for parameter in operation.parameters:
        if features.names == {in_range(parameter)}:
            ((_, value),) = features.arguments
            return parameter, value
    return None


def in_range(parameter: Parameter) -> str:
    """The feature of the valid values of a parameter."""
    return f"{parameter.name} {parameter.minimum} to {parameter.maximum}"


def all_documented(case: Case, operation: Operation) -> bool:
    """Whether the documentation covers every call of a case."""
    inputs = [turn.input for turn in case.turns]
    return all(documented(asked(call), call.key, operation) for call in inputs)


def _names(case: Case, operation: Operation) -> Iterator[str]:
    for number in range(2, len(case.turns) + 1):
        yield f"{number}{_SEVERAL}"
    for turn in case.turns:
        yield from _of_request(turn.input, operation)
        yield from _of_settings(turn.input)
        for reply in turn.script.replies:
            yield from _of_reply(reply)


def _arguments(call: Input) -> Arguments:
    """The arguments of a call; none if its processing string is passed through."""
    if call.process is not None:
        return ()
    return tuple((name, value) for name, value in call.parameters if isinstance(value, int))


def _of_request(call: Input, operation: Operation) -> Iterator[str]:
    if call.process is not None:
        in_documentation = operation.documented(call.process)
        yield f"{'a documented' if in_documentation else 'an undocumented'} string passed through"
        for name, pattern in _string_forms(
            tuple(parameter.name for parameter in operation.parameters)
        ):
            if pattern.search(call.process):
                yield f"string: {name}"
    for parameter in operation.parameters:
        yield from _of_arguments(parameter, _arguments(call))


def _of_arguments(parameter: Parameter, arguments: Arguments) -> Iterator[str]:
    for name, value in arguments:
        if name != parameter.name:
            continue
        if value in parameter.range:
            yield in_range(parameter)
            continue
        below = value < parameter.minimum
        yield f"{name} below {parameter.minimum}" if below else f"{name} above {parameter.maximum}"
        if not -(2**31) <= value < 2**31:
            yield f"{name} beyond 32 bits"


@cache
def _string_forms(parameters: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    names = [re.escape(name) for name in parameters]
    any_name = f"({'|'.join(names)})" if names else r"(?!)"
    forms = [
        ("empty", r"\A\Z"),
        ("leading zero", rf"{any_name}_0\d"),
        ("sign", rf"{any_name}_[-+]"),
        ("white space", r"\s"),
        ("decimal point", r"\d\.\d"),
        ("exponent", r"\de\d"),
        ("beyond ASCII", r"[^\x00-\x7f]"),
        *((f"{name} twice", rf"{name}_.*{name}_") for name in names),
        ("capitals", r"[A-Z]"),
        ("percent sign", r"%"),
        ("another operation", r"resize|info"),
        ("other separators", r"[;|&#=]"),
    ]
    return tuple((name, re.compile(pattern)) for name, pattern in forms)


def _of_settings(call: Input) -> Iterator[str]:
    default = default_input()
    for name in _FIXED:
        if getattr(call, name) != getattr(default, name):
            yield f"another {name}"
    if call.key != default.key:
        yield "another key"
        yield from _of_key(call.key)
    if call.credentials is None:
        yield from ("another key pair", "anonymous")
    elif call.credentials != default.credentials:
        yield from _of_credentials(call.credentials)


def _of_key(key: str) -> Iterator[str]:
    for character in sorted(set(key)):
        if not _ORDINARY.match(character):
            yield f"key: {character!r}"
    for name, pattern in _KEY_FORMS:
        if pattern.search(key):
            yield f"key: {name}"


def _of_credentials(keys: Credentials) -> Iterator[str]:
    yield "another key pair"
    if keys.security_token is not None:
        yield "a security token"
    for value in astuple(keys):
        for name, pattern in _CREDENTIAL_FORMS if value is not None else ():
            if pattern.search(value):
                yield f"credentials: {name}"


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
