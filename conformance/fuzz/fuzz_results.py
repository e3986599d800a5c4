"""The results folder of a fuzz, written whenever something new was found.

Each time, the folder is brought up to date so that a fuzz that is killed at any moment leaves
results that can be read and judged again: first the vector files of new finds are added, then the
two results files are replaced, then the vector files of finds that a smaller example has replaced
are removed. Files of earlier fuzzes stay.
"""

from collections.abc import Sequence
from dataclasses import replace

import hypothesis

from conformance.corpus.load import terms
from conformance.fuzz.cause import Cause
from conformance.fuzz.finds import Find, all_finds
from conformance.fuzz.result_line import result_line
from conformance.fuzz.score import Disagreement, Score
from conformance.judge.masking import masked_transcript
from conformance.oss.secret import Secret
from conformance.results import (
    AgreementRecord,
    End,
    LaneRecord,
    ResultsWriter,
    case_record,
    remove_output,
    write_output,
)


class FuzzResults:
    """The results folder and the vector files that this fuzz wrote into it."""

    def __init__(self, writer: ResultsWriter, *, seed: int) -> None:
        self._writer, self._seed = writer, seed
        self._texts: dict[str, str] = {}  # vector files as they were written, by name
        self._added: set[str] = set()  # those of them that did not exist before

    def write(
        self,
        score: Score,
        lanes: Sequence[LaneRecord],
        *,
        secrets: Sequence[Secret],
        untraced: Sequence[Cause] = (),
        end: End | None = None,
    ) -> None:
        """Replace the results. untraced: causes not in the score. end: None if more will come.

        secrets: of all examples; runners may write them late.
        """
        schema = terms().schemas["vectors"]
        finds = all_finds(score, seed=self._seed, schema=schema, untraced=untraced)
        self._write_files(finds)
        lost = {record.lane: record.reason or "" for record in lanes if record.status == "not-run"}
        with self._writer.rewriting():
            for record in lanes:
                self._writer.lane(record)
            self._write_finds(finds, secrets)
            version = hypothesis.__version__
            self._writer.fuzz(result_line(score, finds, lost=lost, hypothesis=version))
            if end is not None:
                self._writer.end(end)
        self._remove_others(finds)

    def _write_files(self, finds: Sequence[Find]) -> None:
        for find in finds:
            if find.text is None or self._texts.get(find.file) == find.text:
                continue
            path = self._writer.folder / find.file
            if not path.exists():
                self._added.add(find.file)
            write_output(path, find.text)
            self._texts[find.file] = find.text

    def _remove_others(self, finds: Sequence[Find]) -> None:
        for file in sorted(self._added - {find.file for find in finds}):
            remove_output(self._writer.folder / file)
            self._added.discard(file)
            self._texts.pop(file, None)

    def _write_finds(self, finds: Sequence[Find], secrets: Sequence[Secret]) -> None:
        cases = {trial.case.id: trial.case for find in finds for trial in find.trials}
        for case in cases.values():
            self._writer.case(case_record(case))
        written: set[tuple[str, str]] = set()
        for find in finds:
            for trial in find.trials:
                if (trial.case.id, trial.lane) not in written:
                    written.add((trial.case.id, trial.lane))
                    transcript = masked_transcript(trial.case, trial.transcript, secrets)
                    self._writer.transcript(transcript)
                    self._writer.verdict(trial.verdict)
        for find in finds:
            if isinstance(find.result, Disagreement):
                agreement = replace(find.result.agreement, case=find.case)
                self._writer.agreement(AgreementRecord(agreement=agreement))
