"""The lines of a results file as values, and the id that follows from them.

Pure. The run's id is derived from its content: the first 16 hex digits of the SHA-256
over the sum of the SHA-256 of every line's canonical JSON, where the run line goes without id,
start time and machine, the end line without its duration, and verdicts and profile lines without
what lanes are free to do (it holds times). A sum does not depend on the order in which lanes
finish, and needs no memory: equal runs have equal ids, however they were scheduled.
The id is known at the end only; until then sixteen zeros stand in its place.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from conformance.model.case import Level
from conformance.model.verdict import Agreement, Finding, Outcome, ProfileItem, Verdict

FORMAT = 1
RESULTS = "results.jsonl"
TRANSCRIPTS = "transcripts.jsonl"
NO_ID = "0" * 16

_MODULUS = 1 << 256
# What two equal runs may differ in.
_PASSING = ("id", "started", "machine", "seconds", "profile", "items")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What was asked: the `run` line. vectors: SHA-256 of the vector files, hex. started: RFC 3339.

    mode: `container` or `host`. endpoint: `mock` or a live endpoint. id: filled in when read.
    """

    suite: str
    vectors: str
    seed: int | None
    mode: str
    endpoint: str
    lanes: tuple[str, ...]
    cases: tuple[str, ...]
    shard: str | None
    started: str
    machine: str
    id: str = NO_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRecord:
    """What is known of a lane; status `ran` or `not-run`, reason why not and what mends it.

    sdk_version: the one that was loaded. image: digest, container mode. exposes: error fields.
    """

    lane: str
    language: str
    status: str = "ran"
    sdk: str | None = None
    sdk_version: str | None = None
    checksum: str | None = None
    runtime: str | None = None
    os: str | None = None
    image: str | None = None
    reason: str | None = None
    exposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """Agreement across lanes for one case; suspect: every lane failed alike."""

    agreement: Agreement
    suspect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneProfile:
    """What a lane did, over all cases of the run, where it is free: recorded, never judged."""

    lane: str
    items: tuple[ProfileItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Trials by outcome, cases by agreement.

    fail includes known_failing; not_run: trials of lanes that did not run. `passed` is `pass` in
    the file, which Python keeps for itself.
    """

    passed: int = 0
    fail: int = 0
    error: int = 0
    skip: int = 0
    known_failing: int = 0
    not_run: int = 0
    agree: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last line: exit is the exit code, seconds the duration of the run."""

    counts: Counts
    exit: int
    seconds: float
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A results file as read. end: None if it was cut. genuine: its id follows from its lines.

    fuzz: the `fuzz` line, of a fuzz."""

    run: RunHeader
    lanes: tuple[LaneRecord, ...]
    verdicts: tuple[Verdict, ...]
    agreements: tuple[AgreementRecord, ...]
    end: End | None
    genuine: bool
    fuzz: Json | None = None
    profiles: tuple[LaneProfile, ...] = ()


def canonical(line: Json) -> bytes:
    """The one spelling of a line that is hashed."""
    return json.dumps(line, sort_keys=True, separators=(",", ":")).encode("ascii")


def add(total: int, line: Json) -> int:
    """The running sum with one more line in it; start with 0."""
    kept = {key: value for key, value in line.items() if key not in _PASSING}
    return (total + int.from_bytes(hashlib.sha256(canonical(kept)).digest(), "big")) % _MODULUS


def run_id(total: int) -> str:
    """The id of the run whose lines sum up to this."""
    return hashlib.sha256(total.to_bytes(32, "big")).hexdigest()[:16]


def header_to(header: RunHeader) -> Json:
    """The `run` line; `format` and `id` stand first so that the id has a fixed place."""
    return {
        "type": "run",
        "format": FORMAT,
        "id": header.id,
        "suite": header.suite,
        "vectors": header.vectors,
        "seed": header.seed,
        "mode": header.mode,
        "endpoint": header.endpoint,
        "selection": {
            "lanes": list(header.lanes),
            "cases": list(header.cases),
            "shard": header.shard,
        },
        "started": header.started,
        "machine": header.machine,
    }


def header_from(data: Json) -> RunHeader:
    """The inverse of `header_to`."""
    selection = data["selection"]
    names = ("id", "suite", "vectors", "seed", "mode", "endpoint", "started", "machine")
    return RunHeader(
        lanes=tuple(selection["lanes"]),
        cases=tuple(selection["cases"]),
        shard=selection["shard"],
        **{name: data[name] for name in names},
    )


def lane_to(lane: LaneRecord) -> Json:
    """One `lane` line."""
    sdk = {"name": lane.sdk, "version": lane.sdk_version, "checksum": lane.checksum}
    return {
        "type": "lane",
        "lane": lane.lane,
        "language": lane.language,
        "sdk": None if lane.sdk is None else sdk,
        "runtime": lane.runtime,
        "os": lane.os,
        "image": lane.image,
        "status": lane.status,
        "reason": lane.reason,
        "exposes": list(lane.exposes),
    }


def lane_from(data: Json) -> LaneRecord:
    """The inverse of `lane_to`."""
    sdk = data["sdk"] or {}
    names = ("lane", "language", "runtime", "os", "image", "status", "reason")
    return LaneRecord(
        sdk=sdk.get("name"),
        sdk_version=sdk.get("version"),
        checksum=sdk.get("checksum"),
        exposes=tuple(data["exposes"]),
        **{name: data[name] for name in names},
    )


def verdict_to(verdict: Verdict) -> Json:
    """One `verdict` line."""
    return {
        "type": "verdict",
        "case": verdict.case,
        "lane": verdict.lane,
        "outcome": verdict.outcome.value,
        "known_failing": verdict.known_failing,
        "reason": verdict.reason,
        "findings": [
            {
                "rule": finding.rule,
                "family": finding.family,
                "where": finding.where,
                "expected": finding.expected,
                "got": finding.got,
                "why": finding.why,
                "claim": finding.claim.value,
            }
            for finding in verdict.findings
        ],
        "profile": dict(verdict.profile),
    }


def verdict_from(data: Json) -> Verdict:
    """The inverse of `verdict_to`."""
    names = ("rule", "where", "expected", "got", "why")
    return Verdict(
        case=data["case"],
        lane=data["lane"],
        outcome=Outcome(data["outcome"]),
        findings=tuple(
            Finding(claim=Level(item["claim"]), **{name: item[name] for name in names})
            for item in data["findings"]
        ),
        profile=tuple(data["profile"].items()),
        reason=data["reason"],
        known_failing=data["known_failing"],
    )


def agreement_to(record: AgreementRecord) -> Json:
    """One `agreement` line."""
    agreement = record.agreement
    return {
        "type": "agreement",
        "case": agreement.case,
        "outcome": "agree" if agreement.agree else "differ",
        "groups": [{"got": got, "lanes": list(lanes)} for got, lanes in agreement.groups],
        "suspect": record.suspect,
    }


def agreement_from(data: Json) -> AgreementRecord:
    """The inverse of `agreement_to`."""
    return AgreementRecord(
        agreement=Agreement(
            case=data["case"],
            agree=data["outcome"] == "agree",
            groups=tuple((group["got"], tuple(group["lanes"])) for group in data["groups"]),
        ),
        suspect=data["suspect"],
    )


def profile_to(record: LaneProfile) -> Json:
    """One `profile` line."""
    items = [
        {"name": item.name, "value": item.value, "count": item.count, "cases": list(item.cases)}
        for item in record.items
    ]
    return {"type": "profile", "lane": record.lane, "items": items}


def profile_from(data: Json) -> LaneProfile:
    """The inverse of `profile_to`."""
    return LaneProfile(
        lane=data["lane"],
        items=tuple(
            ProfileItem(
                name=item["name"],
                value=item["value"],
                count=item["count"],
                cases=tuple(item["cases"]),
            )
            for item in data["items"]
        ),
    )


def end_to(end: End) -> Json:
    """The `end` line."""
    counts = asdict(end.counts)
    return {
        "type": "end",
        "counts": {"pass": counts.pop("passed"), **counts},
        "exit": end.exit,
        "seconds": round(end.seconds, 3),
        "interrupted": end.interrupted,
    }


def end_from(data: Json) -> End:
    """The inverse of `end_to`, to the millisecond."""
    counts = dict(data["counts"])
    return End(
        counts=Counts(passed=counts.pop("pass"), **counts),
        exit=data["exit"],
        seconds=data["seconds"],
        interrupted=data["interrupted"],
    )
