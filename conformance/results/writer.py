"""Writes a results folder line by line during the run.

Each line is written immediately and not kept, so memory use does not grow with the number of trials
and the results of a killed run are preserved. The folder is locked before anything is changed; it
is refused if it holds other files or another run is writing into it. The results of an earlier run
stay until this one has its first verdict, so a run that is interrupted while it prepares its lanes
destroys nothing.

A search finds smaller examples of what it has found. So a fuzz replaces both files, each as a whole
(`rewriting`), instead of adding lines.
"""

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from conformance.documents.escape import visible
from conformance.documents.strict_json import read_line
from conformance.errors import CannotRunError, ResultsError
from conformance.model.codec import transcript_to
from conformance.model.verdict import Transcript, Verdict
from conformance.results import lines
from conformance.results.folder_files import create, open_to_read, remove, write
from conformance.results.lines import RESULTS, TRANSCRIPTS
from conformance.results.machine_names import user_names
from conformance.results.publishing import NEW, lock, publish, settle
from conformance.results.seal import START, sealed
from conformance.results.values import (
    NO_ID,
    AgreementRecord,
    CaseRecord,
    End,
    Json,
    LaneProfile,
    LaneRecord,
    RunHeader,
)


class ResultsWriter:
    """One run's folder, open for writing: `with ResultsWriter(folder, header) as writer:`.

    Raises ResultsError for a folder that holds other files or is in use, CannotRunError if it
    cannot be written; lines written before that stay readable.
    """

    def __init__(
        self, folder: Path, header: RunHeader, beside: Mapping[str, bytes] | None = None
    ) -> None:
        """beside: files that belong to the results and get their names together with them."""
        self.folder = folder
        self._header = header
        self._beside = tuple((beside or {}).items())
        self._sum = 0
        self._transcripts_written = 0
        self._results_check = self._transcripts_check = START
        self._lock = -1
        self._results: BinaryIO | None = None
        self._transcripts: BinaryIO | None = None
        self.published = False  # whether the files have their names; false until the first verdict
        self._held = False  # whether they get them only when all lines are written

    def __enter__(self) -> Self:
        try:
            self._claim()
            self._begin()
        except OSError as error:
            self._close()
            raise _refused(self.folder, error) from error
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @contextlib.contextmanager
    def rewriting(self) -> Iterator[None]:
        """Write all lines again, after the first; replaces both files once that has succeeded."""
        self._close_files()
        self.published, self._held, self._transcripts_written = False, True, 0
        try:
            self._begin()
        except OSError as error:
            raise _refused(self.folder, error) from error
        yield
        self._held = False
        self._publish()

    def case(self, record: CaseRecord) -> None:
        """Write a `case` line; it must come before the verdicts of the case."""
        self._write(lines.case_to(record))

    def lane(self, record: LaneRecord) -> None:
        """Write a `lane` line."""
        self._write(lines.lane_to(record))

    def transcript(self, transcript: Transcript) -> None:
        """Write a line to `transcripts.jsonl`."""
        assert self._transcripts is not None, "used outside its with block"
        self._publish()
        self._append(self._transcripts, TRANSCRIPTS, transcript_to(transcript))
        self._transcripts_written += 1

    def verdict(self, verdict: Verdict) -> None:
        """Write a `verdict` line."""
        self._publish()
        self._write(lines.verdict_to(verdict))

    def agreement(self, record: AgreementRecord) -> None:
        """Write an `agreement` line."""
        self._write(lines.agreement_to(record))

    def fuzz(self, line: Json) -> None:
        """Write the `fuzz` line: what a search covered and what it found."""
        self._write(line)

    def profile(self, record: LaneProfile) -> None:
        """Write a `profile` line."""
        self._write(lines.profile_to(record))

    def end(self, end: End) -> str:
        """Write the id into the first line and both `end` lines; returns the id."""
        assert self._results is not None
        assert self._transcripts is not None
        closing = {"type": "end", "transcripts": self._transcripts_written}
        self._append(self._transcripts, TRANSCRIPTS, closing)
        line = lines.end_to(replace(end, transcripts=self._transcripts_check))
        identity = lines.run_id(lines.add(self._sum, line))
        first = _encoded(lines.header_to(self._header))
        try:
            os.pwrite(self._results.fileno(), identity.encode(), first.index(NO_ID.encode()))
            self._write(line)
            os.fsync(self._results.fileno())
        except OSError as error:
            raise _refused(self.folder / RESULTS, error) from error
        self._publish()
        return identity

    def _claim(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = lock(self.folder)
        except BlockingIOError as error:
            raise ResultsError(
                source=str(self.folder),
                place="",
                rule="another run is writing its results into this folder",
                remedy="wait until it has ended, or name another folder with --out",
            ) from error
        present = {path.name for path in self.folder.iterdir()} - {*NEW.values()}
        if present and not _is_results_file(self.folder / RESULTS):
            raise ResultsError(
                source=str(self.folder),
                place="",
                rule="the folder is not empty and has no results of an earlier run",
                remedy="name an empty or new folder with --out",
            )

    def _begin(self) -> None:
        first = lines.header_to(self._header)
        if self._header.id != NO_ID:
            raise ValueError("the id of a run is computed from its content and cannot be set")
        self._sum = lines.add(0, first)
        self._results_check = self._transcripts_check = START
        settle(self.folder)  # a search may have been interrupted while it replaced its results
        self._results = create(self.folder / NEW[RESULTS])
        self._append(self._results, RESULTS, first)
        self._transcripts = create(self.folder / NEW[TRANSCRIPTS])
        opening = {"type": "transcripts", "format": lines.FORMAT}
        self._append(self._transcripts, TRANSCRIPTS, opening)

    def _publish(self) -> None:
        """Replace the results of an earlier run, whose other outputs are removed."""
        if self.published or self._held:
            return
        try:
            publish(self.folder)
            for name, data in self._beside:
                write(self.folder / name, data)
        except OSError as error:
            raise _refused(self.folder, error) from error
        self.published = True

    def _write(self, line: Json) -> None:
        assert self._results is not None, "used outside its with block"
        self._append(self._results, RESULTS, line)
        self._sum = lines.add(self._sum, line)

    def _append(self, file: BinaryIO, name: str, line: Json) -> None:
        """Append a whole line or nothing: a full disk leaves no partial line."""
        previous = self._results_check if name == RESULTS else self._transcripts_check
        data, check = sealed(_encoded(line), previous)
        start = file.tell()
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:])
        except OSError as error:
            with contextlib.suppress(OSError):  # the error of the write is raised
                os.ftruncate(file.fileno(), start)
                file.seek(start)
            raise _refused(self.folder / name, error) from error
        if name == RESULTS:
            self._results_check = check
        else:
            self._transcripts_check = check

    def _close_files(self) -> None:
        for file in (self._results, self._transcripts):
            if file is not None:
                file.close()
        self._results = self._transcripts = None

    def _close(self) -> None:
        self._close_files()
        if self._lock < 0:
            return
        try:
            if not self.published:
                with contextlib.suppress(OSError):  # the next run does it
                    settle(self.folder)
        finally:
            os.close(self._lock)
            self._lock = -1


