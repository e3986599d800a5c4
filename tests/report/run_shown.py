"""The results of a run: five lanes, a few topics, one of everything that a report shows."""

from collections.abc import Iterator
from dataclasses import replace

from conformance.corpus.known_failing import KnownEntry, KnownList
from conformance.model.case import Level, Provenance, Source
from conformance.model.verdict import Agreement, Finding, Outcome, ProfileItem, Verdict
from conformance.report.assemble import Report, assemble
from conformance.results import (
    AgreementRecord,
    CaseRecord,
    Counts,
    End,
    LaneProfile,
    LaneRecord,
    Results,
    RunHeader,
)

JAVA, PYTHON, GO, PHP, REST = "java@3.17.4", "python@2.18.4", "go@3.0.2", "php@2.7.0", "rest"
NAMES = (JAVA, PYTHON, GO, PHP, REST)

LANES = (
    LaneRecord(
        lane=JAVA,
        language="Java",
        status="not-run",
        reason="javac is not on this machine\nfix: apt-get install openjdk-17-jdk-headless",
    ),
    LaneRecord(
        lane=PYTHON, language="Python", sdk="oss2", sdk_version="2.18.4", runtime="CPython 3.11.2"
    ),
    LaneRecord(
        lane=GO,
        language="Go",
        sdk="github.com/aliyun/aliyun-oss-go-sdk",
        sdk_version="v3.0.2",
        runtime="go1.19.8",
        image="sha256:0f3b6c1e5d7a9b2c4d6e8f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d",
    ),
    LaneRecord(
        lane=PHP,
        language="PHP",
        sdk="aliyuncs/oss-sdk-php",
        sdk_version="2.7.0",
        runtime="PHP 8.2.29",
    ),
    LaneRecord(lane=REST, language="Python", runtime="CPython 3.11.2"),
)

STRING = Finding(
    rule="process.string",
    where="request 1: query parameter x-oss-process",
    expected="'image/bodies,sen_50'",
    got="'image/bodies%2Csen_50'",
    why="The service acts on this string, so it does something else than was asked.",
    claim=Level.REQUIRED,
)
RETRY = Finding(
    rule="transport.requests",
    where="number of requests",
    expected="1",
    got="2: 'GET /example.jpg?x-oss-process=image%2Fbodies', 'GET /example.jpg?x-oss-process="
    "image%2Fbodies'",
    why="Each request is billed; each successful one is billed as a detection as well.",
    claim=Level.RECOMMENDED,
)


def finished(case: str, lane: str, outcome: Outcome = Outcome.PASS, **more: object) -> Verdict:
    return Verdict(case=case, lane=lane, outcome=outcome, **more)  # type: ignore[arg-type]


def verdicts() -> Iterator[Verdict]:
    """What the lanes but Java's got."""
    ran = NAMES[1:]
    for sen in (0, 1, 9, 10, 50, 100):
        for lane in ran:
            wrong = sen == 50 and lane in (GO, PHP)
            yield finished(
                f"process/sen/{sen}",
                lane,
                Outcome.FAIL if wrong else Outcome.PASS,
                findings=(STRING,) if wrong else (),
            )
    for name in ("denied", "key-unknown", "region-wrong", "token"):
        for lane in ran:
            yield finished(f"auth/refusals/{name}", lane)
    for name in ("signed", "other-object"):
        for lane in ran:
            skip = lane == PYTHON
            yield finished(
                f"auth/anonymous/{name}",
                lane,
                Outcome.SKIP if skip else Outcome.PASS,
                reason="missing capability: anonymous" if skip else "",
            )
    for lane in ran:
        known = "PHP's SDK keeps no EC before 2.7.1: https://example.org/issues/7"
        yield finished(
            "errors/xml/ec",
            lane,
            Outcome.FAIL if lane == PHP else Outcome.PASS,
            findings=(STRING,) if lane == PHP else (),
            known_failing=known if lane in (PHP, GO) else None,
        )
        yield finished(
            "transport/faults/a-very-long-name-of-a-case-that-nobody-shortened",
            lane,
            Outcome.ERROR if lane == REST else Outcome.PASS,
            findings=(RETRY,) if lane == PYTHON else (),
            reason="timeout: no answer in 30 s (look at the runner's stderr)"
            if lane == REST
            else "",
        )


