"""`oss-bodies report`, and what `judge` and `report` say that can be run."""

import json
import re
import shlex
from pathlib import Path

import pytest
from command.calling import KNOWN, ONE, oss_bodies, own_vectors, repeat_command
from fakes.build import write_runner


@pytest.mark.parametrize("word", ["judge", "report"])
def test_a_stored_run_prints_repeat_commands_that_run_with_its_runner_files_and_options(
    word: str, tmp_path: Path
) -> None:
    runner = write_runner(tmp_path / "runners", kind="sen-dropped")
    own_vectors(tmp_path / "mine.json")
    (tmp_path / "known.json").write_text('{"entries": []}', encoding="utf-8")
    options = ["--vectors", str(tmp_path / "mine.json"), "--known-failing", "known.json"]
    words = ["run", "--runner", str(runner), "--in", "host", "--timeout", "20", *options]
    assert oss_bodies(*words, cwd=tmp_path).returncode == 1
    shown = oss_bodies(word, "oss-bodies-report", cwd=tmp_path)
    assert shown.returncode == 1, shown.stdout + shown.stderr
    command = repeat_command(shown)
    for part in (
        f"--runner {runner.relative_to(tmp_path)}",
        "--case process/mine/50",
        "--vectors mine.json",
        "--known-failing known.json",
        "--timeout 20",
    ):
        assert part in shlex.join(command)
    repeated = oss_bodies(*command, cwd=tmp_path)
    assert repeated.returncode == 1, repeated.stderr
    assert "process.string" in repeated.stdout


