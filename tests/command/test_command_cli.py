"""The command as its users meet it: exit codes, messages, interruption, the folder it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from command.calling import KNOWN, ONE, oss_bodies, oss_bodies_alone, repeat_command
from fakes.build import write_runner

from conformance import cli
from conformance.assets import VECTORS
from conformance.calibration.calibrating import calibrated
from conformance.errors import CalibrationError
from conformance.oss import v1
from conformance.results import read_results, read_transcripts


def begun(*words: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def waited_for(path: Path, text: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not (path.is_file() and text in path.read_text(encoding="utf-8", errors="replace")):
        assert time.monotonic() < until, f"{text!r} did not appear in {path.name}"
        os.sched_yield()


def still_running(mark: str) -> list[str]:
    """Command lines and environments of live processes that name `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in text:
            found.append((entry / "cmdline").read_text(errors="replace"))
    return found


def ended(mark: str, seconds: float = 10) -> Iterator[bool]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield not still_running(mark)


def test_a_run_of_a_right_runner_exits_0_and_leaves_a_whole_folder(
    tmp_path: Path, reference: str
) -> None:
    ran = oss_bodies_alone("run", "--runner", reference, "--in", "host", *ONE, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    folder = tmp_path / "oss-bodies-report"
    results = read_results(folder)
    assert results.genuine
    assert results.end is not None
    assert (results.end.exit, results.end.counts.passed) == (0, 1)
    assert [transcript.case for transcript in read_transcripts(folder)] == ["process/sen/50"]
    assert "process/sen/50" in (folder / "summary.md").read_text(encoding="utf-8")


def test_a_finding_exits_1_and_its_printed_command_shows_it_again(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    ran = oss_bodies("run", "--runner", runner, "--in", "host", *ONE, cwd=tmp_path)
    assert ran.returncode == 1
    assert "process.string" in ran.stdout
    repeated = oss_bodies(*repeat_command(ran), cwd=tmp_path)
    assert repeated.returncode == 1
    assert "process.string" in repeated.stdout
    shown = oss_bodies("show", f"oss-bodies-report/{ONE[1]}", cwd=tmp_path).stdout
    assert "  > Authorization: OSS4-HMAC-SHA256 Credential=" in shown
    assert "  < HTTP/1.1 200 OK" in shown
    assert "  result         content" in shown
    whole = oss_bodies("show", "-v", f"oss-bodies-report/{ONE[1]}", cwd=tmp_path).stdout
    assert "  < HTTP/1.1 200 OK" in whole
    (tmp_path / "oss-bodies-report" / "transcripts.jsonl").unlink()
    bare = oss_bodies("show", f"oss-bodies-report/{ONE[1]}", cwd=tmp_path)
    assert bare.returncode == 0
    assert "without requests and answers: " in bare.stdout


def test_results_name_no_folder_of_the_machine(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    out = str(tmp_path / "out")
    oss_bodies("run", "--runner", runner, "--in", "host", "--out", out, *ONE, cwd=tmp_path)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8") for path in files]
    assert [text for text in texts if str(tmp_path) in text] == []


def test_a_run_writes_a_profile_of_each_lane_and_judging_again_makes_the_same(
    tmp_path: Path, reference: str
) -> None:
    case = ["--case", "transport/retry/after-503"]
    oss_bodies("run", "--runner", reference, "--in", "host", *case, cwd=tmp_path)
    folder = tmp_path / "oss-bodies-report"
    (profile,) = read_results(folder).profiles
    told = {item.name: (item.value, item.cases) for item in profile.items}
    assert told["retries-on-503"] == ("no", ("transport/retry/after-503",))
    page = (folder / "summary.md").read_text(encoding="utf-8")
    assert "Retries on status 503<br>`transport/retry/after-503` | no |" in page
    assert "changed" not in oss_bodies("judge", "oss-bodies-report", cwd=tmp_path).stdout
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('retries-on-503","value":"no"', 'x","value":"no"'))
    again = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path).stdout
    assert f"changed: the profile of {profile.lane}: retries-on-503, x" in again


def test_a_summary_is_written_whatever_a_finding_quotes(tmp_path: Path, reference: str) -> None:
    case = ["--case", "bodies/parsers/lone-surrogate"]
    words = ["run", "--lane", "rest", "--runner", reference, "--in", "host", *case]
    ran = oss_bodies(*words, cwd=tmp_path)
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "oss-bodies-report" / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--lane", "jav"], "did you mean java?"),
        (["run", "--lane", "java@"], "is not a version"),
        (["run", "--lane", "go@path:nowhere"], "is not a folder"),
        (["run", "--case", "proces/*"], "matches no case"),
        (["run", "--shard", "5/4"], "is not I/N"),
        (["run", "--jobs", "-1"], "--jobs: '-1' is not a whole number of 0 or more"),
        (["run", "--timeout", "0"], "--timeout: '0' is not a number greater than 0"),
        (["fuzz", "--examples", "1.5"], "is not a whole number greater than 0"),
        (["run", "--shard", "4000/4000"], "contains no case"),
        (["run", "--runner", "nowhere"], "manifest.json"),
        (["run", "--known-failing", "nowhere.json"], "cannot be read"),
        (["run", "--in", "space"], "invalid choice"),
        (["show", "no/such/case"], "matches no case"),
        (["judge", "nowhere"], "nowhere"),
        (["report", "nowhere"], "nowhere"),
        (["merge", "nowhere", "--out", "whole"], "nowhere"),
        (["merge", "part"], "--out"),
        (["known-failing", "update", "nowhere"], "nowhere"),
        (["known-failing", "list", "nowhere"], "invalid choice"),
        (["calibrate", "nowhere.json"], "nowhere.json"),
        (["check", "nowhere.json"], "cannot be read"),
        (["mock", "--port", "70000"], "is not a port number from 0 to 65535"),
        (["mock", "--port", "x"], "is not a port number from 0 to 65535"),
        ([], "COMMAND"),
    ],
)
def test_wrong_input_exits_2_says_why_and_starts_nothing(
    words: list[str], told: str, tmp_path: Path
) -> None:
    ran = oss_bodies(*words, cwd=tmp_path)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_case_is_shown_with_its_parameters_by_name(tmp_path: Path) -> None:
    shown = json.loads(oss_bodies("show", *ONE[1:], "--json", cwd=tmp_path).stdout)
    assert shown["turns"][0]["input"]["parameters"] == {"sen": 50}


def test_calls_at_once_are_shown_with_what_each_has_of_its_own(tmp_path: Path) -> None:
    case = "transport/threads/eight-fresh"
    text = oss_bodies("show", case, cwd=tmp_path).stdout
    assert '8 parallel calls, each with\n  {"parameters": {"sen": 3}, "key": "frame-01' in text
    assert "status 200, length, if the key is frame-01.jpg" in text
    (turn,) = json.loads(oss_bodies("show", case, "--json", cwd=tmp_path).stdout)["turns"]
    assert [call["key"] for call in turn["calls"]] == [f"frame-{n:02}.jpg" for n in range(1, 9)]


def test_calibrate_without_a_file_takes_both_versions_of_the_signature(tmp_path: Path) -> None:
    files = [VECTORS / f"signature-{version}-known-answers.json" for version in ("v4", "v1")]
    known = [len(json.loads(path.read_text())["vectors"]) for path in files]
    told = [oss_bodies("calibrate", *words, cwd=tmp_path).stdout for words in ([], [str(files[1])])]
    assert [text.splitlines()[0] for text in told] == [
        f"{sum(known)} reproduced, 0 not",
        f"{known[1]} reproduced, 0 not",
    ]


def test_no_verdict_is_given_when_v1_is_not_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v1, "signature", lambda text, *, secret: f"{len(text + secret):028}")
    calibrated.cache_clear()
    with pytest.raises(CalibrationError):
        calibrated()


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    tmp_path: Path, reference: str
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    words = ["run", "--runner", reference, "--in", "host", "--out", "mine", *ONE]
    ran = oss_bodies(*words, cwd=tmp_path)
    assert ran.returncode == 2
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


def test_a_known_failure_is_counted_and_exits_0(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    (tmp_path / "known.json").write_text(json.dumps({"entries": [KNOWN]}), encoding="utf-8")
    words = ["--runner", runner, "--in", "host", "--known-failing", "known.json"]
    ran = oss_bodies("run", *words, *ONE, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "exit 0: no new failures; 1 known: " in ran.stdout


def test_a_known_failure_that_passes_is_red(tmp_path: Path, reference: str) -> None:
    (tmp_path / "known.json").write_text(json.dumps({"entries": [KNOWN]}), encoding="utf-8")
    words = ["--runner", reference, "--in", "host", "--known-failing", "known.json"]
    assert oss_bodies("run", *words, *ONE, cwd=tmp_path).returncode == 1


def test_a_lane_asked_for_by_name_that_cannot_run_exits_3_with_the_remedy(
    tmp_path: Path,
) -> None:
    runner = write_runner(tmp_path / "runners", kind="reference")
    manifest = json.loads((runner / "manifest.json").read_text(encoding="utf-8"))
    manifest["tools"] = [{"command": ["no-such-tool"], "remedy": "apt-get install no-such-tool"}]
    (runner / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    words = ["run", "--runner", str(runner), "--lane", "reference", "--in", "host", *ONE]
    ran = oss_bodies(*words, cwd=tmp_path)
    assert ran.returncode == 3
    assert "apt-get install no-such-tool" in ran.stdout


def test_without_an_engine_container_mode_exits_3_and_auto_takes_the_host(
    tmp_path: Path, reference: str
) -> None:
    none = f"unix://{tmp_path}/no.sock"
    words = ["run", "--runner", reference, *ONE]
    asked = oss_bodies(*words, "--in", "container", cwd=tmp_path, environment={"DOCKER_HOST": none})
    assert asked.returncode == 3
    assert "no Docker engine answers" in asked.stderr
    auto = oss_bodies(*words, cwd=tmp_path, environment={"DOCKER_HOST": none})
    assert auto.returncode == 0
    assert "host mode: no Docker engine answers" in auto.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_exits_3_with_a_remedy(
    tmp_path: Path,
    reference: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def on_full_disk(_path: Path) -> BinaryIO:
        return Path("/dev/full").open("wb", buffering=0)

    monkeypatch.setattr("conformance.results.writer.create", on_full_disk)
    out = str(tmp_path / "full")
    assert cli.main(["run", "--runner", reference, "--in", "host", "--out", out, *ONE]) == 3
    assert "free some space" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_exits_130_keeps_what_was_measured_and_leaves_no_process(
    number: int, tmp_path: Path, reference: str
) -> None:
    silent = str(write_runner(tmp_path / "runners", kind="silent"))
    words = ["run", "--runner", reference, "--runner", silent, "--in", "host", "--timeout", "60"]
    run = begun(*words, "--case", "process/*", cwd=tmp_path)
    waited_for(tmp_path / "oss-bodies-report" / "results.jsonl", '"type":"verdict"')
    run.send_signal(number)
    output, _ = run.communicate(timeout=20)
    assert run.returncode == 130, output
    results = read_results(tmp_path / "oss-bodies-report")
    assert results.end is not None
    assert results.end.interrupted
    assert results.verdicts
    assert any(ended(str(tmp_path)))


@pytest.mark.slow
def test_a_killed_run_leaves_no_process_and_a_folder_that_can_be_judged(
    tmp_path: Path, reference: str
) -> None:
    silent = str(write_runner(tmp_path / "runners", kind="silent"))
    words = ["run", "--runner", reference, "--runner", silent, "--in", "host", "--timeout", "60"]
    run = begun(*words, "--case", "process/*", cwd=tmp_path)
    waited_for(tmp_path / "oss-bodies-report" / "results.jsonl", '"type":"verdict"')
    run.kill()
    run.communicate(timeout=20)
    assert any(ended(str(tmp_path)))
    again = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert "re-judged" in again.stdout


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path, reference: str) -> None:
    words = ["run", "--runner", reference, "--in", "host", "--case", "process/*"]
    runs = [begun(*words, "--out", f"out{number}", cwd=tmp_path) for number in range(2)]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs


def test_a_reader_that_goes_away_does_not_change_the_exit_code(tmp_path: Path) -> None:
    runner = str(write_runner(tmp_path / "runners", kind="sen-dropped"))
    run = begun("run", "--runner", runner, "--in", "host", *ONE, cwd=tmp_path)
    assert run.stdout is not None
    run.stdout.close()
    assert run.wait(60) == 1
    results = read_results(tmp_path / "oss-bodies-report")
    assert results.end is not None
    assert results.end.exit == 1
