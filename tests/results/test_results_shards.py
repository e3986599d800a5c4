"""The parts of a run: the lanes and the exit code of the whole."""

from dataclasses import replace

import pytest
from report.run_shown import END, GO, HEADER, LANES, RESULTS

from conformance.errors import ExitCode
from conformance.results import Counts, LaneRecord
from conformance.results.shards import Part, whole_end, whole_header, whole_lanes
from conformance.results.tally import Tally

RAN = LANES[2]
LOST = replace(RAN, status="not-run", reason="death: it died")


def part(*lanes: LaneRecord, code: ExitCode = ExitCode.PASSED, machine: str = "x") -> Part:
    end = replace(END, exit=code, counts=Counts(passed=1, not_run=2))
    run = replace(HEADER, lanes=(GO,), machine=machine)
    return Part(folder="in", results=replace(RESULTS, run=run, lanes=lanes, end=end))


def test_equal_records_of_a_lane_are_one_and_its_images_are_kept() -> None:
    other = replace(RAN, image="sha256:2")
    assert whole_lanes([part(RAN), part(replace(RAN, folder="runner"))]) == (RAN,)
    assert whole_lanes([part(RAN), part(other), part(RAN)]) == (RAN, other)


def test_a_lane_that_did_not_run_in_any_part_did_not_run() -> None:
    assert whole_lanes([part(LOST), part(RAN)]) == (RAN, LOST)


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([ExitCode.COULD_NOT_RUN, ExitCode.COULD_NOT_RUN], ExitCode.COULD_NOT_RUN),
        # The lane was not requested by name: the first part ended with 0 without it.
        ([ExitCode.PASSED, ExitCode.COULD_NOT_RUN], ExitCode.PASSED),
        ([ExitCode.PASSED, ExitCode.PASSED], ExitCode.PASSED),
    ],
)
def test_the_exit_code_is_that_of_the_undivided_run(codes: list[ExitCode], code: ExitCode) -> None:
    tally = Tally([GO])
    tally.counts = Counts(passed=3)
    end = whole_end([part(LOST, code=one) for one in codes], tally)
    assert (end.exit, end.counts.not_run, end.seconds) == (code, 4, 2 * END.seconds)


def test_the_machines_are_named_once() -> None:
    parts = [part(RAN, machine="a"), part(RAN, machine="b"), part(RAN, machine="a")]
    header = whole_header(parts)
    assert (header.machine, header.shard) == ("a; b", None)
