"""`oss-bodies compare OLD NEW`."""

import json
from pathlib import Path

import pytest
from report.run_shown import CASES, END, HEADER, LANES, VERDICTS

from conformance import cli
from conformance.results import ResultsWriter


def written(folder: Path) -> str:
    with ResultsWriter(folder, HEADER) as writer:
        for case in CASES:
            writer.case(case)
        for lane in LANES:
            writer.lane(lane)
        for verdict in VERDICTS:
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


def test_a_page_that_cannot_be_written_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path / "old")
    assert cli.main(["compare", old, old, "--markdown", str(tmp_path / "no" / "page.md")]) == 3
    assert "--markdown" in capsys.readouterr().err


def test_what_is_no_results_folder_is_wrong_input(tmp_path: Path) -> None:
    old = written(tmp_path / "old")
    assert cli.main(["compare", old, str(tmp_path / "nowhere")]) == 2
