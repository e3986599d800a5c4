"""`oss-bodies known-failing update`: shows a diff, writes if it may, and the run is green."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner

from conformance.cli import main

RUN = ["run", "--runner", "sen-dropped", "--in", "host", "--known-failing", "known.json"]
RUN += ["--case", "process/sen/50", "--case", "process/documented/bodies"]
PASSES: dict[str, Any] = {
    "cases": "process/documented/bodies",
    "rules": ["process.string"],
    "reason": "It was wrong in an earlier version.",
    "link": "https://example.org/1",
}
Update = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that has a new failure and a listed pass; `before.json` is its list."""
    folder = tmp_path_factory.mktemp("project")
    write_runner(folder, kind="sen-dropped")
    for name in ("known.json", "before.json"):
        (folder / name).write_text(json.dumps({"entries": [PASSES]}, indent=2) + "\n")
    assert oss_bodies(*RUN, cwd=folder).returncode == 1
    return folder


@pytest.fixture
def update(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Update:
    monkeypatch.chdir(folder)
    (folder / "known.json").write_text((folder / "before.json").read_text())

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["known-failing", "update", "oss-bodies-report", *words])
        return code, *capsys.readouterr()

    return call


def entries(folder: Path) -> list[Any]:
    return list(json.loads((folder / "known.json").read_text())["entries"])


def test_without_a_terminal_the_diff_is_shown_and_nothing_is_written(
    folder: Path, update: Update
) -> None:
    code, shown, said = update()
    assert (code, entries(folder)) == (1, [PASSES])
    assert "--- known.json\n+++ known.json\n" in shown
    assert '-      "cases": "process/documented/bodies",\n' in shown
    assert '+      "cases": "process/sen/50",\n' in shown
    assert "known.json is not written; --yes writes it" in said


@pytest.mark.slow
def test_what_is_written_makes_the_run_green(folder: Path, update: Update) -> None:
    code, shown, _ = update("--yes", "--owner", "the SDK team", "--link", "https://example.org/2")
    assert (code, "up to date: known.json" in shown) == (0, True)
    (entry,) = entries(folder)
    assert (entry["cases"], entry["owner"]) == ("process/sen/50", "the SDK team")
    again = oss_bodies(*RUN, "--out", "again", cwd=folder)
    assert again.returncode == 0, again.stdout
    assert main(["known-failing", "update", "again"]) == 0


def test_another_list_can_be_named_which_need_not_exist(folder: Path, update: Update) -> None:
    code, _, _ = update("--file", "new.json", "--yes")
    written = json.loads((folder / "new.json").read_text())["entries"]
    assert (code, [entry["cases"] for entry in written]) == (0, ["process/sen/50"])
    assert written[0]["lanes"] == "sen-dropped"
    assert main(["check", "new.json"]) == 0
    (folder / "new.json").unlink()


def test_without_a_list_of_the_run_the_list_of_the_runner_is_updated(
    folder: Path, update: Update
) -> None:
    path = folder / "oss-bodies-report" / "results.jsonl"
    whole = path.read_bytes()
    lines = [json.loads(line) for line in whole.splitlines()][:-1]  # cut: nothing is sealed
    lines[0]["files"]["known_failing"] = []
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    _, shown, _ = update()
    path.write_bytes(whole)
    assert "+++ sen-dropped/known-failing.json\n" in shown


def test_a_link_that_no_entry_can_have_is_refused(folder: Path, update: Update) -> None:
    code, _, said = update("--yes", "--link", "see below")
    assert (code, "/entries/0/link" in said, entries(folder)) == (2, True, [PASSES])


def test_an_expired_entry_remains_to_be_done(folder: Path, update: Update) -> None:
    over = {**PASSES, "cases": "process/sen/50", "expires": "2020-01-31", "owner": "me"}
    (folder / "known.json").write_text(json.dumps({"entries": [over]}, indent=2) + "\n")
    code, shown, _ = update("--yes")
    assert (code, entries(folder)) == (1, [over])
    assert "known.json: process/sen/50 expired on 2020-01-31 (me): fix or extend it" in shown


def test_check_finds_entries_of_cases_and_rules_that_do_not_exist(
    folder: Path, update: Update, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {**PASSES, "cases": "process/no-such", "rules": ["process.strin"]}
    (folder / "known.json").write_text(json.dumps({"entries": [wrong]}))
    assert main(["check", "known.json"]) == 2
    told = capsys.readouterr().out
    assert "/entries/0/cases: 'process/no-such' matches no case of the corpus" in told
    assert "/entries/0/rules/0: 'process.strin' is no rule (did you mean process.string?)" in told


@pytest.mark.parametrize(
    ("expires", "told"),
    [
        ("2020-01-31", "known until 2020-01-31 (me): It was wrong"),
        ("2999-12-31", "process/sen/50 known"),
    ],
)
def test_a_run_is_judged_by_the_date_on_which_it_started(
    expires: str, told: str, folder: Path, update: Update, capsys: Any
) -> None:
    entry = {**PASSES, "cases": "process/sen/50", "expires": expires, "owner": "me"}
    (folder / "more.json").write_text(json.dumps({"entries": [entry]}))
    main(["judge", "oss-bodies-report", "--known-failing", "more.json"])
    (folder / "more.json").unlink()
    shown = " ".join(capsys.readouterr().out.split())
    assert told in shown, shown
