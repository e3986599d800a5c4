"""A fuzz that is ended from outside while it shrinks a find keeps it: by a signal, by SIGKILL."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner

from conformance.corpus.load import finds
from conformance.errors import ExitCode
from conformance.results import read_results, read_transcripts

pytestmark = pytest.mark.slow
KIND = "key-plus-slowly"  # shrinking it takes seconds


@contextmanager
def shrinking(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A fuzz of which the first find is being shrunk."""
    runner = str(write_runner(folder / "runners", kind=KIND))
    words = ["fuzz", "--runner", runner, "--in", "host", "--examples", "2000", "--out", "out"]
    with subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        try:
            assert any("found, shrinking" in line for line in process.stderr)
            yield process
        finally:
            process.kill()


def held(folder: Path) -> set[str]:
    """The rules of the finds in a folder; each has a transcript, a verdict and a vector file."""
    verdicts = {verdict.case: verdict for verdict in read_results(folder).verdicts}
    assert {one.case for one in read_transcripts(folder)} == verdicts.keys()
    assert verdicts.keys() <= {case.id for topic in finds(folder) for case in topic.cases}
    return {finding.rule for verdict in verdicts.values() for finding in verdict.findings}


def test_a_find_survives_sigkill_and_can_be_judged(tmp_path: Path) -> None:
    with shrinking(tmp_path) as process:
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    assert read_results(tmp_path / "out").end is None
    assert "naming.target" in held(tmp_path / "out")
    judged = oss_bodies("judge", "out", cwd=tmp_path)
    assert judged.returncode == ExitCode.FINDINGS, judged.stderr
    assert f"FAIL {KIND} naming.target" in judged.stdout
    assert ", 0 not" in judged.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_find_survives_an_interruption_and_can_be_judged(tmp_path: Path, number: int) -> None:
    with shrinking(tmp_path) as process:
        process.send_signal(number)
        assert process.stderr is not None
        process.stderr.read()
        assert process.wait(60) == ExitCode.INTERRUPTED
    end = read_results(tmp_path / "out").end
    assert end is not None
    assert end.interrupted
    assert "naming.target" in held(tmp_path / "out")
    judged = oss_bodies("judge", "out", cwd=tmp_path)
    assert f"FAIL {KIND} naming.target" in judged.stdout
    assert ", 0 not" in judged.stdout
