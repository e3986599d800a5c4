"""Converts each line of a results file to and from JSON, and derives the run id from the lines.

Pure. The id of a run is the first 16 hex digits of the SHA-256 of a sum: that of the SHA-256 of
the canonical JSON of every line. Members that may differ between two equal runs are left out: the
id, the start time, the machine, the paths of files and runners, the duration, the profiles, which
hold times, and the checks of lines (seal.py). A sum does not depend on the order in which lanes
finish, so equal runs have equal ids however they were scheduled, and no line has to be kept. The id
is known only at the end; until then sixteen zeros stand for it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from conformance.model.case import Case, Level, Provenance, Source
from conformance.model.live_target import LiveTarget
from conformance.model.manifest import Checkout
from conformance.model.verdict import Agreement, Finding, Outcome, ProfileItem, Verdict
from conformance.results.values import (
    AgreementRecord,
    CaseRecord,
    Counts,
    End,
    Json,
    LaneProfile,
    LaneRecord,
    RunHeader,
)

FORMAT = 3
RESULTS = "results.jsonl"
TRANSCRIPTS = "transcripts.jsonl"
# Of `oss-bodies samples`: the vector file of the page's programs, and what was found on the page.
PAGE_CASES = "page-cases.json"
PAGE = "page.json"

_MODULUS = 1 << 256
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
# Members of a line in which two equal runs may differ.
_NOT_HASHED = frozenset(
    {
        "id",
        "started",
        "machine",
        "seconds",
        "profile",
        "items",
        "files",
        "folder",
        "transcripts",
        "check",
    }
)


def add(total: int, line: Json) -> int:
    """The running sum, which starts at 0, with one more line added."""
    hashed = {key: value for key, value in line.items() if key not in _NOT_HASHED}
    canonical = _canonical(hashed).encode("ascii")
    return (total + int.from_bytes(hashlib.sha256(canonical).digest(), "big")) % _MODULUS


def run_id(total: int) -> str:
    """The id of the run whose lines have this sum."""
    return hashlib.sha256(total.to_bytes(32, "big")).hexdigest()[:16]


def header_to(header: RunHeader) -> Json:
    """The `run` line; `format` and `id` come first so that the id has a fixed position."""
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
        "timeout": header.timeout,
        **({} if header.live is None else {"live": asdict(header.live)}),
        "files": {
            "vectors": list(header.vector_files),
            "known_failing": list(header.known_failing),
        },
    }


def header_from(data: Json) -> RunHeader:
    """The inverse of `header_to`."""
    selection, files = data["selection"], data["files"]
    names = ("id", "suite", "vectors", "seed", "mode", "endpoint", "started", "machine", "timeout")
    return RunHeader(
        vector_files=tuple(files["vectors"]),
        known_failing=tuple(files["known_failing"]),
        lanes=tuple(selection["lanes"]),
        cases=tuple(selection["cases"]),
        shard=selection["shard"],
        live=LiveTarget(**data["live"]) if "live" in data else None,
        **{name: data[name] for name in names},
    )


def case_record(case: Case) -> CaseRecord:
    """The record of a case for the results file."""
    return CaseRecord(case=case.id, title=case.title, provenance=case.provenance)


def case_to(record: CaseRecord) -> Json:
    """One `case` line."""
    return {"type": "case", **asdict(record)}


def case_from(data: Json) -> CaseRecord:
    """The inverse of `case_to`."""
    provenance = _provenance_from(data["provenance"])
    return CaseRecord(case=data["case"], title=data["title"], provenance=provenance)


def _provenance_from(data: Json) -> Provenance:
    return Provenance(**{**data, "source": Source(data["source"])})


def lane_to(lane: LaneRecord) -> Json:
    """One `lane` line."""
    sdk = {"name": lane.sdk, "version": lane.sdk_version, "checksum": lane.checksum}
    return {
        "type": "lane",
        "lane": lane.lane,
        "language": lane.language,
        "sdk": None if lane.sdk is None else sdk,
        "checkout": None if lane.checkout is None else asdict(lane.checkout),
        "runtime": lane.runtime,
        "os": lane.os,
        "image": lane.image,
        "status": lane.status,
        "reason": lane.reason,
        "exposes": list(lane.exposes),
        "dependencies": dict(lane.dependencies),
        "defaults": dict(lane.defaults),
        "folder": lane.folder,
    }


def lane_from(data: Json) -> LaneRecord:
    """The inverse of `lane_to`."""
    sdk = data["sdk"] or {}
    names = ("lane", "language", "runtime", "os", "image", "status", "reason", "folder")
    return LaneRecord(
        sdk=sdk.get("name"),
        sdk_version=sdk.get("version"),
        checksum=sdk.get("checksum"),
        checkout=None if data["checkout"] is None else Checkout(**data["checkout"]),
        exposes=tuple(data["exposes"]),
        dependencies=tuple(data["dependencies"].items()),
        defaults=tuple(data["defaults"].items()),
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
        "findings": [{**asdict(finding), "family": finding.family} for finding in verdict.findings],
        "profile": dict(verdict.profile),
    }


def verdict_from(data: Json) -> Verdict:
    """The inverse of `verdict_to`."""
    return Verdict(
        case=data["case"],
        lane=data["lane"],
        outcome=Outcome(data["outcome"]),
        findings=tuple(map(_finding_from, data["findings"])),
        profile=tuple(map(_same, data["profile"].items())),
        reason=data["reason"],
        known_failing=data["known_failing"],
    )


# Most pairs occur in many verdicts: each is kept once.
@lru_cache(maxsize=8192)
def _same(pair: tuple[str, str]) -> tuple[str, str]:
    return pair


def _finding_from(data: Json) -> Finding:
    names = ("rule", "where", "expected", "got", "why")
    source = data["source"]
    return Finding(
        claim=Level(data["claim"]),
        source=None if source is None else _provenance_from(source),
        **{name: data[name] for name in names},
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
    return {"type": "profile", **asdict(record)}


def profile_from(data: Json) -> LaneProfile:
    """The inverse of `profile_to`."""
    items = (ProfileItem(**{**item, "cases": tuple(item["cases"])}) for item in data["items"])
    return LaneProfile(lane=data["lane"], items=tuple(items))


def end_to(end: End) -> Json:
    """The `end` line."""
    counts = asdict(end.counts)
    return {
        "type": "end",
        "counts": {"pass": counts.pop("passed"), **counts},
        "exit": end.exit,
        "seconds": round(end.seconds, 3),
        "interrupted": end.interrupted,
        **({} if end.reason is None else {"reason": end.reason}),
        "transcripts": end.transcripts,
    }


def end_from(data: Json) -> End:
    """The inverse of `end_to`, to the millisecond."""
    counts = dict(data["counts"])
    return End(
        counts=Counts(passed=counts.pop("pass"), **counts),
        exit=data["exit"],
        seconds=data["seconds"],
        interrupted=data["interrupted"],
        reason=data.get("reason"),
        transcripts=data["transcripts"],
    )


# Type of a line -> function that decodes it; a fuzz line is used as it is.
VALUE_OF: dict[str, Callable[[Json], Any]] = {
    "run": header_from,
    "case": case_from,
    "lane": lane_from,
    "verdict": verdict_from,
    "agreement": agreement_from,
    "fuzz": dict,
    "profile": profile_from,
    "end": end_from,
}
