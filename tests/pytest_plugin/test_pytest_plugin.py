"""The pytest plugin: cases as items, verdicts as outcomes, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from fakes.build import write_runner

NAMED = any(point.name == "oss-bodies" for point in entry_points(group="pytest11"))
PLUGIN = [] if NAMED else ["-p", "conformance.pytest_plugin"]  # of an older editable install
CASES = "process/sen/29 or process/sen/50 or process/documented/bodies or samples/program"
SEEN = "expected 'image/bodies,sen_50', got 'image/bodies'"
LIST = {
    "entries": [
        {
            "cases": case,
            "rules": ["process.string"],
            "reason": f"The fake drops sen ({case}).",
            "link": "https://example.org/1",
        }
        for case in ("process/sen/50", "process/documented/bodies")
    ]
}
Call = Callable[..., "subprocess.CompletedProcess[str]"]


def call(*words: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a folder, with the lanes `reference` and `sen-dropped` unless words say so."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, "--oss-bodies-in", "host", *words],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
    )  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a test of its own that fails, and two runners."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    (folder / "test_own.py").write_text("def test_own() -> None:\n    assert False\n")
    (folder / "known.json").write_text(json.dumps(LIST))
    for kind in ("reference", "sen-dropped"):
        write_runner(folder, kind=kind)
    return folder


BOTH = ["--oss-bodies-runner", "reference", "--oss-bodies-runner", "sen-dropped"]


@pytest.fixture(scope="module")
def ran(project: Path) -> "subprocess.CompletedProcess[str]":
    words = [*BOTH, "--oss-bodies-known-failing", "known.json", "-k", CASES, "-v", "-rA"]
    return call(*words, cwd=project)


def outcomes(text: str) -> dict[str, str]:
    """The outcome of each item of a verbose run."""
    return dict(re.findall(r"(?m)^(\S+::\S+) ([A-Z]+)", text))


def listed(text: str) -> set[str]:
    return {line for line in text.splitlines() if "::" in line and " " not in line}


def test_each_verdict_is_an_outcome_of_pytest(
    ran: "subprocess.CompletedProcess[str]",
) -> None:
    assert ran.returncode == 1, ran.stderr
    of = outcomes(ran.stdout)
    assert {name: of[name] for name in of if name.startswith("sen-dropped::process/")} == {
        "sen-dropped::process/sen/29": "FAILED",
        "sen-dropped::process/sen/50": "XFAIL",
        "sen-dropped::process/documented/bodies": "FAILED",
        "sen-dropped::process/documented/bodies-sen-50": "FAILED",
    }
    assert of["reference::process/sen/29"] == "PASSED"
    assert {of[name] for name in of if "samples/" in name} == {"SKIPPED"}


def test_a_failure_is_the_finding_as_the_terminal_shows_it(
    ran: "subprocess.CompletedProcess[str]",
) -> None:
    finding = (
        "process.string: request 1: query parameter x-oss-process: expected 'image/bodies,sen_29'"
    )
    assert finding in ran.stdout
    assert "FAIL process/sen/29\n  shows " in ran.stdout
    assert "  process.string (required)\n    where     request 1: query parameter" in ran.stdout
    repeat = (
        "oss-bodies run --runner sen-dropped --lane sen-dropped --case process/sen/29 --in host"
    )
    assert f"{repeat} --known-failing known.json" in ran.stdout
    assert "pytest_items.py" not in ran.stdout.partition("short test summary")[0]


def test_a_known_failure_has_its_reason_and_one_that_passes_is_red(
    ran: "subprocess.CompletedProcess[str]",
) -> None:
    assert "XFAIL sen-dropped::process/sen/50 - The fake drops sen (process/sen/50)." in ran.stdout
    wrong = "[XPASS(strict)] it passes; remove it from its known-failing list: The fake drops sen"
    assert wrong in ran.stdout


def test_a_skip_names_the_capability(ran: "subprocess.CompletedProcess[str]") -> None:
    assert re.search(r"SKIPPED .*missing capability: sample", ran.stdout)


def test_what_failed_is_run_again_alone(
    ran: "subprocess.CompletedProcess[str]", project: Path
) -> None:
    again = call(*BOTH, "--lf", "--collect-only", "-q", cwd=project).stdout
    assert {name for name in listed(again) if name.startswith("sen-dropped::process/")} == {
        "sen-dropped::process/sen/29",
        "sen-dropped::process/documented/bodies",
        "sen-dropped::process/documented/bodies-sen-50",
    }


def test_ids_families_and_files_select(project: Path) -> None:
    words = [*BOTH, "--collect-only", "-q"]
    one = "sen-dropped::process/sen/50"
    assert listed(call(*words, one, cwd=project).stdout) == {one}
    family = listed(call(*words, "-m", "naming", cwd=project).stdout)
    assert {name.partition("/")[0] for name in family} == {
        "sen-dropped::naming", "reference::naming",
    }  # fmt: skip
    own = listed(call(*words, "test_own.py", "-k", "test_own", cwd=project).stdout)
    assert own == {"test_own.py::test_own"}


def test_without_a_lane_the_plugin_does_nothing(project: Path) -> None:
    ran = call("--collect-only", "-q", cwd=project)
    assert listed(ran.stdout) == {"test_own.py::test_own"}


def test_loading_the_plugin_imports_nothing_else() -> None:
    code = "import sys, pytest; known = {*sys.modules}; import conformance.pytest_plugin; " \
        "print(sorted({*sys.modules} - known))"  # fmt: skip
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['conformance', 'conformance.pytest_plugin']"


@pytest.mark.slow
def test_each_worker_of_xdist_has_whole_lanes(project: Path) -> None:
    pytest.importorskip("xdist")
    ran = call(*BOTH, "-n", "2", "-v", "-k", "process/sen/ or auth/anonymous", cwd=project)
    told = re.findall(r"(?m)^\[(gw\d)\].* (\S+)::\S+", ran.stdout)
    assert {lane for _, lane in told} == {"reference", "sen-dropped"}, ran.stdout + ran.stderr
    assert len(set(told)) == 2
    assert len(told) > 20


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--oss-bodies-lane", "pyton"], "did you mean python"),
        (["--oss-bodies-lane", "python@path:nowhere"], "is not a folder"),
        (["--oss-bodies-lane", "rest", "--oss-bodies-known-failing", "x.json"], "cannot be read"),
    ],
)
def test_wrong_options_are_a_usage_error(words: list[str], told: str, project: Path) -> None:
    ran = call(*words, cwd=project)
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_lane_that_does_not_start_is_an_error_with_the_reason(tmp_path: Path) -> None:
    write_runner(tmp_path, kind="dies-at-start")
    ran = call("--oss-bodies-runner", "dies-at-start", "-k", "process/sen/29", cwd=tmp_path)
    assert "1 error" in ran.stdout, ran.stdout + ran.stderr
    assert "dies-at-start: not run: " in ran.stdout
    assert "  fix: " in ran.stdout


def processes(word: str) -> Iterator[str]:
    """The command lines of processes whose environment has a word."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has ended, or is not ours


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("more", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_an_interrupted_run_leaves_nothing_behind(more: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    write_runner(tmp_path, kind="silent", seconds=60)
    words = ["--oss-bodies-runner", "silent", "--oss-bodies-in", "host", "-k", "process/sen/29"]
    running = subprocess.Popen(
        [sys.executable, "-m", "pytest", *PLUGIN, *words, *more],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder)},
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any("fakes.rogue" in line for line in processes(str(folder))):
        assert time.monotonic() < deadline
        assert running.poll() is None, running.communicate()[0]
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)
    text = running.communicate(timeout=60)[0]
    assert running.returncode == pytest.ExitCode.INTERRUPTED, text
    assert [*processes(str(folder))] == []
    assert [path for path in folder.iterdir() if "pytest" not in path.name] == []
