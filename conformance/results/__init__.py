"""Verdicts and transcripts as JSON Lines: written as they come, checked when they are read.

`schemas/results.schema.json` is the contract of `results.jsonl`; each line of
`transcripts.jsonl` is one transcript as `model/codec.py` writes it, between a line that names the
format and an `end`. values.py holds the values, lines.py their JSON, tally.py counts a run,
rejudging.py judges a stored one again (all pure); writer.py and reader.py touch the disk.
"""

from conformance.results.lines import case_record, verdict_from, verdict_to
from conformance.results.reader import read_results, read_transcripts
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
from conformance.results.writer import ResultsWriter, relative, write_output

__all__ = [
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
    "read_transcripts",
    "relative",
    "verdict_from",
    "verdict_to",
    "write_output",
]
