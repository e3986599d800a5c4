"""The archives of `make images`, with a `docker` that prints what it was asked for."""

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from conformance.assets import PACKAGE


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, which calls the `docker` in the folder."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    path = PACKAGE.parent / ".ci" / "save_images.py"
    spec = importlib.util.spec_from_file_location("save_images", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def docker(folder: Path, script: str) -> None:
    (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "docker").chmod(0o755)


def test_an_archive_holds_the_images_that_are_named(images: ModuleType, tmp_path: Path) -> None:
    docker(tmp_path, 'echo "$@"')
    images.save(tmp_path / "image-rest.tar.gz", {"oss-bodies/rest:2", "oss-bodies/mock:1", "base"})
    saved = gzip.decompress((tmp_path / "image-rest.tar.gz").read_bytes())
    assert saved == b"save base oss-bodies/mock:1 oss-bodies/rest:2\n"


def test_an_archive_that_is_not_whole_is_none(images: ModuleType, tmp_path: Path) -> None:
    docker(tmp_path, "echo half; exit 1")
    with pytest.raises(SystemExit, match="docker save ended with exit code 1"):
        images.save(tmp_path / "image-rest.tar.gz", {"oss-bodies/rest:2"})
    assert not list(tmp_path.glob("image-*"))
