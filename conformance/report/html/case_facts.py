"""What the page shows of a case besides its results: what is asked, what the mock answers, and
what is expected.

Pure. A results folder does not have this, so it is shown if the vectors of this installation are
those of the run. Secrets are masked.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict

from conformance.model.case import Case, Input, Reply, Turn
from conformance.operation.processing import asked
from conformance.oss.secret import is_clean, masked_text, secrets
from conformance.report.html.shared_strings import shown_content, shown_text

Facts = list[list[tuple[str, str]]]  # for each turn pairs of name and value
_REPLIES = 8  # replies of a script that are listed
_VALUE = 200  # characters of a field or of the content of a reply
_NAMES = (
    "endpoint",
    "region",
    "bucket",
    "key",
    "version_id",
    "signature",
    "addressing",
    "connect_timeout",
    "read_timeout",
    "into",
    "consume",
    "proxy",
    "environment",
)
_USUAL = {"into": "memory"}


def case_facts(case: Case) -> Facts:
    """For each turn, pairs of name and value."""
    turns = [list(_turn(turn)) for turn in case.turns]
    known = secrets(case.turns)
    if is_clean((value for turn in turns for _, value in turn), known):
        return turns
    return [[(name, masked_text(value, known)) for name, value in turn] for turn in turns]


def _turn(turn: Turn) -> Iterator[tuple[str, str]]:
    yield from _input(turn.input)
    if turn.calls:
        yield "parallel calls", ", ".join(asked(given) for given in turn.calls)
    for number, reply in enumerate(turn.script.replies[:_REPLIES], start=1):
        yield f"the mock answers ({number})" if number > 1 else "the mock answers", _reply(reply)
    if turn.script.certificate != "trusted":
        yield "certificate of the mock", turn.script.certificate
    if turn.script.clock_offset:
        yield "clock of the mock", f"{turn.script.clock_offset:+} s"
    for expectation in turn.expect:
        for name, value in expectation.values:
            text = json.dumps(value, ensure_ascii=False)
            yield f"{expectation.claim.value}: {name.replace('_', ' ')}", text


def _input(given: Input) -> Iterator[tuple[str, str]]:
    if given.program is not None:
        yield "program", given.program
    yield "processing string", asked(given)
    yield "signed as", "presigned URL" if given.sign == "url" else "header"
    for name in _NAMES:
        value = getattr(given, name)
        if value is not None and value != _USUAL.get(name):
            text = value if isinstance(value, str | int) else json.dumps(asdict(value))
            unit = " ms" if name.endswith("timeout") else ""
            yield name.replace("_", " "), f"{text}{unit}"
    if given.credentials is None:
        yield "credentials", "none (anonymous)"
    else:
        token = ", with a security token" if given.credentials.security_token else ""
        yield "access key id", f"{given.credentials.access_key_id}{token}"
    yield "client", given.client


def _reply(reply: Reply) -> str:
    faults = "".join(f", fault {kind} {argument}" for kind, argument in reply.faults)
    when = "".join(f", if the {kind} is {value}" for kind, value in reply.when)
    if reply.error is not None:
        content = f"error {json.dumps(dict(reply.error), ensure_ascii=False)}"
    else:
        content = shown_content(reply.body, _VALUE) or "no content"
    return f"status {reply.status}{_fields(reply)}{faults}{when}: {content}"


def _fields(reply: Reply) -> str:
    """The header fields in which the case changes what the service always sends."""
    return "".join(
        f", without {name}"
        if value is None
        else f", {name}: {shown_text(value, _VALUE) or '(empty)'}"
        for name, value in reply.headers
    )
