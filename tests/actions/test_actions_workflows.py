"""The workflows of this project and those to copy: pinned, linted, and each of their steps run."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from actions.workflow import ROOT, installed, read

COPIED = sorted((ROOT / "docs" / "ci").glob("*.yml"))
WORKFLOWS = [path for path in COPIED if path.stem != "gitlab-ci"]
OWN = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ONE = {"cases": "process/sen/50", "mode": "host"}


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(ROOT / "docs" / "ci" / name)["jobs"]
    return found


def steps(name: str, job: str, **inputs: str) -> list[dict[str, Any]]:
    """The steps of a job, with other inputs of the action."""
    found: list[dict[str, Any]] = jobs(name)[job]["steps"]
    for step in found:
        if "oss-bodies-conformance@" in step.get("uses", ""):
            step["with"] |= ONE | inputs
    return found


@pytest.mark.parametrize("path", [*OWN, ROOT / "action.yml", *WORKFLOWS], ids=lambda p: p.name)
def test_every_action_of_others_is_pinned_by_digest(path: Path) -> None:
    used = re.findall(r"uses: *(\S+)(.*)", path.read_text(encoding="utf-8"))
    others = [one for one in used if one[0] != "./" and "/oss-bodies-conformance@" not in one[0]]
    assert used
    for name, comment in others:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", name), name
        assert re.fullmatch(r" # v?\d+\.\d+\.\d+", comment), f"{name} lacks its version"


@pytest.mark.parametrize("path", [*OWN, *WORKFLOWS], ids=lambda path: path.name)
def test_actionlint_accepts_a_workflow(path: Path) -> None:
    program = shutil.which("actionlint", path=f"{os.environ['PATH']}:{Path.home()}/go/bin")
    if program is None:
        pytest.skip("actionlint is not installed")
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_summary_that_is_missing_does_not_fail_a_job(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    summaries = [line for line in lines if "cat " in line and "summary.md" in line]
    assert all(line.strip().startswith("if [ -f ") for line in summaries)


def test_a_release_stops_while_no_account_is_named(tmp_path: Path) -> None:
    release = read(ROOT / ".github" / "workflows" / "release.yml")
    (command,) = (
        step["run"] for step in release["jobs"]["build"]["steps"] if "OWNER" in step.get("run", "")
    )
    (tmp_path / "docs").mkdir()
    for text, code in (("someone/oss-bodies-conformance", 0), ("OWNER/oss-bodies-conformance", 1)):
        (tmp_path / "docs" / "page.md").write_text(text)
        done = subprocess.run(["bash", "-e", "-c", command], cwd=tmp_path, check=False)
        assert done.returncode == code


def with_placeholder() -> list[Path]:
    """The tracked files, but for workflows and tests about them, that have the placeholder."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [Path(name) for name in listed.stdout.splitlines()]
    named = (path for path in paths if path.parts[0] not in (".github", "tests"))
    return [one for one in named if b"OWNER/oss-bodies-conformance" in (ROOT / one).read_bytes()]


def test_where_the_account_is_a_placeholder_the_text_says_that_it_is_to_be_replaced() -> None:
    for path in with_placeholder():
        text = " ".join((ROOT / path).read_text("utf-8").replace("`", "").split())
        assert "OWNER is a placeholder: replace OWNER by the account" in text, path


