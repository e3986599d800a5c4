"""A run that is killed at any moment leaves results and transcripts that belong together."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from judge.notation import transcript
from judge.rule_examples import RIGHT
from report.run_shown import CASES, END, HEADER, LANES, VERDICTS

from conformance.cli import main
from conformance.errors import ExitCode, ResultsError
from conformance.results import ResultsWriter, read_results, read_transcripts, write_output
from conformance.results.publishing import is_locked

_STEPS = ("replace", "unlink", "rmdir", "open")


class KilledError(BaseException):
    """The process was killed: it does nothing any more."""


def killed_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """From its step of this number on, counted from 0, nothing happens on the disk."""
    done = 0

    def stopping(original: Callable[..., Any], *, creates: bool) -> Callable[..., Any]:
        def instead(*words: Any, **named: Any) -> Any:
            nonlocal done
            if creates and not words[1] & os.O_CREAT:
                return original(*words, **named)
            if done >= step:
                raise KilledError
            done += 1
            return original(*words, **named)

        return instead

    patch.setattr(os, "fsync", lambda _: None)
    for name in _STEPS:
        patch.setattr(os, name, stopping(getattr(os, name), creates=name == "open"))


def write(folder: Path, seed: int, *, again: bool = False) -> None:
    """A run with its seed in its header and its transcript; again: as a search writes it, twice."""
    with ResultsWriter(folder, replace(HEADER, seed=seed)) as writer:
        for _ in range(2 if again else 1):
            with writer.rewriting() if again else contextlib.nullcontext():
                writer.case(CASES[0])
                writer.lane(LANES[0])
                writer.transcript(replace(transcript(RIGHT), stderr=str(seed)))
                writer.verdict(VERDICTS[0])
        writer.end(END)
    for name in ("summary.md", "badges/go.json"):
        write_output(folder / name, str(seed))


def killed(folder: Path, seed: int, step: int, *, again: bool = False) -> bool:
    """A run that is killed at a step; False: it has fewer."""
    with pytest.MonkeyPatch.context() as patch:
        killed_at(patch, step)
        try:
            write(folder, seed, again=again)
        except KilledError:
            return True
    return False


def seeds(folder: Path) -> tuple[int | None, list[int]]:
    """Which run the results are of, and which the transcripts."""
    return read_results(folder).run.seed, [int(one.stderr) for one in read_transcripts(folder)]


@pytest.mark.parametrize("again", [False, True], ids=["run", "search"])
def test_after_a_kill_at_any_step_the_transcripts_are_those_of_the_results(
    tmp_path: Path, again: bool
) -> None:
    of_steps, step = set(), 0
    while True:
        folder = tmp_path / str(step)
        write(folder, 1)
        if not killed(folder, 2, step, again=again):
            break
        seed, transcripts = seeds(folder)
        assert transcripts in ([seed], [])
        assert transcripts or seed == 2  # the old ones are kept as long as the old results
        of_steps.add(seed)
        # What the first one left is not mistaken after a second run that is killed.
        for second in range(step % 3, 18, 3):
            killed(folder, 3, second, again=again)
            seed, transcripts = seeds(folder)
            assert transcripts in ([seed], [])
        write(folder, 3)
        assert seeds(folder) == (3, [3])
        assert {path.name for path in folder.rglob("*") if path.is_file()} == {
            "results.jsonl",
            "transcripts.jsonl",
            "summary.md",
            "go.json",
        }
        step += 1
    assert of_steps == {1, 2}


def test_a_first_run_that_is_killed_leaves_a_folder_that_the_next_one_takes(tmp_path: Path) -> None:
    step = 0
    while killed(tmp_path / str(step), 2, step):
        write(tmp_path / str(step), 3)
        assert seeds(tmp_path / str(step)) == (3, [3])
        step += 1
    assert step > 4


def test_results_that_are_being_written_are_not_said_to_be_cut(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, replace(HEADER, seed=2)) as writer:
        writer.case(CASES[0])
        writer.verdict(VERDICTS[0])
        with pytest.raises(ResultsError, match="is being written by a run that still runs"):
            read_results(tmp_path)
    assert read_results(tmp_path).end is None
    assert not is_locked(tmp_path)


@pytest.mark.parametrize("command", ["judge", "verify", "report"])
def test_commands_say_that_a_folder_is_being_written(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ResultsWriter(tmp_path, HEADER) as writer:
        writer.case(CASES[0])
        writer.verdict(VERDICTS[0])
        assert main([command, str(tmp_path)]) == ExitCode.WRONG_INPUT
    assert "is being written by a run that still runs" in capsys.readouterr().err


def test_results_are_read_while_the_next_run_has_no_verdict_yet(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with ResultsWriter(tmp_path, replace(HEADER, seed=2)):
        assert is_locked(tmp_path)
        assert seeds(tmp_path) == (1, [1])
