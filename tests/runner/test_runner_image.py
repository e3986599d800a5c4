"""What an image is built from; nothing is built here."""

import tarfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import ImageNotFound

from conformance.model.manifest import Lane
from conformance.runner import build, image
from conformance.runner.discovery import builtin
from conformance.runner.image import Recipe, _context, lane_recipe, mock_recipe

BUILTIN = {manifest.name: manifest for manifest in builtin()}


def context(recipe: Recipe) -> set[str]:
    with tarfile.open(fileobj=_context(recipe)) as tar:
        names = tar.getnames()
    assert len(names) == len(set(names))
    return set(names)


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_the_shared_files_lie_beside_the_runners_own(name: str) -> None:
    names = context(lane_recipe(Lane(manifest=BUILTIN[name], version="1.0")))
    assert {"Dockerfile", "manifest.json", "build-ca.pem", "sdk"} <= names
    assert any(one.lower().startswith("protocol.") for one in names)


def test_only_a_runner_that_needs_the_suite_gets_it() -> None:
    with_it = {
        name
        for name, manifest in BUILTIN.items()
        if "conformance/__init__.py" in context(lane_recipe(Lane(manifest=manifest)))
    }
    assert with_it == {"rest"}


def test_the_word_conformance_in_a_dockerfile_decides_nothing() -> None:
    rest = BUILTIN["rest"]
    assert "conformance" not in rest.path("Dockerfile").read_text(encoding="utf-8")
    without = replace(rest, needs_suite=False)
    assert "conformance/__init__.py" not in context(lane_recipe(Lane(manifest=without)))


def test_the_image_of_the_mock_holds_what_it_imports_and_no_more() -> None:
    names = context(mock_recipe()) - {"Dockerfile", "build-ca.pem", "sdk"}
    assert "conformance/__init__.py" in names
    parts = {tuple(name.split("/"))[1] for name in names}
    assert parts == {"__init__.py", "model", "oss", "mock"}


@pytest.mark.parametrize("name", ["NPM_CONFIG_REGISTRY", "npm_config_registry", "GOPROXY"])
def test_an_image_build_gets_the_package_sources_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    passed: dict[str, str] = {}

    def told(*_: Any, buildargs: dict[str, str]) -> None:
        passed.update(buildargs)

    def get(_: str) -> SimpleNamespace:
        if not passed:
            raise ImageNotFound("not built")
        return SimpleNamespace(id="sha256:1")

    monkeypatch.setattr(image, "_build", told)
    monkeypatch.setenv(name, "https://packages.example.com/")
    client: Any = SimpleNamespace(images=SimpleNamespace(get=get))
    image.build_image(client, mock_recipe(), "base", lambda _: None)
    assert passed[name] == "https://packages.example.com/"


@pytest.mark.parametrize("name", ["NPM_CONFIG_CAFILE", "NODE_EXTRA_CA_CERTS", "PIP_CERT"])
def test_an_image_build_gets_the_ca_file_that_a_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for other in build._CA_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    (tmp_path / "ca.pem").write_bytes(b"a certificate")
    monkeypatch.setenv(name, str(tmp_path / "ca.pem"))
    with tarfile.open(fileobj=_context(mock_recipe())) as tar:
        member = tar.extractfile("build-ca.pem")
        assert member is not None
        assert member.read() == b"a certificate"


def test_the_same_base_has_the_same_identity_in_any_store() -> None:
    def identity(number: str, layers: list[str], variables: list[str] | None = None) -> str:
        attrs = {"RootFS": {"Layers": layers}, "Config": {"Env": variables}}
        base = SimpleNamespace(id=number, attrs=attrs)
        client: Any = SimpleNamespace(images=SimpleNamespace(get=lambda _: base))
        return image.ensure_base(client, lambda _: None)

    assert identity("sha256:1", ["sha256:a"]) == identity("sha256:2", ["sha256:a"])
    assert identity("sha256:1", ["sha256:a"]) != identity("sha256:1", ["sha256:b"])
    assert identity("sha256:1", ["sha256:a"]) != identity("sha256:1", ["sha256:a"], ["LANG=C"])
