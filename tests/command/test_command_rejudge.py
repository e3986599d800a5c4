"""`oss-bodies judge`: the verdicts of a stored run, made again from its transcripts."""

import json
from pathlib import Path

from command.calling import KNOWN, ONE, oss_bodies, own_vectors
from fakes.build import write_runner


def test_judging_again_applies_the_known_failing_lists_of_the_run(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    (tmp_path / "known.json").write_text(json.dumps({"entries": [KNOWN]}), encoding="utf-8")
    words = ["--runner", runner, "--in", "host", "--known-failing", "known.json"]
    assert oss_bodies("run", *words, *ONE, cwd=tmp_path).returncode == 0
    assert oss_bodies("judge", "oss-bodies-report", cwd=tmp_path).returncode == 0
    (tmp_path / "known.json").unlink()
    judged = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert judged.returncode == 1
    assert "known.json does not exist" in judged.stderr


def test_judging_without_the_vector_file_of_the_run_says_where_to_judge(
    tmp_path: Path, reference: str
) -> None:
    own_vectors(tmp_path / "mine.json")
    words = ["--runner", reference, "--in", "host", "--vectors", "mine.json"]
    assert oss_bodies("run", *words, cwd=tmp_path).returncode == 0
    (tmp_path / "mine.json").unlink()
    judged = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert judged.returncode == 2
    assert "mine.json" in judged.stderr
    assert "in the folder in which `oss-bodies run` was called" in judged.stderr


def test_judging_again_gives_the_same_verdicts_without_a_runner(
    tmp_path: Path, reference: str
) -> None:
    oss_bodies("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    again = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 as stored, 0 not" in again.stdout


def test_a_verdict_that_was_edited_shows_when_it_is_judged_again(
    tmp_path: Path, reference: str
) -> None:
    oss_bodies("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    results = tmp_path / "oss-bodies-report" / "results.jsonl"
    text = results.read_text(encoding="utf-8")
    results.write_text(text.replace('"outcome":"pass"', '"outcome":"fail"'), encoding="utf-8")
    again = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert "process/sen/50 on reference: fail, now pass" in again.stdout


def test_judging_again_shows_commands_with_the_folder_of_the_runner(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    oss_bodies("run", "--runner", runner, "--in", "host", *ONE, cwd=tmp_path)
    judged = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert (
        "repeat    oss-bodies run --runner runners/sen-dropped --lane sen-dropped" in judged.stdout
    )
