"""`oss-bodies merge`: the parts of a run become the run, or are refused."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from command.test_command_verify import changed
from fakes.build import write_runner

from conformance.cli import main
from conformance.results import read_results, read_transcripts

CASES = ["--case", "process/sen/*", "--case", "transport/retry/*", "--case", "auth/anonymous/*"]
Merge = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in `whole`, the same in three parts, and a part with another seed; two lanes."""
    folder = tmp_path_factory.mktemp("runs")
    for kind in ("reference", "sen-dropped"):
        write_runner(folder, kind=kind)
    words = ["run", "--runner", "reference", "--runner", "sen-dropped", "--in", "host", *CASES]
    divided = {str(n): ["--shard", f"{n}/3"] for n in (1, 2, 3)}
    for name, more in {"whole": [], **divided, "seed": [*divided["1"], "--seed", "7"]}.items():
        ran = oss_bodies(*words, *more, "--out", name, cwd=folder)
        assert ran.returncode == 1, ran.stderr
    return folder


@pytest.fixture
def folder(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the runs, which is the working folder."""
    copied = tmp_path / "runs"
    shutil.copytree(runs, copied)
    monkeypatch.chdir(copied)
    return copied


@pytest.fixture
def merge(capsys: pytest.CaptureFixture[str]) -> Merge:
    def call(*folders: str, out: str = "out") -> tuple[int, str]:
        code = main(["merge", *folders, "--out", out])
        return code, capsys.readouterr().err

    return call


def hashed(folder: Path) -> Counter[str]:
    """The lines of the results without what two equal runs may have different."""
    lines: Counter[str] = Counter()
    for line in map(json.loads, (folder / "results.jsonl").read_text().splitlines()):
        for name in ("started", "seconds", "check", "transcripts", "profile"):
            line.pop(name, None)
        if line["type"] == "profile":
            line["items"] = [[item["name"], item["count"]] for item in line["items"]]
        lines[json.dumps(line, sort_keys=True)] += 1
    return lines


def test_parts_in_any_order_become_the_run_that_was_divided(folder: Path, merge: Merge) -> None:
    assert merge("3", "1", "2") == (1, "")
    whole, merged = read_results(folder / "whole"), read_results(folder / "out")
    assert merged.run.id == whole.run.id
    assert merged.genuine
    assert hashed(folder / "out") == hashed(folder / "whole")
    assert [case.case for case in merged.cases] == [case.case for case in whole.cases]
    trials = [
        sorted((one.case, one.lane) for one in read_transcripts(folder / name))
        for name in ("whole", "out")
    ]
    assert trials[0] == trials[1]


def test_a_merged_run_has_all_outputs_and_is_verified(folder: Path, merge: Merge) -> None:
    merge("1", "2", "3")
    names = {path.name for path in (folder / "whole").iterdir()}
    assert {path.name for path in (folder / "out").iterdir()} == names
    assert main(["verify", "out"]) == 0


@pytest.mark.parametrize(
    ("folders", "told"),
    [
        (["1", "3"], "missing: shard 2/3"),
        (["2"], "missing: shard 1/3, 3/3"),
        (["1", "2", "3", "2"], "2: is shard 2/3, and so is 2"),
        (["2", "3", "seed"], "seed: its seed is 7, in 2 none"),
        (["1", "whole"], "whole: holds a whole run, not a part"),
        (["1", "nowhere"], "nowhere"),
    ],
)
def test_folders_that_are_not_all_parts_of_one_run_are_refused(
    folders: list[str], told: str, folder: Path, merge: Merge
) -> None:
    code, said = merge(*folders)
    assert (code, told in said) == (2, True), said
    assert not (folder / "out").exists()


def _runtime(line: Any) -> bool:
    line["runtime"] = "CPython 3.0"
    return True


def _corpus(line: Any) -> bool:
    line["vectors"] = "0" * 64
    return True


def _suite(line: Any) -> bool:
    line["suite"] = "0.0.1"
    return True


def _timeout(line: Any) -> bool:
    line["timeout"] = 5.0
    return True


def _division(line: Any) -> bool:
    line["selection"]["shard"] = "2/4"
    return True


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("lane", _runtime, ": its runtime is CPython 3.0, in 1 CPython"),
        ("run", _corpus, "its vectors is 000000"),
        ("run", _suite, "its version of the suite is 0.0.1, in 1 "),
        ("run", _timeout, "its timeout is 5.0, in 1 none"),
        ("run", _division, "2: is shard 2/4, 1 one of 3 shards"),
    ],
)
def test_parts_that_differ_in_more_than_the_shard_are_refused(
    kind: str, change: Callable[[Any], object], told: str, folder: Path, merge: Merge
) -> None:
    changed(folder / "2", kind, change)
    code, said = merge("1", "2", "3")
    assert (code, told in said) == (2, True), said


def test_a_part_that_was_changed_is_refused_with_the_line(folder: Path, merge: Merge) -> None:
    path = folder / "2" / "results.jsonl"
    path.write_text(path.read_text().replace('"outcome":"fail"', '"outcome":"pass"', 1))
    code, said = merge("1", "2", "3")
    assert (code, "2: results.jsonl was changed in line" in said) == (2, True), said


def test_a_part_that_was_cut_is_refused(folder: Path, merge: Merge) -> None:
    path = folder / "2" / "results.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    code, said = merge("1", "2", "3")
    assert (code, "2: is cut" in said) == (2, True), said


def test_transcripts_of_another_part_are_refused_and_nothing_is_replaced(
    folder: Path, merge: Merge
) -> None:
    shutil.copy(folder / "1" / "transcripts.jsonl", folder / "2" / "transcripts.jsonl")
    shutil.copytree(folder / "whole", folder / "out")
    before = (folder / "out" / "results.jsonl").read_bytes()
    code, said = merge("1", "2", "3")
    # Which one is named depends on which trial ended first.
    named = re.search(r"2: \S+ on \S+: has no verdict", said)
    assert (code, named is not None) == (2, True), said
    assert (folder / "out" / "results.jsonl").read_bytes() == before


def test_a_part_is_not_overwritten(folder: Path, merge: Merge) -> None:
    before = (folder / "1" / "results.jsonl").read_bytes()
    code, said = merge("1", "2", "3", out="./1")
    assert (code, "is one of the parts" in said) == (2, True)
    assert (folder / "1" / "results.jsonl").read_bytes() == before