def test_report_shows_what_the_run_showed_and_writes_the_same_summary(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    ran = oss_bodies("run", "--runner", runner, "--in", "host", "--case", "process/*", cwd=tmp_path)
    page = tmp_path / "oss-bodies-report" / "summary.md"
    before = page.read_text(encoding="utf-8")
    page.unlink()
    shown = oss_bodies("report", "oss-bodies-report", cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (1, ran.stdout)
    assert page.read_text(encoding="utf-8") == before


def test_report_of_a_cut_run_exits_3_and_shows_what_there_is(
    tmp_path: Path, reference: str
) -> None:
    oss_bodies("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    path = tmp_path / "oss-bodies-report" / "results.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    shown = oss_bodies("report", "oss-bodies-report", cwd=tmp_path)
    assert shown.returncode == 3
    assert "process/sen/50" in shown.stdout
    assert "exit 3: results incomplete" in shown.stdout


def test_report_says_when_the_results_were_changed(tmp_path: Path, reference: str) -> None:
    oss_bodies("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    path = tmp_path / "oss-bodies-report" / "results.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"outcome":"pass"', '"outcome":"skip"'), encoding="utf-8")
    shown = oss_bodies("report", "oss-bodies-report", cwd=tmp_path)
    assert "results.jsonl was changed" in shown.stderr


def test_report_of_a_fuzz_shows_what_the_fuzz_showed(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-37-as-36"))
    words = ["--runner", runner, "--in", "host", "--examples", "1", "--out", "out"]
    fuzzed = oss_bodies("fuzz", *words, cwd=tmp_path)
    assert fuzzed.returncode == 1
    shown = oss_bodies("report", "out", cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (1, fuzzed.stdout)
    assert oss_bodies(*repeat_command(shown), cwd=tmp_path).returncode == 1
    judged = oss_bodies("judge", "out", cwd=tmp_path)
    assert repeat_command(judged) == repeat_command(shown)


def test_a_run_writes_every_output_and_report_writes_the_same_again(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    words = ["run", "--runner", runner, "--in", "host", *ONE]
    ran = oss_bodies(*words, "--json", cwd=tmp_path)
    document = json.loads(ran.stdout)
    assert (ran.returncode, document["exit"]) == (1, 1)
    assert document["results"][0]["findings"][0]["rule"] == "process.string"
    folder = tmp_path / "oss-bodies-report"
    names = [
        "report.html",
        "junit.xml",
        "summary.md",
        "badges/sen-dropped.json",
        "badges/sen-dropped.svg",
    ]
    before = {name: (folder / name).read_bytes() for name in names}
    assert b"<failure" in before["junit.xml"]
    times = re.findall(rb'<testcase [^>]*time="([0-9.]+)"', before["junit.xml"])
    assert [float(one) > 0 for one in times] == [True]
    assert b"1 new failure" in before["badges/sen-dropped.json"]
    assert document["run"].encode() in before["summary.md"]
    for name in names:
        (folder / name).unlink()
    shown = oss_bodies("report", "oss-bodies-report", "--json", cwd=tmp_path)
    assert json.loads(shown.stdout) == document
    assert {name: (folder / name).read_bytes() for name in names} == before
    verified = oss_bodies("verify", "oss-bodies-report", "--json", cwd=tmp_path)
    assert json.loads(verified.stdout) == {
        "verified": True, "run": document["run"], "refused": []
    }  # fmt: skip


def test_a_job_of_github_is_annotated_and_acts_on_nothing_else(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    oss_bodies("run", "--runner", runner, "--in", "host", *ONE, cwd=tmp_path)
    quiet = oss_bodies(
        "report", "oss-bodies-report", cwd=tmp_path, environment={"GITHUB_ACTIONS": ""}
    )
    assert "::" not in quiet.stdout
    shown = oss_bodies(
        "report", "oss-bodies-report", cwd=tmp_path, environment={"GITHUB_ACTIONS": "true"}
    )
    first, *text, last = shown.stdout.splitlines()
    assert first.startswith("::stop-commands::")
    assert last.startswith("::error title=process/sen/50 fails::")
    assert text[-1] == f"::{first.removeprefix('::stop-commands::')}::"


def test_the_page_has_the_evidence_and_is_written_without_it_if_that_cannot_be_read(
    tmp_path: Path, reference: str
) -> None:
    oss_bodies("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    folder = tmp_path / "oss-bodies-report"
    page = folder / "report.html"
    text = page.read_text(encoding="utf-8")
    assert "GET /example.jpg?x-oss-process=image%2Fbodies%2Csen_50" in text
    assert "processing string" in text
    (folder / "transcripts.jsonl").write_text('{"type":"transcripts","format":3}\n{"type":1}\n')
    shown = oss_bodies("report", "oss-bodies-report", cwd=tmp_path)
    assert shown.returncode == 0
    assert "report.html has no evidence from here on" in shown.stderr
    assert "GET /example.jpg" not in page.read_text(encoding="utf-8")


def test_show_prints_what_a_run_got_in_a_case(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    oss_bodies("run", "--runner", runner, "--in", "host", *ONE, cwd=tmp_path)
    shown = oss_bodies("show", "oss-bodies-report/process/sen/50", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    for part in (
        "FAIL process/sen/50",
        "process.string (required)",
        "evidence: oss-bodies-report/report.html#/case/process/sen/50",
    ):
        assert part in shown.stdout
    assert oss_bodies(*repeat_command(shown), cwd=tmp_path).returncode == 1
    other = oss_bodies("show", "oss-bodies-report/process/sen/51", cwd=tmp_path)
    assert (other.returncode, other.stdout) == (2, "")
    assert "the run has no such case" in other.stderr


def test_show_prints_the_link_of_a_known_failure(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    known = tmp_path / "known.json"
    known.write_text(json.dumps({"entries": [{**KNOWN, "versions": "*"}]}), encoding="utf-8")
    words = ["--runner", runner, "--in", "host", "--known-failing", "known.json"]
    ran = oss_bodies("run", *words, *ONE, cwd=tmp_path)
    assert "expected  'image/bodies,sen_50'" in ran.stdout
    shown = oss_bodies("show", "oss-bodies-report/process/sen/50", cwd=tmp_path)
    assert f"link      {KNOWN['link']}" in shown.stdout
    assert "known process/sen/50" in shown.stdout
