"""The results folder of a fuzz can be read at any moment, whatever ends the fuzz then."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fuzz.drawn import trial
from report.run_shown import END, HEADER, LANES

from conformance.corpus.load import finds
from conformance.errors import CannotRunError
from conformance.fuzz import Call, Example, Score, case_of
from conformance.fuzz.cause import Cause
from conformance.fuzz.features import features
from conformance.fuzz.fuzz_results import FuzzResults
from conformance.operation.reading import bodies
from conformance.results import ResultsWriter, read_results, read_transcripts

RULE = "naming.target"
LARGE, SMALL = (Example(calls=(Call(key=key),)) for key in ("a+b c", "+"))


def cause(example: Example) -> Cause:
    one = trial(example, RULE)
    return Cause(
        lane="a", rules=one.rules, features=features(one.case, bodies()), trial=one,
        example=example, explains=1,
    )  # fmt: skip


def score(*causes: Cause) -> Score:
    made = Score(bodies())
    made.causes = list(causes)
    return made


def search(results: FuzzResults) -> None:
    """What a search gives: a find, a smaller example of it, the end."""
    results.write(score(), LANES[:1], secrets=(), untraced=[cause(LARGE)])
    results.write(score(), LANES[:1], secrets=(), untraced=[cause(SMALL)])
    end(results)


def end(results: FuzzResults) -> None:
    results.write(score(cause(SMALL)), LANES[:1], secrets=(), end=END)


@contextmanager
def fuzz(folder: Path) -> Iterator[FuzzResults]:
    with ResultsWriter(folder, HEADER) as writer:
        yield FuzzResults(writer, seed=1)


def before_each_change(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Call `act` before each change on disk."""
    files = ((os, "replace"), (os, "open"), (os, "pwrite"), (Path, "unlink"))
    for module, name in (*files, (ResultsWriter, "_append")):
        real = getattr(module, name)

        def changed(*words: Any, _real: Any = real, **more: Any) -> Any:
            act()
            return _real(*words, **more)

        monkeypatch.setattr(module, name, changed)


def held(folder: Path) -> list[str]:
    """The keys of the finds in a folder, which must have a vector file each."""
    files = {case.id: case for topic in finds(folder) for case in topic.cases}
    assert {verdict.case for verdict in read_results(folder).verdicts} <= files.keys()
    return [str(files[one.case].turns[0].input.key) for one in read_transcripts(folder)]


def vector_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*/*.json"))


def test_a_find_is_on_disk_at_once_and_a_smaller_one_replaces_it(tmp_path: Path) -> None:
    folder, copy = tmp_path / "out", tmp_path / "copy"
    with fuzz(folder) as results:
        results.write(score(), LANES[:1], secrets=(), untraced=[cause(LARGE)])
        assert held(shutil.copytree(folder, copy)) == ["a+b c"]
        results.write(score(), LANES[:1], secrets=(), untraced=[cause(SMALL)])
    assert held(folder) == ["+"]
    assert len(vector_files(folder)) == 1
    assert read_results(folder).end is None


def test_a_fuzz_that_is_killed_at_any_moment_leaves_what_it_had_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, copying = tmp_path / "out", False
    copies: list[Path] = []

    def copy() -> None:
        nonlocal copying
        if not copying:  # a copy makes changes as well
            copying = True
            copies.append(tmp_path / f"copy-{len(copies)}")
            shutil.copytree(folder, copies[-1])
            copying = False

    with fuzz(folder) as results, monkeypatch.context() as patch:
        before_each_change(patch, copy)
        search(results)
    seen = [held(one) for one in copies if (one / "transcripts.jsonl").exists()]
    kinds = list(dict.fromkeys(map(tuple, seen)))
    assert kinds == [("a+b c",), ("+",)]
    assert len(seen) > len(copies) / 2


def test_a_fuzz_that_is_interrupted_at_any_moment_ends_with_the_same_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fuzz(tmp_path / "whole") as results:
        search(results)
    whole = read_results(tmp_path / "whole")
    for moment in range(1, 1000):
        left = moment

        def interrupt() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

        folder = tmp_path / str(moment)
        with fuzz(folder) as results:
            try:
                with monkeypatch.context() as patch:
                    before_each_change(patch, interrupt)
                    search(results)
            except KeyboardInterrupt:
                end(results)
        assert read_results(folder) == whole
        assert vector_files(folder) == vector_files(tmp_path / "whole")
        if left > 0:
            break
    assert moment > 20


def test_a_vector_file_of_an_earlier_fuzz_stays_when_a_smaller_example_is_found(
    tmp_path: Path,
) -> None:
    with fuzz(tmp_path) as results:
        results.write(score(cause(LARGE)), LANES[:1], secrets=(), end=END)
    with fuzz(tmp_path) as results:
        search(results)
    assert len(vector_files(tmp_path)) == 2


def test_a_full_disk_leaves_what_was_written_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with fuzz(tmp_path) as results:
        results.write(score(), LANES[:1], secrets=(), untraced=[cause(LARGE)])
        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(CannotRunError, match="No space left"):
            end(results)
        monkeypatch.undo()
    assert held(tmp_path) == ["a+b c"]


def test_the_lanes_of_a_fuzz_that_were_given_up_stand_in_its_line(tmp_path: Path) -> None:
    lost = replace(LANES[1], status="not-run", reason="it died three times")
    with fuzz(tmp_path) as results:
        results.write(score(), [lost, LANES[2]], secrets=(), end=END)
    line = read_results(tmp_path).fuzz
    assert line is not None
    assert line["lost"] == {lost.lane: lost.reason}


def test_the_case_of_a_find_is_that_of_its_vector_file(tmp_path: Path) -> None:
    with fuzz(tmp_path) as results:
        search(results)
    ((case,),) = (topic.cases for topic in finds(tmp_path))
    assert case.turns == case_of(SMALL).turns
