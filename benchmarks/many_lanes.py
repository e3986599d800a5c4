"""The report of many lanes: how long it takes, how large the page is, what memory it needs.

    python -m benchmarks.many_lanes DIR [--lanes 20]

DIR is a folder that `oss-bodies run` wrote. Its lanes are written again and again under other names
until there are so many, and `oss-bodies report` makes the outputs of that folder. Linux only.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.model.verdict import Agreement
from conformance.results import (
    AgreementRecord,
    Results,
    ResultsWriter,
    read_results,
    read_transcripts,
)
from conformance.results.values import NO_ID

SIZE = 20_000_000  # bytes of the page


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 if the page is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lanes", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="write the folder here and keep it")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name) / "out"
        multiply(options.folder, folder, options.lanes)
        began = time.perf_counter()
        command = [sys.executable, "-m", "conformance", "report", str(folder)]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = (folder / "report.html").stat().st_size
    print(
        f"{options.lanes} lanes: {seconds:.1f} s, of the processors "
        f"{used.ru_utime + used.ru_stime:.1f} s, largest process {used.ru_maxrss / 1024:.0f} MiB, "
        f"page {size / 1e6:.1f} MB (goal {SIZE / 1e6:.0f})"
    )
    return int(size > SIZE)


def multiply(source: Path, folder: Path, lanes: int) -> None:
    """Write a folder with the lanes of another one under so many names."""
    stored = read_results(source)
    names = {lane: list(_names(lane, stored, lanes)) for lane in stored.run.lanes}
    every = tuple(name for of_lane in names.values() for name in of_lane)
    header = replace(stored.run, id=NO_ID, lanes=every)
    with ResultsWriter(folder, header) as writer:
        for case in stored.cases:
            writer.case(case)
        for record in stored.lanes:
            for name in names[record.lane]:
                writer.lane(replace(record, lane=name))
        for transcript in read_transcripts(source):
            for name in names[transcript.lane]:
                writer.transcript(replace(transcript, lane=name))
        for verdict in stored.verdicts:
            for name in names[verdict.lane]:
                writer.verdict(replace(verdict, lane=name))
        for agreement in stored.agreements:
            writer.agreement(_agreement(agreement, names))
        for profile in stored.profiles:
            for name in names[profile.lane]:
                writer.profile(replace(profile, lane=name))
        assert stored.end is not None, "the run has not ended"
        writer.end(stored.end)


def _names(lane: str, stored: Results, lanes: int) -> Iterator[str]:
    """The names under which a lane is written."""
    place = stored.run.lanes.index(lane)
    for number in range(place, lanes, len(stored.run.lanes)):
        yield f"{lane}.{number}" if "@" in lane else f"{lane}@{number}"


def _agreement(record: AgreementRecord, names: dict[str, list[str]]) -> AgreementRecord:
    groups = tuple(
        (got, tuple(name for lane in of for name in names[lane]))
        for got, of in record.agreement.groups
    )
    of_all = Agreement(case=record.agreement.case, agree=record.agreement.agree, groups=groups)
    return replace(record, agreement=of_all)


if __name__ == "__main__":
    sys.exit(main())
