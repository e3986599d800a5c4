"""What a search found, as text for a person and as the `fuzz` line of a results file.

Pure.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.fuzz.cause import Cause
from conformance.fuzz.finds import Find
from conformance.fuzz.properties import property_of
from conformance.fuzz.score import Deviation, Disagreement, FlakyExample, Score
from conformance.model.verdict import Finding

# Features in the terminal; the fuzz line has them all.
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a command needs to repeat a find."""

    folder: str  # the results folder
    mode: str  # container or host
    runners: Mapping[str, str]  # folder of each lane that is not built in

    def again(self, file: str, lanes: Sequence[str]) -> str:
        """The command that runs one vector file again on these lanes."""
        named = dict.fromkeys(self.runners[lane] for lane in lanes if lane in self.runners)
        words = ["oss-bodies", "run", "--vectors", f"{self.folder}/{file}"]
        words += [word for folder in named for word in ("--runner", folder)]
        words += [word for lane in lanes for word in ("--lane", lane)]
        return shlex.join([*words, "--in", self.mode, "--out", "oss-bodies-again"])


def fuzz_text(score: Score, finds: Sequence[Find], lost: Mapping[str, str], replay: Replay) -> str:
    """The whole result: causes, flaky examples, what is only recorded, and what was covered."""
    out: list[str] = []
    for find in finds:
        if isinstance(find.found, Cause):
            out += [*_cause(find, find.found, replay), ""]
        elif isinstance(find.found, FlakyExample):
            out += [*_flaky(find, find.found, replay), ""]
    deviations = [(one, one.found) for one in finds if isinstance(one.found, Deviation)]
    for find, deviation in sorted(
        deviations, key=lambda pair: (-pair[1].count, pair[1].symptom.lane)
    ):
        out += _deviation(find, deviation, replay)
    for find in finds:
        if isinstance(find.found, Disagreement):
            out += _disagreement(find, find.found, replay)
    out += [f"lost {lane}: {reason.splitlines()[0]}" for lane, reason in lost.items()]
    return "\n".join([*out, *_covered(score)])


def _cause(find: Find, cause: Cause, replay: Replay) -> Iterator[str]:
    if cause.known:
        yield f"known {cause.lane} {cause.rule} ({find.case}): {cause.known}"
        return
    yield f"FAIL {cause.lane} {cause.rule} (property {property_of(cause.rule)})"
    yield f"  with      {cause.input}"
    yield f"  explains  {cause.explains} failure{'s' if cause.explains != 1 else ''}"
    for finding in cause.findings:
        yield from _finding(finding)
    if not cause.findings:
        yield f"  why       {cause.trial.verdict.reason}"
    yield _again(find, replay)


def _flaky(find: Find, one: FlakyExample, replay: Replay) -> Iterator[str]:
    rules = ", ".join(sorted(one.symptom.rules))
    yield f"FLAKY {one.symptom.lane} {rules}: {_times(one.count)} failed, alone it did not"
    for finding in one.first.verdict.findings:
        yield from _finding(finding)
    yield f"  both transcripts {find.case}, {find.trials[1].case.id}"
    yield _again(find, replay)


def _deviation(find: Find, one: Deviation, replay: Replay) -> Iterator[str]:
    lane, rules = one.symptom.lane, one.symptom.rules
    finding = next(f for f in one.trial.verdict.findings if f.rule in rules)
    named = ", ".join(sorted(rules))
    yield f"note {lane} {named}: {_times(one.count)}, beyond the contract; such as"
    yield f"  with      {'; '.join(sorted(one.features.names))}"
    yield f"  expected  {finding.expected}"
    yield f"  got       {finding.got}"
    yield _again(find, replay)


def _disagreement(find: Find, one: Disagreement, replay: Replay) -> Iterator[str]:
    yield f"differ {one.name}: {_times(one.count)}; such as"
    for got, lanes in one.agreement.groups:
        yield f"    {', '.join(lanes)}: {got}"
    yield _again(find, replay)


def _again(find: Find, replay: Replay) -> str:
    lanes = tuple(dict.fromkeys(trial.lane for trial in find.trials))
    return f"  again     {replay.again(find.file, lanes)}"


def _finding(finding: Finding) -> list[str]:
    parts = ("where", "expected", "got", "why")
    lines = [f"    {name:<9} {getattr(finding, name)}" for name in parts]
    return [f"  {finding.rule} ({finding.claim.value})", *lines]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _covered(score: Score) -> Iterator[str]:
    trials, failed = sum(score.trials.values()), sum(score.failed.values())
    skipped = sum(score.skipped.values())
    yield (
        f"{score.examples} examples, {trials} trials, {failed} failed ({score.known} known), "
        f"{skipped} skipped for want of a capability"
    )
    yield f"drawn: {score.drawn}, of which {score.repeated} had been drawn before"
    for parameter in score.operation.parameters:
        name, valid = parameter.name, len(parameter.range)
        yield f"{name} values covered: {len(score.covered[name])} of {valid}, and none"
    common = ", ".join(f"{name} {count}" for name, count in score.features.most_common(_SHOWN))
    yield f"classes of input ({len(score.features)}), such as: {common}"
    if score.exhausted:
        yield "nothing new was left to draw"
    if score.interrupted:
        yield "interrupted: what was found until then is reported and stored"


def fuzz_line(score: Score, finds: Sequence[Find], *, hypothesis: str) -> dict[str, Any]:
    """The `fuzz` line of a results file. hypothesis: its version."""
    return {
        "type": "fuzz",
        "hypothesis": hypothesis,
        "examples": score.examples,
        "drawn": score.drawn,
        "repeated": score.repeated,
        "exhausted": score.exhausted,
        "trials": dict(sorted(score.trials.items())),
        "failed": dict(sorted(score.failed.items())),
        "skipped": dict(sorted(score.skipped.items())),
        "sen": sorted(score.covered["sen"]),
        "classes": dict(sorted(score.features.items())),
        "causes": [
            {
                "lane": find.found.lane,
                "rules": sorted(find.found.rules),
                "with": find.found.input,
                "known": find.found.known or None,
                "explains": find.found.explains,
                **_place(find),
            }
            for find in finds
            if isinstance(find.found, Cause)
        ],
        "flaky": [
            _symptom(find.found) | _place(find)
            for find in finds
            if isinstance(find.found, FlakyExample)
        ],
        "disagreements": [
            {
                "lanes": find.found.name,
                "count": find.found.count,
                "documented": find.found.documented,
                **_place(find),
            }
            for find in finds
            if isinstance(find.found, Disagreement)
        ],
        "noted": [
            _symptom(find.found) | _place(find)
            for find in finds
            if isinstance(find.found, Deviation)
        ],
    }


def _symptom(one: FlakyExample | Deviation) -> dict[str, Any]:
    symptom = one.symptom
    return {"lane": symptom.lane, "rules": sorted(symptom.rules), "count": one.count}


def _place(find: Find) -> dict[str, Any]:
    return {"case": find.case, "file": find.file or None}
