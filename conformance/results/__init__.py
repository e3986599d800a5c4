"""Verdicts and transcripts as JSON Lines: written as they come, read back with suspicion.

`schemas/results.schema.json` is the contract of `results.jsonl`; each line of
`transcripts.jsonl` is one transcript as `model/codec.py` writes it, between a line that names the
format and an `end`. lines.py holds the values and their JSON (pure), writer.py and reader.py touch
the disk.
"""

from conformance.results.lines import (
    AgreementRecord,
    Counts,
    End,
    LaneProfile,
    LaneRecord,
    Results,
    RunHeader,
    verdict_from,
    verdict_to,
)
from conformance.results.reader import read_results, read_transcripts
from conformance.results.writer import ResultsWriter

__all__ = [
    "AgreementRecord",
    "Counts",
    "End",
    "LaneProfile",
    "LaneRecord",
    "Results",
    "ResultsWriter",
    "RunHeader",
    "read_results",
    "read_transcripts",
    "verdict_from",
    "verdict_to",
]
