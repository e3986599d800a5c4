"""What a search came to, as text for a person.

Pure.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.fuzz.cause import Cause, explained
from conformance.fuzz.finds import COUNTER_EXAMPLES, DISAGREEMENTS, FLAKY, NOTED, Find
from conformance.fuzz.properties import property_of
from conformance.fuzz.score import Score
from conformance.fuzz.search import SENS
from conformance.fuzz.traits import traits
from conformance.model.verdict import Finding

# Classes of input in the terminal; the fuzz line has them all.
_SHOWN = 12
_ALL_SENS = len(SENS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Where a fuzz took place, as far as a command must say it. runners: lane -> its folder."""

    folder: str
    mode: str
    runners: Mapping[str, str]

    def again(self, file: str, lanes: Sequence[str]) -> str:
        """The command that runs one vector file again, on these lanes, beside the fuzz's folder."""
        named = dict.fromkeys(self.runners[lane] for lane in lanes if lane in self.runners)
        words = ["oss-bodies", "run", "--vectors", f"{self.folder}/{file}"]
        words += [word for folder in named for word in ("--runner", folder)]
        words += [word for lane in lanes for word in ("--lane", lane)]
        return shlex.join([*words, "--in", self.mode, "--out", "oss-bodies-again"])


def told(score: Score, finds: Sequence[Find], lost: Mapping[str, str], ground: Replay) -> str:
    """The whole result: causes, flaky ones, what is only recorded, and what was covered."""
    placed = {(one.kind, one.at): one for one in finds}
    out: list[str] = []
    for at, cause in enumerate(score.causes):
        if cause.known:
            case = cause.shot.case.id
            out += [f"known {cause.lane} {cause.rule} ({case}): {cause.known}", ""]
        else:
            find = placed[COUNTER_EXAMPLES, at]
            out += [*_cause(cause, score.explains[at]), *_replay(find, ground), ""]
    for (lane, rules), one in score.flaky.items():
        times = score.shaky[lane, rules]
        out += [
            f"FLAKY {lane} {', '.join(sorted(rules))}: {_times(times)} failed, alone it did not"
        ]
        for finding in one.first.verdict.findings:
            out += _finding(finding)
        find = placed[FLAKY, (lane, rules)]
        out += [f"  both transcripts {find.case}, {find.shots[1].case.id}"]
        out += [*_replay(find, ground), ""]
    out += _recorded(score, placed, ground)
    out += [f"lost {lane}: {reason.splitlines()[0]}" for lane, reason in lost.items()]
    return "\n".join([*out, *_covered(score)])


def _cause(cause: Cause, explains: int) -> Iterator[str]:
    yield f"FAIL {cause.lane} {cause.rule} (property {property_of(cause.rule)})"
    yield f"  with      {explained(cause)}"
    yield f"  explains  {explains} failure{'s' if explains != 1 else ''}"
    for finding in cause.findings:
        yield from _finding(finding)
    if not cause.findings:
        yield f"  why       {cause.shot.verdict.reason}"


def _replay(find: Find, ground: Replay) -> Iterator[str]:
    lanes = tuple(dict.fromkeys(shot.lane for shot in find.shots))
    yield f"  again     {ground.again(find.file, lanes)}"


def _finding(finding: Finding) -> list[str]:
    parts = ("where", "expected", "got", "why")
    lines = [f"    {name:<9} {getattr(finding, name)}" for name in parts]
    return [f"  {finding.rule} ({finding.claim.value})", *lines]


def _recorded(
    score: Score, placed: Mapping[tuple[str, Any], Find], ground: Replay
) -> Iterator[str]:
    """Where the contract ends, and where lanes differ without being wrong."""
    for (lane, rules), count in sorted(
        score.notes.items(), key=lambda item: (-item[1], item[0][0])
    ):
        shot = score.noted[lane, rules].shot
        finding = next(f for f in shot.verdict.findings if f.rule in rules)
        named = ", ".join(sorted(rules))
        yield f"note {lane} {named}: {_times(count)}, beyond the contract; such as"
        yield f"  with      {'; '.join(sorted(traits(shot.case)))}"
        yield f"  expected  {finding.expected}"
        yield f"  got       {finding.got}"
        yield from _replay(placed[NOTED, (lane, rules)], ground)
    for key, one in score.disagreements.items():
        yield f"differ {key}: {_times(score.differ[key])}; such as"
        for got, lanes in one.agreement.groups:
            yield f"    {', '.join(lanes)}: {got}"
        yield from _replay(placed[DISAGREEMENTS, key], ground)


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
    yield f"sen values covered: {len(score.sens)} of {_ALL_SENS}, and none"
    common = ", ".join(f"{name} {count}" for name, count in score.classes.most_common(_SHOWN))
    yield f"classes of input ({len(score.classes)}), such as: {common}"
    if score.exhausted:
        yield "nothing new was left to draw"
    if score.interrupted:
        yield "interrupted: what was found until then is told and kept"
