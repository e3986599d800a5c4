"""Verdicts and transcripts as JSON Lines: written during the run, checked when read.

`schemas/results.schema.json` is the contract of `results.jsonl`. `transcripts.jsonl` has a line
that names the format, one line for each transcript as `model/codec.py` writes it, and an `end`
line. values.py holds the values, lines.py their JSON, tally.py counts a run and rejudging.py
judges a stored one again (all pure); writer.py and reader.py touch the disk.
"""

from conformance.results.lines import PAGE, PAGE_CASES, case_record, verdict_from, verdict_to
from conformance.results.reader import read_results, read_run, read_transcripts
from conformance.results.values import (
    AgreementRecord,
    CaseRecord,
    Counts,
    End,
    LaneProfile,
    LaneRecord,
    Results,
    RunHeader,
)
from conformance.results.writer import ResultsWriter, relative, remove_output, write_output

__all__ = [
    "PAGE",
    "PAGE_CASES",
    "AgreementRecord",
    "CaseRecord",
    "Counts",
    "End",
    "LaneProfile",
    "LaneRecord",
    "Results",
    "ResultsWriter",
    "RunHeader",
    "case_record",
    "read_results",
    "read_run",
    "read_transcripts",
    "relative",
    "remove_output",
    "verdict_from",
    "verdict_to",
    "write_output",
]
