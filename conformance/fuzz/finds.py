"""What a search found: each find with the trials that show it and a vector file that replays it.

Pure. A find is a counter-example, a flaky example, a disagreement of lanes or a deviation that is
no failure. Its file is named after what it is about, so that the same find has the same name on any
machine. The case in the file and the verdict in the results have the same id.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from conformance.corpus.layout import format_vector
from conformance.fuzz.cause import Cause
from conformance.fuzz.entry import entry_of
from conformance.fuzz.example import Example
from conformance.fuzz.judged import Judged, with_id
from conformance.fuzz.score import Deviation, Disagreement, FlakyExample, Score
from conformance.model.verdict import Finding
from conformance.operation.reading import bodies

FAMILIES = ("process", "auth", "bodies", "errors", "transport", "naming")


class FindKind(StrEnum):
    """What a find is; the value is the folder of its vector file."""

    COUNTER_EXAMPLE = "counter-examples"
    FLAKY = "flaky"
    DISAGREEMENT = "disagreements"
    DEVIATION = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One find."""

    kind: FindKind
    found: Cause | FlakyExample | Disagreement | Deviation
    trials: tuple[Judged, ...]  # that show it, with the ids of its cases
    file: str  # its vector file, below the results folder; empty: a case of the corpus shows it
    text: str | None  # of the file; None: an earlier search wrote it

    @property
    def case(self) -> str:
        """The id of its (first) case."""
        return self.trials[0].case.id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """What the vector file of a find is made of."""

    kind: FindKind
    example: Example
    topic: str
    title: str  # of each case
    note: str  # how the find was made, after the seed
    trials: tuple[tuple[str, Judged], ...]  # each with the last part of its case's id


def all_finds(score: Score, *, seed: int, schema: Any) -> tuple[Find, ...]:
    """The finds of a search: causes, flaky examples, disagreements, deviations.

    schema: that of vector files.
    """
    return (
        *(_of_cause(cause, seed, schema) for cause in score.causes),
        *(_find(one, _flaky(one), seed, schema) for one in score.flaky.values()),
        *(_find(one, _disagreement(one), seed, schema) for one in score.disagreements.values()),
        *(_find(one, _deviation(one), seed, schema) for one in score.deviations.values()),
    )


def _of_cause(cause: Cause, seed: int, schema: Any) -> Find:
    if cause.example is not None:
        return _find(cause, _counter_example(cause, cause.example), seed, schema)
    trial = cause.trial
    if cause.known:
        trial = replace(trial, verdict=replace(trial.verdict, known_failing=cause.known))
    return Find(
        kind=FindKind.COUNTER_EXAMPLE, found=cause, trials=(trial,), file=cause.file, text=None
    )


def _counter_example(cause: Cause, example: Example) -> _Description:
    result = _results(cause.findings) or cause.trial.verdict.reason
    return _Description(
        kind=FindKind.COUNTER_EXAMPLE,
        example=example,
        topic=_topic(cause.rule, cause.lane, *sorted(cause.rules), cause.input),
        title="The smallest example on which a lane broke a property of fuzzing.",
        note=f"on {cause.lane}, with {cause.input}. {result}",
        trials=(("smallest", cause.trial),),
    )


def _flaky(one: FlakyExample) -> _Description:
    lane, rules = one.symptom.lane, sorted(one.symptom.rules)
    return _Description(
        kind=FindKind.FLAKY,
        example=one.example,
        topic=_topic(rules[0], lane, *rules, "flaky"),
        title="An example that failed and, run again alone, did not.",
        note=f"on {lane}: it broke {', '.join(rules)} once and not again.",
        trials=(("first", one.first), ("again", one.again)),
    )


def _disagreement(one: Disagreement) -> _Description:
    return _Description(
        kind=FindKind.DISAGREEMENT,
        example=one.example,
        topic=_topic("bodies.differ" if one.documented else "process.differ", one.name),
        title="The smallest example on which lanes differ and none of them is wrong.",
        note=f"{one.name}. {' | '.join(got for got, _ in one.agreement.groups)}",
        trials=tuple(("smallest", trial) for trial in one.trials),
    )


def _deviation(one: Deviation) -> _Description:
    lane, rules = one.symptom.lane, sorted(one.symptom.rules)
    result = _results(f for f in one.trial.verdict.findings if f.rule in one.symptom.rules)
    return _Description(
        kind=FindKind.DEVIATION,
        example=one.example,
        topic=_topic(rules[0], lane, *rules, "noted"),
        title="The smallest example of what a lane does where the contract ends.",
        note=f"on {lane}, with {'; '.join(sorted(one.features.names))}. {result}",
        trials=(("smallest", one.trial),),
    )


def _results(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{f.rule}: expected {f.expected}, got {f.got}" for f in findings)


def _find(
    found: Cause | FlakyExample | Disagreement | Deviation,
    described: _Description,
    seed: int,
    schema: Any,
) -> Find:
    operation = described.example.operation
    document = {
        "$schema": "../../schemas/vectors.schema.json",
        "topic": described.topic,
        **({} if operation == bodies() else {"operation": operation.name}),
        "about": "What fuzzing found and shrank; the note of the case says on which lane.",
        "cases": list(_entries(described, seed)),
    }
    return Find(
        kind=described.kind,
        found=found,
        trials=tuple(with_id(one, f"{described.topic}/{last}") for last, one in described.trials),
        file=f"{described.kind}/{described.topic}.json",
        text=format_vector(document, schema),
    )


def _entries(described: _Description, seed: int) -> Iterator[dict[str, Any]]:
    turns = described.trials[0][1].case.turns
    kept = len(turns) > 1 and any(turn.input.client == "kept" for turn in turns)
    note = _visible(f"Found by fuzzing (seed {seed}) {described.note}")
    for last in dict.fromkeys(last for last, _ in described.trials):
        yield entry_of(
            described.example,
            kept=kept,
            name=f"{described.topic}/{last}",
            title=described.title,
            note=note,
        )


def _topic(rule: str, *parts: str) -> str:
    """The topic of a find: from its rule, and a digest of what else tells it from others."""
    family = rule.partition(".")[0]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{family if family in FAMILIES else 'transport'}/fuzz-{rule.replace('.', '-')}-{digest}"


def _visible(text: str) -> str:
    """Text that a vector file can hold: halves of surrogate pairs are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
