"""`oss-bodies samples PAGE`: every program of a page runs as printed, and wrong ones are found."""

import json
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner
from fakes.printed import PAGE, PROGRAMS
from pages.forms import MARKDOWN, as_html, chinese

# The right program, which is the first, and each wrong one behind it.
FENCE = PAGE[PAGE.index("```python") : PAGE.index("```http")]
WRONG = "".join(
    one.text[one.text.index("```python") : one.text.index("```http")] for one in PROGRAMS.values()
)
NUMBERS = {kind: f"python-{number}" for number, kind in enumerate(PROGRAMS, start=2)}


def runner(folder: Path) -> str:
    """A fake whose lane runs programs that use `fakes.printed`."""
    made = write_runner(folder, kind="sample-right")
    path = made / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    manifest["error_types"] = ["fakes.printed.ServiceError"]
    manifest["program"]["run"] = ["{python}", "{source}"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return str(made)


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "results.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def samples(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A run of a page in host mode with the fake."""
    (folder / "page.md").write_text(text, encoding="utf-8")
    return oss_bodies(
        "samples", "page.md", "--runner", runner(folder / "runners"), "--lane", "sample-right",
        "--in", "host", "--out", "out", *words, cwd=folder, limit=240,
    )  # fmt: skip


@pytest.fixture(scope="module")
def right(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a run of the right page, and what it printed."""
    folder = tmp_path_factory.mktemp("right")
    return folder, samples(folder, PAGE)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The verdicts of a run of the wrong programs, by program."""
    folder = tmp_path_factory.mktemp("wrong")
    patterns = ["--case", "*/python/success"]
    for kind, one in PROGRAMS.items():
        patterns += ["--case", f"*/{NUMBERS[kind]}/{one.cases.strip('*/') or 'success'}"]
    ran = samples(folder, PAGE.replace(FENCE, FENCE + WRONG), *patterns)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for line in lines(folder / "out"):
        if line["type"] == "verdict":
            verdicts.setdefault(line["case"].split("/")[2], []).append(line)
    return verdicts


def test_the_right_program_passes_in_every_situation(
    right: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, ran = right
    assert ran.returncode == 0, ran.stdout + ran.stderr
    verdicts = [line for line in lines(folder / "out") if line["type"] == "verdict"]
    assert [line["outcome"] for line in verdicts] == ["pass"] * 6
    assert {line["lane"] for line in verdicts} == {"sample-right"}


def test_a_reader_is_told_what_each_program_does(
    right: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, ran = right
    table = ran.stdout[ran.stdout.index("what a reader meets") :]
    words = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    assert words["success"] == ["exit", "0"]
    assert words["denied"] == ["exit", "1"]
    assert words["credentials-missing"] == ["uncaught"]
    assert "line 6: Python, SDK 1.0.0 or later, on sample-right; image/bodies" in ran.stdout


def test_the_results_of_a_page_can_be_verified_anywhere(
    right: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = right
    verified = oss_bodies("verify", str(folder / "out"), cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "6 verdicts, each as stored" in verified.stdout


def test_the_folder_says_what_the_page_prints(
    right: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = right
    page = json.loads((folder / "out" / "page.json").read_text(encoding="utf-8"))
    (program,) = page["programs"]
    assert (program["id"], program["line"], program["minimum"]) == ("page/python", 6, "1.0.0")
    assert page["exchanges"] == [{"line": 21, "process": "image/bodies", "status": 200}]
    assert page["findings"] == []


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_wrong_program_is_found_by_its_rule(
    kind: str, wrong: dict[str, list[dict[str, Any]]]
) -> None:
    found = [
        (finding["rule"], finding["claim"])
        for verdict in wrong[NUMBERS[kind]]
        if fnmatchcase(verdict["case"], PROGRAMS[kind].cases)
        for finding in verdict["findings"]
    ]
    assert (PROGRAMS[kind].rule, "recommended" if PROGRAMS[kind].advised else "required") in found


def test_a_program_that_does_not_compile_has_one_finding_that_names_the_characters(
    wrong: dict[str, list[dict[str, Any]]],
) -> None:
    for kind, character in (("smart-quotes", "U+2018"), ("no-break-space", "U+00A0")):
        ((finding,),) = ([*verdict["findings"]] for verdict in wrong[NUMBERS[kind]])
        assert "SyntaxError" in finding["got"]
        assert character in finding["got"].rpartition("in its code")[2]


def test_the_right_program_has_no_finding_beside_wrong_ones(
    wrong: dict[str, list[dict[str, Any]]],
) -> None:
    assert [verdict["findings"] for verdict in wrong["python"]] == [[]]


def test_an_exchange_that_does_not_fit_fails_a_page_whose_programs_pass(tmp_path: Path) -> None:
    text = PAGE.replace("Content-Length: 137", "Content-Length: 145")
    ran = samples(tmp_path, text, "--case", "*/success", "--json")
    assert ran.returncode == 1, ran.stderr
    assert json.loads(ran.stdout)["exit"] == 0
    assert "FAIL page.content-length" in ran.stderr


@pytest.mark.parametrize(
    ("data", "words", "message"),
    [
        (b"# A page\n\ntext\n", [], "page: prints no program (save the page with its code"),
        (b"```cobol\nx.\n```\n", [], "line 2: prints no program that a runner can run, only cobol"),
        (b"```java\nr.setProcess(a);\n```\n", [], "only Java (not a whole program) in line 2"),
        (b"\xff\xfe```", [], "page: byte 0: is not UTF-8 (save the page as UTF-8"),
        (MARKDOWN.encode(), ["--lane", "rest"], "--lane: rest: the page prints no program for"),
        (MARKDOWN.encode(), ["--lane", "pyton"], "did you mean python?"),
        (MARKDOWN.encode(), ["--case", "x/*"], "--case: x/*: matches no case"),
    ],
)  # fmt: skip
def test_a_page_of_which_nothing_can_be_run_is_refused_in_a_sentence(
    data: bytes, words: list[str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "page").write_bytes(data)
    ran = oss_bodies("samples", "page", "--in", "host", *words, cwd=tmp_path)
    assert ran.returncode == 2, ran.stderr
    assert message in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "oss-bodies-samples").exists()


def test_a_page_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ran = oss_bodies("samples", "page", cwd=tmp_path)
    assert (ran.returncode, "page: cannot be read" in ran.stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["Markdown", "HTML", "Chinese"])
def test_the_python_program_of_a_page_runs_with_its_sdk(form: str, tmp_path: Path) -> None:
    text = {"Markdown": MARKDOWN, "HTML": as_html(MARKDOWN), "Chinese": chinese()}[form]
    (tmp_path / "page").write_text(text, encoding="utf-8")
    ran = oss_bodies(
        "samples", "page", "--lane", "python", "--in", "host", "--case", "*/success",
        "--case", "*/denied", cwd=tmp_path, limit=300,
    )  # fmt: skip
    verdicts = [one for one in lines(tmp_path / "oss-bodies-samples") if one["type"] == "verdict"]
    assert [one["outcome"] for one in verdicts] == ["pass", "pass"], ran.stdout + ran.stderr
    assert ran.returncode == 1  # an exchange of the page does not fit


@pytest.mark.slow
def test_a_language_whose_programs_host_mode_cannot_run_is_not_run_and_says_why(
    tmp_path: Path,
) -> None:
    (tmp_path / "page").write_text(MARKDOWN, encoding="utf-8")
    ran = oss_bodies("samples", "page", "--lane", "go", "--in", "host", cwd=tmp_path, limit=300)
    assert ran.returncode == 3, ran.stderr
    assert "programs in Go cannot be set from outside in host mode" in ran.stderr
    assert "use --in container" in ran.stdout
