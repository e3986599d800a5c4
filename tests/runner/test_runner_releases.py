"""Ranges in lane names: what the registry is asked, and how each failure is told."""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.errors import RegistryError, SelectionError, ToolchainMissingError
from conformance.model.manifest import Lane, Manifest, Releases, Tool
from conformance.runner import releases
from conformance.runner.discovery import builtin
from conformance.runner.releases import expanded, explained, released
from conformance.runner.site import PreparedLane

RUNNERS = {manifest.name: manifest for manifest in builtin()}


def listed(_manifest: Manifest) -> Sequence[str]:
    return ["2.18.3", "2.18.4", "2.19.0rc1", "2.19.0"]


def runner(folder: Path, script: str) -> Manifest:
    """A runner whose list of versions comes from this shell script."""
    (folder / "versions.sh").write_text(script)
    found = Releases(list="versions.sh", order="semver", minimum="1.0.0")
    return replace(RUNNERS["go"], folder=folder, shared=None, tools=(), releases=found)


def test_a_range_stands_for_one_lane_for_each_version() -> None:
    names = expanded(["rest", "python@all", "python@latest"], builtin(), listed)
    assert names == ("rest", "python@2.18.4", "python@2.19.0", "python@2.19.0")


def test_a_registry_is_asked_once_and_only_for_a_range() -> None:
    asked: list[str] = []

    def counted(manifest: Manifest) -> Sequence[str]:
        asked.append(manifest.name)
        return listed(manifest)

    expanded(["python", "python@2.19.0", "python@path:.", "java@3.17.4"], builtin(), counted)
    assert asked == []
    expanded(["python@all", "python@>=2.19.0"], builtin(), counted)
    assert asked == ["python"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "python@>=9",
            "no release of oss2 matches (its registry has 4 versions; the newest: 2.19.0",
        ),
        ("python@>=2,", "'>=2,' is not a range of versions"),
        ("python@>=2..x", "2..x is not a version"),
    ],
)
def test_a_range_that_selects_nothing_is_wrong_input(name: str, words: str) -> None:
    with pytest.raises(SelectionError) as caught:
        expanded([name], builtin(), listed)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_runner_that_cannot_list_versions_takes_no_range() -> None:
    manifest = replace(RUNNERS["python"], releases=None)
    with pytest.raises(SelectionError, match="does not say how to list versions"):
        expanded(["python@all"], [manifest], listed)


def test_the_script_gets_the_package_and_prints_the_versions(tmp_path: Path) -> None:
    script = 'echo "$1" >"$OUT"; printf "v1.10.0\\nv1.9.0+incompatible\\nmaster\\n"'
    os.environ["OUT"] = str(tmp_path / "asked")
    try:
        assert released(runner(tmp_path, script)) == ("1.9.0", "1.10.0")
    finally:
        del os.environ["OUT"]
    assert (tmp_path / "asked").read_text() == "github.com/aliyun/aliyun-oss-go-sdk\n"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'no route to the registry' >&2; exit 7", "the script exited with 7\n    no route"),
        ("echo master", "it named no version"),
    ],
)
def test_a_registry_that_does_not_answer_is_told(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(RegistryError) as caught:
        released(runner(tmp_path, script))
    assert words in str(caught.value)
    assert caught.value.exit_code == 3
    assert "or name each version: --lane go@3.0.2" in caught.value.remedy


def test_a_registry_that_stays_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "_LIMIT", 0.3)
    began = time.monotonic()
    with pytest.raises(RegistryError, match=r"no answer in 0\.3 s"):
        released(runner(tmp_path, "sleep 60 & sleep 60"))
    assert time.monotonic() - began < 10


def test_a_client_that_is_missing_is_told_with_its_remedy(tmp_path: Path) -> None:
    tool = Tool(command=("no-such-client",), remedy="apt-get install no-such-client")
    with pytest.raises(ToolchainMissingError, match="apt-get install no-such-client"):
        released(replace(runner(tmp_path, ""), tools=(tool,)))


def failed(version: str) -> PreparedLane:
    lane = Lane(manifest=RUNNERS["python"], version=version)
    return PreparedLane(lane=lane, reason="build: pip said much", remedy="sh build.sh")


def test_a_lane_that_was_not_built_says_if_its_version_does_not_exist() -> None:
    (lane,) = explained([failed("9.9.9")], listed)
    assert lane.reason == "oss2 has no version 9.9.9"
    assert lane.remedy.endswith("the newest: 2.19.0, 2.19.0rc1, 2.18.4, 2.18.3")


def test_a_lane_whose_version_exists_keeps_the_reason_of_its_build() -> None:
    assert explained([failed("2.18.4")], listed) == (failed("2.18.4"),)


def test_a_registry_that_cannot_be_asked_leaves_the_reason_of_the_build() -> None:
    def silent(_manifest: Manifest) -> Sequence[str]:
        raise RegistryError(step="list of versions", reason="no answer")

    assert explained([failed("9.9.9")], silent) == (failed("9.9.9"),)


def test_a_lane_that_was_built_asks_no_registry() -> None:
    built = replace(failed("2.18.4"), reason=None)
    assert explained([built], lambda _manifest: pytest.fail("asked")) == (built,)


@pytest.mark.skipif(shutil.which("composer") is None, reason="composer is not installed")
def test_composer_is_asked_with_the_users_own_repositories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = ",".join(
        f'{{"name":"aliyuncs/oss-sdk-php","version":"{version}",'
        '"dist":{"url":"/none.zip","type":"zip"}}'
        for version in ("v2.7.0", "2.7.2", "dev-master", "v2.8.0-beta1")
    )
    (tmp_path / "config.json").write_text(
        '{"repositories":{"packagist.org":false,"mine":{"type":"package","package":'
        f"[{packages}]}}}}}}"
    )
    monkeypatch.setenv("COMPOSER_HOME", str(tmp_path))
    assert released(RUNNERS["php"]) == ("2.7.0", "2.7.2", "2.8.0-beta1")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["python", "go", "java"])
def test_the_registry_of_an_sdk_has_its_documented_minimum(name: str) -> None:
    manifest = RUNNERS[name]
    assert manifest.releases is not None
    assert manifest.releases.minimum in released(manifest)


@pytest.mark.parametrize("name", ["python", "go", "java", "php"])
def test_the_default_version_of_an_sdk_is_not_below_its_documented_minimum(name: str) -> None:
    found = RUNNERS[name].releases
    assert found is not None
    versions = [RUNNERS[name].sdk_version or "", found.minimum]
    (selected,) = expanded([f"{name}@latest"], builtin(), lambda _manifest: versions)
    assert selected == f"{name}@{RUNNERS[name].sdk_version}"
