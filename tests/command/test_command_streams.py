"""Standard output and error: what a terminal would act on is escaped, and a failure is kept."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli
from conformance.command.streams import LastingStream
from conformance.errors import ExitCode

COMMAND = [sys.executable, "-m", "conformance"]


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(28, os.strerror(28))


def test_what_a_terminal_would_act_on_is_escaped() -> None:
    written = io.StringIO()
    LastingStream(written).write("a\x1b]0;title\x07 \u202eb\ud800\r\0\tc\n")
    assert written.getvalue() == "a\\x1b]0;title\\x07 \\u202eb\\ud800\\x0d\\x00\tc\n"


def test_on_a_terminal_the_colours_of_the_report_stay() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    written = Terminal()
    LastingStream(written).write("\x1b[1;31mFAIL\x1b[0m \x1b[2J\x1b]8;;x\x07")
    assert written.getvalue() == "\x1b[1;31mFAIL\x1b[0m \\x1b[2J\\x1b]8;;x\\x07"


@pytest.mark.parametrize("stream", [Full(), None])
def test_a_stream_that_cannot_be_written_says_so_and_never_raises(
    stream: io.StringIO | None,
) -> None:
    lasting = LastingStream(stream)
    lasting.write("text")
    lasting.flush()
    assert lasting.failure


def test_a_reader_that_exits_is_no_failure() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    lasting = LastingStream(Gone())
    lasting.write("text")
    assert lasting.failure is None


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
def test_a_command_whose_output_is_lost_exits_with_3(redirect: str) -> None:
    ran = subprocess.run(
        ["sh", "-c", f'"$@" {redirect}', "sh", *COMMAND, "cases", "process/sen/5*"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == ExitCode.COULD_NOT_RUN
    assert "standard output cannot be written" in ran.stderr


@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-"])
def test_a_lost_standard_error_does_not_become_the_exit_code_of_findings(redirect: str) -> None:
    words = ["sh", "-c", f'"$@" {redirect}', "sh", *COMMAND, "cases", "no/such/case"]
    ran = subprocess.run(words, capture_output=True, check=False, timeout=60)
    assert ran.returncode == ExitCode.WRONG_INPUT


def test_a_defect_of_the_suite_is_said_to_be_one_and_exits_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_options: object) -> int:
        raise KeyError("lost")

    monkeypatch.setattr("conformance.command.cases.run", fails)
    assert cli.main(["cases"]) == ExitCode.COULD_NOT_RUN
    said = capsys.readouterr().err
    assert "KeyError: 'lost'" in said
    assert "this is a defect of oss-bodies" in said


@pytest.mark.parametrize("command", ["check", "judge", "report"])
def test_documents_that_are_nested_too_deep_are_wrong_input(tmp_path: Path, command: str) -> None:
    deep = b"[" * 900 + b"]" * 900 + b"\n"
    for name in ("results.jsonl", "transcripts.jsonl", "deep.json"):
        (tmp_path / name).write_bytes(deep)
    named = "deep.json" if command == "check" else "."
    words = [*COMMAND, command, named]
    ran = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == ExitCode.WRONG_INPUT, ran.stderr
    assert "Traceback" not in ran.stderr
