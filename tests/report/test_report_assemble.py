"""The report made from results: what it takes from where, and the commands that repeat a trial."""

from dataclasses import replace

from report.run_shown import (
    AGREEMENTS,
    END,
    GO,
    HEADER,
    JAVA,
    LANES,
    NAMES,
    PHP,
    REPORT,
    RESULTS,
    VERDICTS,
    finished,
    record,
)

from conformance.model.verdict import Outcome
from conformance.report.assemble import Report, assemble
from conformance.results import Results

FUZZ = {
    "causes": [{"case": "process/fuzz-a/smallest", "file": "counter-examples/process/fuzz-a.json"}],
    "flaky": [
        {"case": "process/fuzz-b/first", "again": "process/fuzz-b/again", "file": "flaky/b.json"}
    ],
    "disagreements": [],
    "noted": [{"case": "auth/corpus/case", "file": None}],
}


def report(**more: object) -> Report:
    return assemble(replace(RESULTS, **more), folder="out")  # type: ignore[arg-type]


def of_lanes(
    first: str, second: str, outcome: Outcome = Outcome.PASS, headers: str = "host"
) -> Results:
    verdicts = (
        finished("a/b/c", first, profile=(("headers", "host"),)),
        finished("a/b/c", second, outcome, profile=(("headers", headers),)),
    )
    return replace(
        RESULTS,
        run=replace(HEADER, lanes=(first, second)),
        verdicts=verdicts,
        cases=(record("a/b/c"),),
        profiles=(),
    )


def test_lanes_stand_in_the_order_in_which_they_were_asked_for() -> None:
    assert [lane.lane for lane in report(lanes=LANES[::-1]).lanes] == list(NAMES)


def test_of_two_records_of_a_lane_the_last_counts() -> None:
    lost = replace(LANES[1], status="not-run", reason="it died three times")
    lanes = report(lanes=(*LANES, lost)).lanes
    assert [lane for lane in lanes if lane.lane == lost.lane] == [lost]


def test_a_run_that_was_cut_before_a_new_failure_could_not_run() -> None:
    usual = (verdict for verdict in VERDICTS if verdict.known_failing is None)
    passed = tuple(verdict for verdict in usual if verdict.outcome is Outcome.PASS)
    assert report(end=None, verdicts=passed).exit == 3


def test_counts_exit_code_and_duration_are_those_of_the_end_line() -> None:
    assert (REPORT.counts, REPORT.exit, REPORT.seconds) == (END.counts, END.exit, END.seconds)


def test_a_run_that_was_cut_is_counted_as_far_as_it_goes() -> None:
    cut = report(end=None)
    assert (cut.cut, cut.exit) == (True, 1)
    passed = sum(verdict.outcome is Outcome.PASS for verdict in VERDICTS)
    assert (cut.counts.passed, cut.counts.fail, cut.counts.known_failing) == (passed, 3, 1)
    assert (cut.counts.agree, cut.counts.differ) == (1, len(AGREEMENTS) - 1)


def test_versions_of_one_sdk_are_compared_by_their_verdicts_and_turn_profiles() -> None:
    (same,) = assemble(of_lanes("go@3.0.1", GO), folder="out").versions
    assert same.equal
    (other,) = assemble(of_lanes("go@3.0.1", GO, headers="host, date"), folder="out").versions
    assert other.entries == ((("headers",), ("a/b/c",)),)
    (worse,) = assemble(of_lanes("go@3.0.1", GO, outcome=Outcome.FAIL), folder="out").versions
    assert worse.outcomes == (("a/b/c", "pass", "fail"),)


def test_lanes_of_different_sdks_are_not_compared_as_versions() -> None:
    assert assemble(of_lanes(JAVA, GO), folder="out").versions == ()


def test_a_repeat_command_names_case_lanes_and_mode() -> None:
    assert REPORT.repeat("process/sen/50", [GO, PHP]) == (
        "oss-bodies run --lane go@3.0.2 --lane php@2.7.0 --case process/sen/50 --in host"
        " --out oss-bodies-repeat"
    )


def test_a_repeat_command_names_the_folder_of_a_runner_only_for_its_lane() -> None:
    lanes = (replace(LANES[2], folder="../my runner"), *LANES[3:])
    elsewhere = report(lanes=lanes)
    assert "--runner '../my runner'" in elsewhere.repeat("a/b", [GO, PHP])
    assert "--runner" not in elsewhere.repeat("a/b", [PHP])


def test_a_repeat_command_has_the_files_and_the_timeout_of_the_run() -> None:
    run = replace(
        HEADER, vector_files=("a.json", "b.json"), known_failing=("known.json",), timeout=2.5
    )
    command = report(run=run).repeat("a/b", [GO])
    assert "--vectors a.json --vectors b.json" in command
    assert "--known-failing known.json --timeout 2.5" in command


def test_what_a_fuzz_found_is_repeated_by_its_vector_file() -> None:
    fuzz = report(fuzz=FUZZ)
    for case, file in (
        ("process/fuzz-a/smallest", "counter-examples/process/fuzz-a.json"),
        ("process/fuzz-b/again", "flaky/b.json"),
    ):
        assert f"--vectors out/{file}" in fuzz.repeat(case, [GO])
        assert "--case" not in fuzz.repeat(case, [GO])
    assert "--case auth/corpus/case" in fuzz.repeat("auth/corpus/case", [GO])
