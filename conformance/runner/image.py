"""Builds the images of lanes and of the mock from a build context in memory.

The tag is a digest of the input, so an unchanged build is skipped and a changed one gets another
tag. The proxy, package index and CA settings of this machine are passed on, because builds behind
a company's proxy need them. The Dockerfiles do not need BuildKit.
"""

import io
import itertools
import os
import re
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound

from conformance.assets import PACKAGE
from conformance.errors import BuildError, EngineMissingError
from conformance.model.manifest import Lane
from conformance.runner.build import (
    INDEX_VARIABLES,
    PROXY_VARIABLES,
    below,
    ca_bundle,
    digest,
    lane_files,
    source_of,
)
from conformance.runner.docker_engine import REFUSALS, add_file, explanation

BASE_IMAGE = os.environ.get("OSS_BODIES_BASE_IMAGE", "debian:bookworm-slim")
MOCK_DOCKERFILE = Path(__file__).with_name("mock.Dockerfile")
_REPOSITORY = "oss-bodies"
_LINES_KEPT = 40
_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # the classic builder colours standard error red


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The input of an image build."""

    name: str  # last part of the repository name
    dockerfile: Path
    files: tuple[tuple[str, Path], ...]  # name in the build context, path
    source: str  # the build argument SDK_SOURCE


def lane_recipe(lane: Lane) -> Recipe:
    """The recipe of a lane; its manifest must name a Dockerfile."""
    manifest = lane.manifest
    assert manifest.dockerfile is not None
    suite = below("conformance", PACKAGE) if manifest.needs_suite else ()
    files = (*lane_files(lane), *suite)
    return Recipe(
        name=manifest.name,
        dockerfile=manifest.path(manifest.dockerfile),
        files=tuple((name, path) for name, path in files if name != manifest.dockerfile),
        source="path:/src/sdk" if lane.path is not None else source_of(lane),
    )


def mock_recipe() -> Recipe:
    """The recipe of the mock, with only the parts of the package that it imports."""
    parts = (below(f"conformance/{name}", PACKAGE / name) for name in ("model", "oss", "mock"))
    root = ("conformance/__init__.py", PACKAGE / "__init__.py")
    files = (root, *itertools.chain.from_iterable(parts))
    return Recipe(name="mock", dockerfile=MOCK_DOCKERFILE, files=files, source="")


def ensure_base(client: docker.DockerClient, tell: Callable[[str], None]) -> str:
    """The id of the base image, which is pulled if it is missing; raises EngineMissingError."""
    try:
        return str(client.images.get(BASE_IMAGE).id)
    except ImageNotFound:
        tell(f"pulling {BASE_IMAGE}")
    try:
        return str(client.images.pull(BASE_IMAGE).id)
    except REFUSALS as error:
        raise EngineMissingError(
            step="base image",
            reason=f"{BASE_IMAGE} is missing and cannot be pulled: {explanation(error)}",
            remedy=f"docker pull {BASE_IMAGE}, or set OSS_BODIES_BASE_IMAGE to another image",
        ) from error


def build_image(
    client: docker.DockerClient, recipe: Recipe, base: str, tell: Callable[[str], None]
) -> tuple[str, str]:
    """Build an image unless it exists; return its id and the checksum of its input.

    Raises BuildError.
    """
    settings = {name: os.environ[name] for name in INDEX_VARIABLES if os.environ.get(name)}
    checksum = digest(
        recipe.files,
        recipe.dockerfile.read_text(encoding="utf-8"),
        recipe.source,
        base,
        *(f"{name}={value}" for name, value in sorted(settings.items())),
    )
    tag = f"{_REPOSITORY}/{recipe.name}:{checksum[:20]}"
    try:
        return str(client.images.get(tag).id), checksum
    except ImageNotFound:
        pass
    proxies = {name: os.environ[name] for name in PROXY_VARIABLES if os.environ.get(name)}
    arguments = {"BASE_IMAGE": BASE_IMAGE, "SDK_SOURCE": recipe.source, **settings, **proxies}
    tell(f"{recipe.name}: building its image")
    start = time.monotonic()
    _build(client, recipe, tag, arguments)
    tell(f"{recipe.name}: image built in {time.monotonic() - start:.0f} s")
    return str(client.images.get(tag).id), checksum


def _build(
    client: docker.DockerClient,
    recipe: Recipe,
    tag: str,
    arguments: Mapping[str, str],
) -> None:
    output: list[str] = []
    try:
        progress: Any = client.api.build(
            fileobj=_context(recipe),
            custom_context=True,
            tag=tag,
            buildargs=dict(arguments),
            labels={"oss-bodies.image": recipe.name},
            decode=True,
            rm=True,
            forcerm=True,
        )
        for event in progress:
            text = event.get("stream") or event.get("error") or ""
            plain = (_COLOR.sub("", line).rstrip() for line in text.splitlines())
            output = [*output, *(line for line in plain if line)][-_LINES_KEPT:]
            if "error" in event:
                raise _failed(recipe, output)
    except REFUSALS as error:
        raise _failed(recipe, [*output, explanation(error)]) from error


def _failed(recipe: Recipe, output: list[str]) -> BuildError:
    return BuildError(
        step=f"{recipe.name}: image",
        reason="the image could not be built",
        output="\n".join(output),
        remedy="fix the error shown above; if a download failed, set proxy, index or SSL_CERT_FILE",
    )


def _context(recipe: Recipe) -> io.BytesIO:
    """The build context described in runners/README.md as a tar file."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        folder = tarfile.TarInfo("sdk")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(folder)
        add_file(tar, "build-ca.pem", ca_bundle())
        for name, path in recipe.files:
            mode = 0o755 if os.access(path, os.X_OK) else 0o644
            add_file(tar, name, path.read_bytes(), mode)
        add_file(tar, "Dockerfile", recipe.dockerfile.read_bytes())
    context.seek(0)
    return context
