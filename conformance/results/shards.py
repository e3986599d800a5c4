"""The parts of a run that was divided by `--shard`: whether they fit, and what they are together.

Pure. Parts fit if they differ in the shard and in nothing that the options, the corpus or an SDK
decide. Where machines may differ, the earliest start and the sum of the durations stand for the
whole; images are built on each machine, so each image of a lane keeps its record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from conformance.corpus.selection import shard_numbers
from conformance.errors import ExitCode, ResultsError, SelectionError
from conformance.results.tally import Tally
from conformance.results.values import NO_ID, End, LaneRecord, Results, RunHeader

# Members of a header in which the parts of one run differ.
_OF_A_PART = ("id", "shard", "started", "machine")
# Members of a lane's record in which machines may differ. A lane that did not run knows no more.
_OF_A_MACHINE = ("image", "os", "folder", "status", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One results folder, as the user named it, with the results in it."""

    folder: str
    results: Results


def in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of one run in the order of their shards; raises ResultsError if they are not."""
    for part in parts:
        for rule, remedy in _broken(part.results):
            raise _refused(part, rule, remedy)
    first, *others = parts
    for other in others:
        for rule in _differences(first, other):
            remedy = "merge parts of one run: the same options, suite, vectors and SDKs"
            raise _refused(other, rule, remedy)
    return _complete(parts)


def _broken(results: Results) -> Iterator[tuple[str, str]]:
    """Why results are no part that can be merged, with the remedy."""
    again = "run this shard again"
    if results.end is None:
        yield "is cut: it has no end line", again
    elif results.altered is not None:
        yield f"results.jsonl was changed in line {results.altered}", again
    elif not results.genuine:
        yield f"the id {results.run.id} does not follow from its lines", again
    elif results.end.interrupted:
        yield "was interrupted: not all of its cases ran", again
    elif results.fuzz is not None:
        yield "holds the results of a fuzz", "merge folders that `oss-bodies run --shard` wrote"
    elif results.run.shard is None:
        yield "holds a whole run, not a part", "merge folders that `oss-bodies run --shard` wrote"


def _differences(first: Part, other: Part) -> Iterator[str]:
    """What two parts of one run have in common, and these do not."""
    ours, theirs = asdict(first.results.run), asdict(other.results.run)
    for name in (name for name in ours if name not in _OF_A_PART):
        if ours[name] != theirs[name]:
            yield _differs(f"its {_NAMES.get(name, name)}", theirs[name], ours[name], first)
    of_first = {record.lane: record for record in first.results.lanes if record.status == "ran"}
    for record in other.results.lanes:
        known = of_first.get(record.lane)
        if known is None or record.status != "ran":
            continue
        here, there = asdict(record), asdict(known)
        for name in (name for name in here if name not in _OF_A_MACHINE):
            if here[name] != there[name]:
                what = f"{record.lane}: its {name.replace('_', ' ')}"
                yield _differs(what, here[name], there[name], first)


# Members of the header whose names say little to the user.
_NAMES = {"suite": "version of the suite", "vectors": "vectors", "cases": "option --case"}


def _differs(what: str, here: Any, there: Any, first: Part) -> str:
    return f"{what} is {_shown(here)}, in {first.folder} {_shown(there)}"


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    return "none" if value is None else str(value)


def _complete(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts by shard; raises ResultsError if one is missing or there twice."""
    found: dict[int, Part] = {}
    total = _shard(parts[0])[1]
    for part in parts:
        number, count = _shard(part)
        if count != total:
            rule = f"is shard {part.results.run.shard}, {parts[0].folder} one of {total} shards"
            raise _refused(part, rule, "merge the shards of one division")
        if number in found:
            rule = f"is shard {number}/{total}, and so is {found[number].folder}"
            raise _refused(part, rule, "name each shard once")
        found[number] = part
    missing = [f"{number}/{total}" for number in range(1, total + 1) if number not in found]
    if missing:
        rule = f"missing: shard {', '.join(missing)}"
        remedy = f"name the folders of all {total} shards"
        raise ResultsError(source="merge", place="", rule=rule, remedy=remedy)
    return tuple(found[number] for number in sorted(found))


def _shard(part: Part) -> tuple[int, int]:
    assert part.results.run.shard is not None
    try:
        return shard_numbers(part.results.run.shard)
    except SelectionError as error:
        raise _refused(part, f"its shard {error.place!r} {error.rule}", error.remedy) from error


def whole_header(parts: Sequence[Part]) -> RunHeader:
    """The header of the whole run: it starts with the first part, on all of their machines."""
    headers = [part.results.run for part in parts]
    return replace(
        headers[0],
        id=NO_ID,
        shard=None,
        started=min(header.started for header in headers),
        machine="; ".join(dict.fromkeys(header.machine for header in headers)),
    )


def whole_lanes(parts: Sequence[Part]) -> tuple[LaneRecord, ...]:
    """The different records of each lane, in the order of the lanes, the decisive one last.

    A lane that did not run in one of the parts did not run.
    """
    names = dict.fromkeys(lane for part in parts for lane in part.results.run.lanes)
    records = [record for part in parts for record in part.results.lanes]
    different: dict[LaneRecord, LaneRecord] = {}
    for record in records:
        different.setdefault(replace(record, folder=None), record)
    by_lane = {name: [one for one in different.values() if one.lane == name] for name in names}
    return tuple(
        record
        for found in by_lane.values()
        for record in sorted(found, key=lambda one: one.status != "ran")
    )


def whole_end(parts: Sequence[Part], tally: Tally) -> End:
    """The end of the whole run. tally: with the verdicts of all parts."""
    ends = [part.results.end for part in parts if part.results.end is not None]
    not_run = sum(end.counts.not_run for end in ends)
    return End(
        counts=replace(tally.counts, not_run=not_run),
        exit=tally.exit(asked_not_run=_asked_not_run(parts)),
        seconds=sum(end.seconds for end in ends),
    )


def _asked_not_run(parts: Sequence[Part]) -> bool:
    """Whether a lane that was requested by name did not run.

    Results do not say which lanes were requested, but their exit codes do: a lane that did not run
    in a part that ended with 0 was not.
    """
    missing: dict[ExitCode, set[str]] = {ExitCode.PASSED: set(), ExitCode.COULD_NOT_RUN: set()}
    for part in parts:
        assert part.results.end is not None
        last = {record.lane: record for record in part.results.lanes}
        lanes = {name for name, record in last.items() if record.status != "ran"}
        missing.get(ExitCode(part.results.end.exit), set()).update(lanes)
    return bool(missing[ExitCode.COULD_NOT_RUN] - missing[ExitCode.PASSED])


def _refused(part: Part, rule: str, remedy: str) -> ResultsError:
    return ResultsError(source=part.folder, place="", rule=rule, remedy=remedy)
