"""Masks the secrets of a case in its transcript and its verdict, and restores a transcript.

What is stored and shown is masked. A transcript that is judged again is restored with the secrets
of its case first, so that signatures are verified over the bytes that were sent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import attrgetter
from typing import Any

from conformance.judge.signing_scopes import scopes_of
from conformance.model.case import Case
from conformance.model.message import Content
from conformance.model.verdict import Finding, Transcript, Verdict
from conformance.oss.secret import (
    Secret,
    has_mask,
    in_text,
    is_clean,
    masked,
    masked_text,
    restored,
    secrets,
    with_keys,
)
from conformance.oss.v4 import Scope


def masked_transcript(
    case: Case, transcript: Transcript, others: Sequence[Secret] = ()
) -> Transcript:
    """The transcript as it is stored.

    others: secrets of other cases, which may be on standard error if a runner writes it late.
    """
    scopes = scopes_of(case.turns, transcript)
    known = secrets(case.turns, scopes)
    stored: Transcript = _mapped(transcript, masked, known)
    if not stored.stderr:
        return stored
    # Their numbers are none of the case's, so these masks stay when a transcript is restored.
    more = (with_keys(one, scopes) for one in others)
    return replace(stored, stderr=masked_text(stored.stderr, (*known, *more)))


def restored_transcript(case: Case, transcript: Transcript) -> Transcript:
    """A stored transcript as it was recorded; the same object if nothing in it is masked."""
    if not _is_masked(transcript):
        return transcript
    original: Transcript = _mapped(transcript, restored, secrets(case.turns))
    return original


def _is_masked(value: Any) -> bool:
    """Whether a text or byte string in a part of a transcript may contain a mask.

    Most transcripts have none, and this takes a tenth of the time that restoring one takes.
    """
    parts = [value]
    while parts:
        value = parts.pop()
        kind: Any = type(value)
        if kind is str or kind is bytes:
            if has_mask(value):
                return True
        elif kind is tuple:
            parts += value
        elif kind is Content:
            parts.append(value.content)  # as in `_mapped_fields`
        elif (members := _members(kind)) is not None:
            parts += members(value)
    return False


def masked_verdict(case: Case, verdict: Verdict, scopes: tuple[Scope, ...] = ()) -> Verdict:
    """The verdict with every text masked that quotes something. scopes: of its trial."""
    known = secrets(case.turns, scopes)
    texts = [value for _, value in verdict.profile]
    texts += [text for one in verdict.findings for text in (one.where, one.expected, one.got)]
    if not known or is_clean([*texts, verdict.reason], known):
        return verdict
    return replace(
        verdict,
        findings=tuple(_finding(finding, known) for finding in verdict.findings),
        profile=tuple((name, masked_text(value, known)) for name, value in verdict.profile),
        reason=masked_text(verdict.reason, known),
    )


def _finding(finding: Finding, known: Sequence[Secret]) -> Finding:
    return replace(
        finding,
        where=masked_text(finding.where, known),
        expected=masked_text(finding.expected, known),
        got=masked_text(finding.got, known),
    )


def changed(value: Any, change: Callable[[bytes], bytes]) -> Any:
    """A value of the model with a change made to every text and byte string in it.

    change: returns its argument itself if it changes nothing.
    """
    return _mapped(value, lambda data, _: change(data), ())


Change = Callable[[bytes, Sequence[Secret]], bytes]


def _mapped(value: Any, change: Change, known: Sequence[Secret]) -> Any:
    """The value with a change made to every text and byte string in it."""
    if isinstance(value, bytes):
        return change(value, known)
    if isinstance(value, str):
        return in_text(value, lambda data: change(data, known))
    if isinstance(value, tuple | list):
        return type(value)(_mapped(item, change, known) for item in value)
    if isinstance(value, dict):
        pairs = ((_mapped(name, change, known), item) for name, item in value.items())
        return {name: _mapped(item, change, known) for name, item in pairs}
    return _mapped_fields(value, change, known) if is_dataclass(value) else value


def _mapped_fields(value: Any, change: Change, known: Sequence[Secret]) -> Any:
    if isinstance(value, Content) and change(value.content, known) is value.content:
        return value  # a parser finds nothing in a document that is not there
    kind: Any = type(value)
    names = _fields(kind)
    return replace(value, **{name: _mapped(getattr(value, name), change, known) for name in names})


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _members(kind: type) -> Callable[[Any], Iterable[Any]] | None:
    """What returns the values of the fields of a dataclass; None for another type."""
    if not is_dataclass(kind):
        return None
    names = _fields(kind)
    return attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, names[0])]
