"""`oss-bodies compare OLD NEW`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from report.run_shown import CASES, END, HEADER, LANES, VERDICTS

from conformance import cli
from conformance.model.verdict import Outcome, Verdict
from conformance.results import ResultsWriter


def written(folder: Path, verdicts: tuple[Verdict, ...] = VERDICTS) -> str:
    with ResultsWriter(folder, HEADER) as writer:
        for case in CASES:
            writer.case(case)
        for lane in LANES:
            writer.lane(lane)
        for verdict in verdicts:
            writer.verdict(verdict)
        writer.end(END)
    return str(folder)


def test_a_comparison_is_printed_written_and_given_to_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path / "old")
    page = tmp_path / "comparison.md"
    assert cli.main(["compare", old, old, "--markdown", str(page)]) == 0
    assert "0 broken, 0 fixed" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("# 0 broken, 0 fixed")
    assert cli.main(["compare", old, old, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["exit"], len(document["lanes"])) == (0, 5)


def test_the_page_is_written_beside_the_later_run_and_links_to_its_cases(tmp_path: Path) -> None:
    old, new = written(tmp_path / "old"), tmp_path / "new"
    changed = tuple(
        replace(one, outcome=Outcome.FAIL) if one.case == "process/sen/0" else one
        for one in VERDICTS
    )
    written(new, changed)
    before = {path.name: path.read_bytes() for path in Path(old).iterdir()}
    cli.main(["compare", old, str(new)])
    page = (new / "comparison.html").read_text(encoding="utf-8")
    assert '<a href="report.html#/case/process/sen/0">' in page
    assert "<h1>0 broken, 0 fixed" in page
    assert "<script" not in page
    assert "prefers-color-scheme: dark" in page
    assert {path.name: path.read_bytes() for path in Path(old).iterdir()} == before
    elsewhere = tmp_path / "pages" / "one.html"
    elsewhere.parent.mkdir()
    cli.main(["compare", old, str(new), "--out", str(elsewhere)])
    assert '<a href="../new/report.html#/case/process/sen/0">' in elsewhere.read_text("utf-8")


def test_a_later_folder_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path / "old")
    (tmp_path / "old" / "comparison.html" / "in-the-way").mkdir(parents=True)
    assert cli.main(["compare", old, old]) == 0
    said = capsys.readouterr()
    assert "0 broken, 0 fixed" in said.out
    assert "--out names another file" in said.err


def test_a_page_that_cannot_be_written_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path / "old")
    assert cli.main(["compare", old, old, "--markdown", str(tmp_path / "no" / "page.md")]) == 3
    assert "--markdown" in capsys.readouterr().err


def test_what_is_no_results_folder_is_wrong_input(tmp_path: Path) -> None:
    old = written(tmp_path / "old")
    assert cli.main(["compare", old, str(tmp_path / "nowhere")]) == 2
