"""`oss-bodies bisect`, with a made-up SDK whose releases are known."""

import json
from pathlib import Path

import pytest
from fakes.releases import UNBUILDABLE, write_releases

from conformance import cli

CASE = "process/sen/50"
DEFECT = "sen-dropped"
LATER_BROKEN = {
    "1.0.0": None, "1.1.0": None, "1.2.0": None, "1.3.0": DEFECT, "1.10.0": DEFECT,
}  # fmt: skip


def bisect(tmp_path: Path, releases: dict[str, str | None], *words: str) -> int:
    folder = write_releases(tmp_path, releases)
    options = ["--runner", str(folder), "--in", "host", "--out", str(tmp_path / "out")]
    return cli.main(["bisect", "released", CASE, *options, *words])


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_BODIES_CACHE", str(tmp_path / "cache"))


def test_the_first_version_with_another_verdict_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(tmp_path, LATER_BROKEN) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "the verdict changed in released@1.3.0: pass, then fail (process.string)" in printed
    assert "4 of 5 versions run" in printed
    assert "expected" in printed
    assert (tmp_path / "out" / "1.3.0" / "results.jsonl").is_file()


@pytest.mark.slow
def test_the_ends_limit_the_search_and_json_has_every_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(tmp_path, LATER_BROKEN, "--good", "1.2.0", "--bad", "1.3.0", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["first"] == "1.3.0"
    assert [one["version"] for one in document["versions"]] == ["1.2.0", "1.3.0"]


@pytest.mark.slow
def test_equal_ends_are_told_with_the_command_that_runs_every_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(tmp_path, LATER_BROKEN, "--bad", "1.2.0") == 1
    printed = capsys.readouterr().out
    assert "not monotonic" in printed
    assert f"--lane 'released@>=1.0.0,<=1.2.0' --case {CASE}" in printed


@pytest.mark.slow
def test_versions_that_cannot_be_built_are_named_as_possible(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(tmp_path, {"1.0.0": None, "1.1.0": UNBUILDABLE, "1.2.0": DEFECT}) == 3
    printed = capsys.readouterr().out
    assert "1.1.0    not run: " in printed
    assert "changed in one of 1.1.0, 1.2.0" in printed


@pytest.mark.slow
def test_an_end_that_cannot_be_judged_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(tmp_path, {"1.0.0": None, "1.1.0": UNBUILDABLE}) == 3
    assert "released@1.1.0 could not be judged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["released", CASE, "--good", "0.9.0"], "has no version 0.9.0"),
        (["released@1.0.0", CASE], "means fewer than two versions"),
        (["rest", CASE], "no SDK and therefore no version"),
        (["released", "process/sen/*"], "means"),
        (["released", "process/none"], "process/none"),
    ],
)
def test_wrong_input_is_told_before_anything_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    folder = write_releases(tmp_path, LATER_BROKEN)
    assert cli.main(["bisect", *words, "--runner", str(folder), "--in", "host"]) == 2
    assert message in capsys.readouterr().err