def test_the_command_of_the_release_page_finds_every_placeholder() -> None:
    page = (ROOT / "docs" / "releases.md").read_text("utf-8")
    (command,) = re.findall(r"^    (grep .*OWNER.*)$", page, re.MULTILINE)
    found = subprocess.run(
        command.split(), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {str(path) for path in with_placeholder()} <= {line.partition(":")[0] for line in found}


@pytest.mark.slow
def test_the_workflow_of_an_sdk_tests_its_checkout(tmp_path: Path) -> None:
    """A rest lane stands for the SDK's: nothing is built."""
    machine = installed(tmp_path)
    with_rest = steps("sdk.yml", "conformance", lanes="rest", language="", **{"sdk-path": ""})
    assert machine.job(with_rest), machine.log
    assert machine.log[-1] == "1 trials passed, 0 failed\n"


@pytest.mark.parametrize("lane", jobs("nightly.yml")["versions"]["strategy"]["matrix"]["lane"])
def test_the_nightly_names_every_lane_that_has_releases(lane: str) -> None:
    manifests = (ROOT / "runners").glob("*/*/manifest.json")
    released = {one["name"] for one in map(read, manifests) if one.get("releases")}
    assert lane in released
    assert set(jobs("nightly.yml")["versions"]["strategy"]["matrix"]["lane"]) == released


@pytest.mark.slow
def test_the_nightly_runs_all_versions_of_a_lane(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    assert machine.job(steps("nightly.yml", "versions"), matrix={"lane": "go"}), machine.log
    assert "go@3.0.2" in machine.summary


@pytest.mark.slow
def test_the_parts_of_a_fan_out_become_one_run(tmp_path: Path) -> None:
    pytest.importorskip("conformance.command.merge")
    machine = installed(tmp_path)
    cases = {"cases": "process/sen/*", "lanes": "rest", "language": "", "sdk-path": ""}
    for shard in jobs("fan-out.yml")["part"]["strategy"]["matrix"]["shard"]:
        shutil.rmtree(machine.workspace / "oss-bodies-report", ignore_errors=True)
        assert machine.job(steps("fan-out.yml", "part", **cases), matrix={"shard": shard})
    shutil.rmtree(machine.workspace / "oss-bodies-report")
    assert machine.job(steps("fan-out.yml", "whole")), machine.log
    assert (machine.artifacts / "oss-bodies-report" / "report.html").is_file()


@pytest.mark.slow
def test_parts_that_do_not_fit_fail_the_job_and_the_summary_says_which(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    cases = {"cases": "process/sen/*", "lanes": "rest", "language": "", "sdk-path": ""}
    for shard in (1, 3, 4):
        shutil.rmtree(machine.workspace / "oss-bodies-report", ignore_errors=True)
        assert machine.job(steps("fan-out.yml", "part", **cases), matrix={"shard": shard})
    shutil.rmtree(machine.workspace / "oss-bodies-report")
    assert not machine.job(steps("fan-out.yml", "whole"))
    summary = machine.summary.partition("## The parts were not merged")[2]
    assert "2/4" in summary
    assert "2/4" in machine.log[-1]
    assert not (machine.artifacts / "oss-bodies-report").exists()


@pytest.mark.slow
def test_the_job_of_gitlab_runs_in_host_mode(tmp_path: Path) -> None:
    job = read(ROOT / "docs" / "ci" / "gitlab-ci.yml")["oss-bodies"]
    runs(tmp_path, [*job["before_script"], *job["script"]], job["variables"])
    for path in [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]:
        assert (tmp_path / "workspace" / path).exists()


@pytest.mark.slow
def test_the_stage_of_jenkins_runs_in_host_mode(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "ci" / "Jenkinsfile").read_text(encoding="utf-8")
    (script,) = re.findall(r"sh '''(.*?)'''", text, re.DOTALL)
    variables = dict(re.findall(r"(\w+) = '(.*)'", text))
    installs = ("python3 -m venv", ".oss-bodies/bin/pip")
    lines = [line for line in script.splitlines() if not line.strip().startswith(installs)]
    script = "\n".join(lines).replace(".oss-bodies/bin/", "")
    runs(tmp_path, [script], variables)
    for pattern in re.findall(r"(?:testResults|artifacts): '([^']*)'", text):
        assert list((tmp_path / "workspace").glob(pattern)), pattern


def runs(folder: Path, script: list[str], variables: dict[str, str]) -> None:
    """Run a script of another CI with the lane `rest` and one case in place of the SDK's."""
    machine = installed(folder)
    assert variables.pop("SDK_LANE").endswith("@path:.")
    command = "\n".join(script)
    assert command.count("--in host") == 1
    command = command.replace("--in host", "--in host --case process/sen/50")
    step = {"run": command, "env": {"SDK_LANE": "rest"}}
    assert machine.job([step]), machine.log


@pytest.mark.slow
def test_a_defect_in_a_checkout_makes_the_job_red_with_the_cause(tmp_path: Path) -> None:
    machine = installed(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "oss2",
         "--dest", str(tmp_path), "oss2==2.18.4"],
        check=True, timeout=300,
    )  # fmt: skip
    (archive,) = tmp_path.glob("oss2-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    machine.workspace.rmdir()
    archive.with_suffix("").with_suffix("").rename(machine.workspace)
    source = machine.workspace / "oss2" / "api.py"
    text = source.read_text(encoding="utf-8")
    wrong = text.replace("{Bucket.PROCESS: process}", "{Bucket.PROCESS: process.split(',')[0]}")
    assert wrong != text
    source.write_text(wrong, encoding="utf-8")
    assert not machine.job(steps("sdk.yml", "conformance"))
    assert machine.outputs["conformance"]["exit-code"] == "1"
    assert machine.log[-1] == "0 trials passed, 1 failed\n"
    assert "process.string" in machine.summary
    assert re.search(r"^::error .*process/sen/50 fails", machine.log[1], re.MULTILINE)