VERDICTS = tuple(verdicts())
DOCUMENTED = Provenance(
    source=Source.DOCUMENTATION,
    note="The page shows this string for a sensitivity of 50.",
    reference="Object Storage Service: Human body detection",
    date="2026-06-04",
)


def record(case: str) -> CaseRecord:
    title = f"A sensitivity of {case.rpartition('/')[2]} arrives as it was asked for."
    return CaseRecord(case=case, title=title, provenance=DOCUMENTED)


CASES = tuple(map(record, dict.fromkeys(verdict.case for verdict in VERDICTS)))
AGREEMENTS = (
    AgreementRecord(
        agreement=Agreement(
            case="process/sen/50",
            agree=False,
            groups=(
                ("processing string 'image/bodies,sen_50'", (PYTHON, REST)),
                ("processing string 'image/bodies%2Csen_50'", (GO, PHP)),
            ),
        )
    ),
    AgreementRecord(
        agreement=Agreement(case="errors/xml/ec", agree=True, groups=(("answer error", NAMES),)),
        suspect=True,
    ),
)
END = End(
    counts=Counts(
        passed=49, fail=3, error=1, skip=2, known_failing=1, not_run=14, agree=13, differ=1
    ),
    exit=1,
    seconds=12.345,
)


def behaves(name: str, value: str, case: str = "transport/reuse/one") -> ProfileItem:
    return ProfileItem(name=name, value=value, count=1, cases=(case,))


def profiles() -> Iterator[LaneProfile]:
    """Behaviours in which the lanes differ, some that they share, one that one lane lacks."""
    for lane in NAMES:
        items = [
            behaves("extra-headers", f"accept, {lane.partition('@')[0]}"),
            behaves("accept-encoding", "gzip, deflate" if lane == GO else "identity"),
            behaves("retries-on-400", "no"),
            behaves("retries-on-404", "no"),
            behaves("reuses-connections", "yes"),
            behaves("user-agent", f"{lane.partition('@')[0]}/*"),
        ]
        if lane != REST:
            items.append(behaves("retries-on-503", "yes" if lane == JAVA else "no"))
        yield LaneProfile(lane=lane, items=tuple(sorted(items, key=lambda item: item.name)))


PROFILES = tuple(profiles())
HEADER = RunHeader(
    suite="0.1.0",
    vectors="0" * 64,
    seed=None,
    mode="host",
    endpoint="mock",
    lanes=NAMES,
    cases=("*",),
    shard=None,
    started="2026-11-22T12:00:00Z",
    machine="Linux x86_64, 2 processors",
)
RESULTS = Results(
    run=HEADER,
    cases=CASES,
    lanes=LANES,
    verdicts=VERDICTS,
    agreements=AGREEMENTS,
    end=END,
    genuine=True,
    profiles=PROFILES,
)
REPORT = assemble(RESULTS, folder="out")


OWNED = KnownList(
    source="known.json",
    runner=None,
    entries=(
        KnownEntry(
            cases="*",
            rules=("process.string",),
            reason="Why.",
            versions=">=3.0.1",
            link="https://example.org/issues/7",
            owner="SDK team",
            expires="2027-03-31",
        ),
    ),
)


def shown(*verdicts: Verdict, lanes: tuple[str, ...] = NAMES, end: End = END) -> Report:
    """The report of these verdicts alone."""
    cases = tuple(map(record, dict.fromkeys(verdict.case for verdict in verdicts)))
    run = replace(HEADER, lanes=lanes)
    results = Results(
        run=run, cases=cases, lanes=(), verdicts=verdicts, agreements=(), end=end, genuine=True
    )
    return assemble(results, folder="out")


def all_ran(report: Report) -> Report:
    """The report with a record of a lane that ran for each lane."""
    lanes = (LaneRecord(lane=lane, language="x") for lane in report.run.lanes)
    return replace(report, lanes=tuple(lanes))
