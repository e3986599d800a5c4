"""The finds of a search, each with the trials that show it and a vector file that replays it.

Pure. A find is a counter-example, a flaky example, a disagreement of lanes, or a deviation that is
not a failure. The name of its file depends only on the find, so it is the same on every machine.
The case in the file and the verdict in the results have the same id.
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


Result = Cause | FlakyExample | Disagreement | Deviation


class FindKind(StrEnum):
    """The kind of a find; the value is the folder of its vector file."""

    COUNTER_EXAMPLE = "counter-examples"
    FLAKY = "flaky"
    DISAGREEMENT = "disagreements"
    DEVIATION = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A result of a search with its trials and its vector file."""

    kind: FindKind
    result: Result
    trials: tuple[Judged, ...]  # that show it, with the case ids of the file
    file: str  # its vector file, relative to the results folder; empty: a case of the corpus
    text: str | None  # content of the file; None: the file already exists, or there is none

    @property
    def case(self) -> str:
        """The id of its first case."""
        return self.trials[0].case.id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """The content of the vector file of a find."""

    kind: FindKind
    example: Example
    topic: str
    title: str  # of each case
    note: str  # the provenance, continued after the seed
    trials: tuple[tuple[str, Judged], ...]  # each with the last part of its case id


def all_finds(
    score: Score, *, seed: int, schema: Any, untraced: Iterable[Cause] = ()
) -> tuple[Find, ...]:
    """The finds of a search. schema: that of vector files. untraced: causes not in the score."""
    return (
        *(_of_cause(cause, seed, schema) for cause in (*score.causes, *untraced)),
        *(_find(flaky, _flaky(flaky), seed, schema) for flaky in score.flaky.values()),
        *(
            _find(disagreement, _disagreement(disagreement), seed, schema)
            for disagreement in score.disagreements.values()
        ),
        *(
            _find(deviation, _deviation(deviation), seed, schema)
            for deviation in score.deviations.values()
        ),
    )


def _of_cause(cause: Cause, seed: int, schema: Any) -> Find:
    if cause.example is not None:
        return _find(cause, _counter_example(cause, cause.example), seed, schema)
    trial = cause.trial
    if cause.known:
        trial = replace(trial, verdict=replace(trial.verdict, known_failing=cause.known))
    return Find(
        kind=FindKind.COUNTER_EXAMPLE, result=cause, trials=(trial,), file=cause.file, text=None
    )


def _counter_example(cause: Cause, example: Example) -> _Content:
    result = _results(cause.findings) or cause.trial.verdict.reason
    return _Content(
        kind=FindKind.COUNTER_EXAMPLE,
        example=example,
        topic=_topic(cause.rule, cause.lane, *sorted(cause.rules), cause.input),
        title="The smallest example on which a lane violated a property of fuzzing.",
        note=f"on {cause.lane}, with {cause.input}. {result}",
        trials=(("smallest", cause.trial),),
    )


def _flaky(flaky: FlakyExample) -> _Content:
    lane, rules = flaky.symptom.lane, sorted(flaky.symptom.rules)
    return _Content(
        kind=FindKind.FLAKY,
        example=flaky.example,
        topic=_topic(rules[0], lane, *rules, "flaky"),
        title="An example that failed once and passed when it was run again alone.",
        note=f"on {lane}: it failed by {', '.join(rules)} once and not again.",
        trials=(("first", flaky.first), ("again", flaky.again)),
    )


def _disagreement(found: Disagreement) -> _Content:
    return _Content(
        kind=FindKind.DISAGREEMENT,
        example=found.example,
        topic=_topic("bodies.differ" if found.documented else "process.differ", found.name),
        title="The smallest example on which lanes differ although none of them fails.",
        note=f"{found.name}. {' | '.join(got for got, _ in found.agreement.groups)}",
        trials=tuple(("smallest", trial) for trial in found.trials),
    )


def _deviation(deviation: Deviation) -> _Content:
    lane, rules = deviation.symptom.lane, sorted(deviation.symptom.rules)
    result = _results(f for f in deviation.trial.verdict.findings if f.rule in rules)
    return _Content(
        kind=FindKind.DEVIATION,
        example=deviation.example,
        topic=_topic(rules[0], lane, *rules, "noted"),
        title="The smallest example of a deviation that is not a failure.",
        note=f"on {lane}, with {'; '.join(sorted(deviation.features.names))}. {result}",
        trials=(("smallest", deviation.trial),),
    )


def _results(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{f.rule}: expected {f.expected}, got {f.got}" for f in findings)


def _find(result: Result, content: _Content, seed: int, schema: Any) -> Find:
    operation = content.example.operation
    document = {
        "$schema": "../../schemas/vectors.schema.json",
        "topic": content.topic,
        **({} if operation == bodies() else {"operation": operation.name}),
        "about": "An example that fuzzing found and shrank; the note of a case names the lane.",
        "cases": list(_entries(content, seed)),
    }
    return Find(
        kind=content.kind,
        result=result,
        trials=tuple(with_id(trial, f"{content.topic}/{last}") for last, trial in content.trials),
        file=f"{content.kind}/{content.topic}.json",
        text=format_vector(document, schema),
    )


def _entries(content: _Content, seed: int) -> Iterator[dict[str, Any]]:
    turns = content.trials[0][1].case.turns
    kept = len(turns) > 1 and any(turn.input.client == "kept" for turn in turns)
    note = f"Found by fuzzing (seed {seed}) {content.note}"
    # A vector file cannot hold lone surrogates.
    note = note.encode("utf-8", "backslashreplace").decode("utf-8")
    for last in dict.fromkeys(last for last, _ in content.trials):
        name = f"{content.topic}/{last}"
        yield entry_of(content.example, kept=kept, name=name, title=content.title, note=note)


def _topic(rule: str, *parts: str) -> str:
    """The topic of a find: its rule and a digest of the parts that distinguish it from others."""
    family = rule.partition(".")[0]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{family if family in FAMILIES else 'transport'}/fuzz-{rule.replace('.', '-')}-{digest}"
