"""Runner folders to manifests, lane names to lanes; and how each mistake is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.assets import RUNNERS
from conformance.errors import ManifestError, SelectionError
from conformance.model.manifest import Manifest, version_of
from conformance.runner.discovery import (
    builtin,
    filled,
    is_builtin,
    parse_lane,
    read_manifest,
)

DOCUMENT: dict[str, Any] = {
    "name": "made-up",
    "language": "Python",
    "sdk": {"package": "oss2", "version": "2.18.4"},
    "capabilities": ["proxy"],
    "exposes": ["status"],
    "run": ["{python}", "{home}/runner.py"],
    "environment": {"SSL_CERT_FILE": "{ca}"},
    "tools": [{"command": ["python3", "-V"], "remedy": "apt-get install python3"}],
    "build": "build.sh",
    "dockerfile": "Dockerfile",
    "program": {"compile": ["cp", "{source}", "{out}"], "run": ["{name}"], "host_mode": True},
    "sample": "sample.py",
}
FILES = ("build.sh", "Dockerfile", "sample.py")


def folder(where: Path, files: tuple[str, ...] = FILES, **changed: Any) -> Path:
    for name in files:
        (where / name).write_text("")
    (where / "manifest.json").write_text(json.dumps(DOCUMENT | changed))
    return where


def refused(where: Path) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        read_manifest(where)
    assert caught.value.exit_code == 2
    assert caught.value.source == str(where / "manifest.json")
    assert caught.value.remedy
    return caught.value


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return read_manifest(folder(tmp_path))


@pytest.fixture
def rest(manifest: Manifest, tmp_path: Path) -> Manifest:
    own = tmp_path / "rest"
    own.mkdir()
    return read_manifest(folder(own, name="rest", sdk=None))


def test_a_manifest_says_what_its_file_says(manifest: Manifest) -> None:
    assert (manifest.name, manifest.sdk_package, manifest.sdk_version) == (
        "made-up", "oss2", "2.18.4",
    )  # fmt: skip
    assert manifest.environment == (("SSL_CERT_FILE", "{ca}"),)
    assert manifest.program is not None
    assert (manifest.program.run, manifest.program.host_mode) == (("{name}",), True)
    assert manifest.sample == "sample.py"


def test_a_folder_without_a_manifest_is_told_by_its_name(tmp_path: Path) -> None:
    assert "manifest.json" in refused(tmp_path).source


def test_a_manifest_that_is_no_json_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{\n"name": }')
    error = refused(tmp_path)
    assert "line 2" in f"{error.place} {error.rule}"


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ('{"sdk": {"package": "a", "package": "b"}}', "/sdk", "has the name 'package' twice"),
        ('{"run": [NaN]}', "/run/0", "is NaN, which is not JSON"),
        ("[" * 100_000, "line 1 column 100000", "nested 100000 levels deep"),
    ],
    ids=["twice", "nan", "deep"],
)
def test_a_manifest_is_read_strictly(tmp_path: Path, text: str, place: str, rule: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    error = refused(tmp_path)
    assert (error.place, rule in error.rule) == (place, True)


def test_an_environment_variable_is_placed_by_an_escaped_pointer(tmp_path: Path) -> None:
    for value, rule in ((1, "1 is not of type 'string'"), ("{nowhere}", "{nowhere}")):
        error = refused(folder(tmp_path, environment={"A/B~C": value}))
        assert (error.place, rule in error.rule) == ("/environment/A~1B~0C", True)


def test_an_unknown_member_is_answered_with_the_right_one(tmp_path: Path) -> None:
    error = refused(folder(tmp_path, tolls=[]))
    assert (error.place, error.rule) == ("", "unknown: 'tolls'")
    assert error.remedy.startswith("did you mean tools")


def test_a_mistake_is_placed_by_a_json_pointer(tmp_path: Path) -> None:
    assert refused(folder(tmp_path, exposes=["status", "colour"])).place == "/exposes/1"


def test_a_field_that_is_missing_is_named(tmp_path: Path) -> None:
    document = {name: value for name, value in DOCUMENT.items() if name != "tools"}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    assert "tools" in refused(tmp_path).rule


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        ("/run/1", {"run": ["{python}", "{house}/runner.py"]}),
        ("/environment/SSL_CERT_FILE", {"environment": {"SSL_CERT_FILE": "{cert}"}}),
        ("/program/run/0", {"program": DOCUMENT["program"] | {"run": ["{interpreter}"]}}),
        ("/program/compile/1", {"program": DOCUMENT["program"] | {"compile": ["cc", "{ca}"]}}),
        ("/run/0", {"run": ["{source}"]}),
    ],
)
def test_an_unknown_placeholder_is_refused_where_it_stands(
    tmp_path: Path, place: str, changed: dict[str, Any]
) -> None:
    error = refused(folder(tmp_path, **changed))
    assert error.place == place
    assert "{home}" in error.remedy


@pytest.mark.parametrize(
    ("place", "name"),
    [("/build", "build.sh"), ("/dockerfile", "Dockerfile"), ("/sample", "sample.py")],
)
def test_a_file_that_is_named_and_missing_is_refused(tmp_path: Path, place: str, name: str) -> None:
    error = refused(folder(tmp_path, files=tuple(other for other in FILES if other != name)))
    assert error.place == place
    assert name in error.rule


def test_a_file_that_is_named_may_lie_in_the_shared_folder(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "own").mkdir()
    (tmp_path / "shared" / "Dockerfile").write_text("")
    own = folder(tmp_path / "own", files=("build.sh", "sample.py"), shared="../shared")
    manifest = read_manifest(own)
    assert manifest.path("Dockerfile") == tmp_path / "shared" / "Dockerfile"
    (own / "Dockerfile").write_text("")
    assert manifest.path("Dockerfile") == own / "Dockerfile"


def test_a_shared_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    error = refused(folder(tmp_path, shared="../no-such-folder"))
    assert (error.place, "no-such-folder" in error.rule) == ("/shared", True)


def test_the_suites_own_lanes_are_those_of_its_folder_in_the_order_of_their_names() -> None:
    names = [manifest.name for manifest in builtin()]
    assert names == sorted(names)
    assert {*names} >= {"java", "python", "go", "php", "rest"}
    assert len(names) == len(list(RUNNERS.glob("*/*/manifest.json")))
    assert all(is_builtin(manifest) for manifest in builtin())


def test_a_folder_from_elsewhere_is_none_of_the_suites_own(manifest: Manifest) -> None:
    assert not is_builtin(manifest)
    assert (manifest.shared, manifest.needs_suite) == (None, False)


def test_a_sample_without_a_way_to_run_programs_is_refused(tmp_path: Path) -> None:
    assert refused(folder(tmp_path, program=None)).place == "/program"


def test_placeholders_are_replaced_and_other_braces_are_left() -> None:
    assert (
        filled("{home}/x {} {HOME} {1}", {"home": "/opt/runner"}) == "/opt/runner/x {} {HOME} {1}"
    )


def test_a_bare_name_means_the_version_of_the_manifest(manifest: Manifest) -> None:
    assert parse_lane("made-up", [manifest]).name == "made-up@2.18.4"


def test_a_version_by_name_is_that_version(manifest: Manifest) -> None:
    lane = parse_lane("made-up@2.19.0rc1", [manifest])
    assert (lane.version, lane.path) == ("2.19.0rc1", None)


def test_dependencies_are_pinned_after_the_version(manifest: Manifest) -> None:
    lane = parse_lane("made-up@2.18.4+zlib=1.3+org.example:http=4.5.14", [manifest])
    assert lane.pins == (("org.example:http", "4.5.14"), ("zlib", "1.3"))
    assert lane.name == "made-up@2.18.4+org.example:http=4.5.14+zlib=1.3"
    assert version_of(lane.name) == lane.version == "2.18.4"


@pytest.mark.parametrize("pins", ["+zlib", "+=1", "+zlib=", "+zlib=1+zlib=2", "+zlib=-1", "+"])
def test_what_pins_no_dependency_is_refused(manifest: Manifest, pins: str) -> None:
    with pytest.raises(SelectionError, match="NAME=VERSION"):
        parse_lane(f"made-up@2.18.4{pins}", [manifest])


def test_a_checkout_by_name_is_that_folder(manifest: Manifest, tmp_path: Path) -> None:
    lane = parse_lane(f"made-up@path:{tmp_path}", [manifest])
    assert (lane.version, lane.path) == (None, tmp_path)


def test_a_lane_without_an_sdk_has_its_bare_name(rest: Manifest) -> None:
    assert parse_lane("rest", [rest]).name == "rest"


@pytest.mark.parametrize(
    "text",
    [
        "made-down",
        "made-up@",
        "made-up@latest",
        "made-up@1.0; rm -rf /",
        "made-up@path:/no/such/folder",
        "made-up@path:",
        "rest@1.0",
        "rest@path:.",
        "",
    ],
)
def test_a_lane_that_cannot_be_is_refused_with_a_remedy(
    text: str, manifest: Manifest, rest: Manifest
) -> None:
    with pytest.raises(SelectionError) as caught:
        parse_lane(text, [manifest, rest])
    assert caught.value.place == text
    assert caught.value.remedy


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(manifest: Manifest) -> None:
    with pytest.raises(SelectionError, match="did you mean made-up"):
        parse_lane("madeup", [manifest])
