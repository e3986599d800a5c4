"""What a fuzz leaves behind: vector files that `run` replays, and the shots they stand for.

Pure. Counter-examples, flaky examples, disagreements and what was only noted each get a
vector file of their own, named after what it is about, so that the same find has the same name on
any machine. The case in the file and the verdict in the results have one id.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from conformance.corpus.layout import format_vector
from conformance.fuzz.cause import explained
from conformance.fuzz.example import Example, entry_of
from conformance.fuzz.judged import Judged
from conformance.fuzz.score import Score
from conformance.fuzz.traits import traits
from conformance.model.verdict import Finding

FAMILIES = ("process", "auth", "bodies", "errors", "transport", "naming")
COUNTER_EXAMPLES, FLAKY, DISAGREEMENTS, NOTED = (
    "counter-examples",
    "flaky",
    "disagreements",
    "noted",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One find. kind: the folder. at: its key in the score. case: id of its (first) case.

    file: path below the results folder; text: None if an earlier run wrote it. shots: with the
    case's id in them.
    """

    kind: str
    at: Any
    case: str
    file: str
    text: str | None
    shots: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a vector file is made of; name: its topic. shots: each with the last part of its id."""

    kind: str
    at: Any
    example: Example
    name: str
    title: str
    note: str
    shots: tuple[tuple[str, Judged], ...]


def kept(score: Score, *, seed: int, schema: Any) -> tuple[Find, ...]:
    """All finds of a score, each cause of an earlier run and each listed one included."""
    found = (*_new_causes(score), *_flaky(score), *_disagreements(score), *_noted(score))
    return (*_old_causes(score), *(_kept(find, seed, schema) for find in found))


def _old_causes(score: Score) -> Iterator[Find]:
    for at, cause in enumerate(score.causes):
        if cause.example is None:
            shot = cause.shot
            if cause.known:
                shot = replace(shot, verdict=replace(shot.verdict, known_failing=cause.known))
            yield Find(
                kind=COUNTER_EXAMPLES,
                at=at,
                case=shot.case.id,
                file=cause.file,
                text=None,
                shots=(shot,),
            )


def _new_causes(score: Score) -> Iterator[_Source]:
    for at, cause in enumerate(score.causes):
        if cause.example is not None:
            said = _said(cause.findings) or cause.shot.verdict.reason
            yield _Source(
                kind=COUNTER_EXAMPLES,
                at=at,
                example=cause.example,
                name=_name(cause.rule, cause.lane, *sorted(cause.rules), explained(cause)),
                title="The smallest example on which a lane broke a property of fuzzing.",
                note=f"on {cause.lane}, with {explained(cause)}. {said}",
                shots=(("smallest", cause.shot),),
            )


def _flaky(score: Score) -> Iterator[_Source]:
    for (lane, rules), one in score.flaky.items():
        yield _Source(
            kind=FLAKY,
            at=(lane, rules),
            example=one.example,
            name=_name(min(rules), lane, *sorted(rules), "flaky"),
            title="An example that failed and, run again alone, did not.",
            note=f"on {lane}: it broke {', '.join(sorted(rules))} once and not again.",
            shots=(("first", one.first), ("again", one.again)),
        )


def _disagreements(score: Score) -> Iterator[_Source]:
    for key, one in score.disagreements.items():
        yield _Source(
            kind=DISAGREEMENTS,
            at=key,
            example=one.example,
            name=_name("bodies.differ" if one.documented else "process.differ", key),
            title="The smallest example on which lanes differ and none of them is wrong.",
            note=f"{key}. {' | '.join(got for got, _ in one.agreement.groups)}",
            shots=tuple(("smallest", shot) for shot in one.shots),
        )


def _noted(score: Score) -> Iterator[_Source]:
    for (lane, rules), noted in score.noted.items():
        said = _said(f for f in noted.shot.verdict.findings if f.rule in rules)
        yield _Source(
            kind=NOTED,
            at=(lane, rules),
            example=noted.example,
            name=_name(min(rules), lane, *sorted(rules), "noted"),
            title="The smallest example of what a lane does where the contract ends.",
            note=f"on {lane}, with {'; '.join(sorted(traits(noted.shot.case)))}. {said}",
            shots=(("smallest", noted.shot),),
        )


def _said(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{f.rule}: expected {f.expected}, got {f.got}" for f in findings)


def _kept(find: _Source, seed: int, schema: Any) -> Find:
    turns = find.shots[0][1].case.turns
    client_kept = len(turns) > 1 and any(turn.input.client == "kept" for turn in turns)
    note = _visible(f"Found by fuzzing (seed {seed}) {find.note}")
    entries = {
        short: {
            **entry_of(
                find.example, name=f"{find.name}/{short}", title=find.title, kept=client_kept
            ),
            "provenance": {"source": "derived", "note": note},
        }
        for short, _ in find.shots
    }
    document = {
        "$schema": "../../schemas/vectors.schema.json",
        "topic": find.name,
        "about": "What fuzzing found and shrank; the note of the case says on which lane.",
        "cases": list(entries.values()),
    }
    shots = tuple(_renamed(shot, f"{find.name}/{short}") for short, shot in find.shots)
    return Find(
        kind=find.kind,
        at=find.at,
        case=shots[0].case.id,
        file=f"{find.kind}/{find.name}.json",
        text=format_vector(document, schema),
        shots=shots,
    )


def _renamed(shot: Judged, case: str) -> Judged:
    return replace(
        shot,
        case=replace(shot.case, id=case),
        transcript=replace(shot.transcript, case=case),
        verdict=replace(shot.verdict, case=case),
    )


def _name(rule: str, *what: str) -> str:
    """A topic that is the same for the same find on any machine."""
    family = rule.partition(".")[0]
    digest = hashlib.sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{family if family in FAMILIES else 'transport'}/fuzz-{rule.replace('.', '-')}-{digest}"


def _visible(text: str) -> str:
    """Text that a vector file can hold: no half of a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