def write_output(path: Path, text: str) -> None:
    """Write a text file below a results folder; raises CannotRunError if that fails.

    Characters that a viewer would act on are escaped: a finding may quote any.
    """
    try:
        write(path, visible(text).encode())
    except OSError as error:
        raise _refused(path, error) from error


def remove_output(path: Path) -> None:
    """Remove a file below a results folder; raises CannotRunError if that fails."""
    try:
        remove(path)
    except OSError as error:
        raise _refused(path, error) from error


def relative(path: Path | str) -> str:
    """The path relative to the working folder, as results may hold it.

    Of a path that would name the user, or the way from the root, only the last part: whoever uses
    the results has to be in its folder.
    """
    shown = os.path.relpath(path)
    shared = os.path.commonpath((Path.cwd(), Path(path).absolute()))
    if shared == os.sep or user_names() & {*Path(shown).parts}:
        return Path(path).absolute().name
    return shown


def _encoded(line: Json) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode("ascii")


def _is_results_file(path: Path) -> bool:
    """Whether this is a results file, of any version of the format."""
    try:
        with open_to_read(path) as file:
            first, _ = read_line(file.readline(1 << 20))
    except OSError:
        return False
    return isinstance(first, dict) and first.get("type") == "run" and "format" in first


def _refused(path: Path, error: OSError) -> CannotRunError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return CannotRunError(
        step="results",
        reason=f"cannot write {path}: {error.strerror or error}",
        remedy="free some space on the disk and run again; the lines already written stay readable"
        if full
        else "name a writable folder with --out",
    )
