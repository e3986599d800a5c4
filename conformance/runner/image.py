"""Builds the images of lanes and of the mock from a build context in memory.

The tag is a digest of the input, so an unchanged build is skipped and a changed one gets another
tag. The proxy, package index and CA settings of this machine are passed on, because builds behind
a company's proxy need them. The programs of a lane are the last layers, on top of the image of its
runner. The Dockerfiles do not need BuildKit.
"""

import hashlib
import io
import itertools
import json
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    pins_of,
    source_of,
)
from conformance.runner.docker_engine import REFUSALS, add_file, explanation, refused
from conformance.runner.program import Programs
from conformance.runner.run_network import ENVIRONMENT, USER

BASE_IMAGE = os.environ.get("OSS_BODIES_BASE_IMAGE", "debian:bookworm-slim")
MOCK_DOCKERFILE = Path(__file__).with_name("mock.Dockerfile")
_REPOSITORY = "oss-bodies"
_LINES_KEPT = 40
_SILENCE_LIMIT = 600  # seconds that a build may print nothing, such as a download on a slow disk
_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # the classic builder colours standard error red


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The input of an image build."""

    name: str  # last part of the repository name
    dockerfile: Path
    files: tuple[tuple[str, Path], ...]  # name in the build context, path
    source: str  # the build argument SDK_SOURCE
    pins: str = ""  # the build argument SDK_PINS: NAME=VERSION, separated by blanks


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
        pins=" ".join(pins_of(lane)),
    )


def mock_recipe() -> Recipe:
    """The recipe of the mock, with only the parts of the package that it imports."""
    names = ("model", "oss", "mock")
    parts = (below(f"conformance/{name}", PACKAGE / name) for name in names)
    root = ("conformance/__init__.py", PACKAGE / "__init__.py")
    files = (root, *itertools.chain.from_iterable(parts))
    return Recipe(name="mock", dockerfile=MOCK_DOCKERFILE, files=files, source="")


def ensure_base(client: docker.DockerClient, tell: Callable[[str], None]) -> str:
    """What identifies the base image, which is pulled if it is missing; raises EngineMissingError.

    Its layers, and the environment that it sets: the id of an image depends on how an engine stores
    images, so after `docker load` one that was built from the same base would not be found.
    """
    try:
        try:
            base = client.images.get(BASE_IMAGE)
        except ImageNotFound:
            tell(f"pulling {BASE_IMAGE}")
            base = client.images.pull(BASE_IMAGE)
    except REFUSALS as error:
        raise EngineMissingError(
            step="base image",
            reason=f"{BASE_IMAGE} is missing and cannot be pulled: {explanation(error)}",
            remedy=f"docker pull {BASE_IMAGE}, or set OSS_BODIES_BASE_IMAGE to another image",
        ) from error
    layers = base.attrs.get("RootFS", {}).get("Layers") or [base.id]
    return "\n".join([*layers, *((base.attrs.get("Config") or {}).get("Env") or ())])


def build_image(
    client: docker.DockerClient, recipe: Recipe, base: str, tell: Callable[[str], None]
) -> tuple[str, str]:
    """Build an image unless it exists; return its id and the checksum of its input.

    base: what identifies the base image. Raises BuildError.
    """
    settings = {name: os.environ[name] for name in INDEX_VARIABLES if os.environ.get(name)}
    checksum = digest(
        recipe.files,
        recipe.dockerfile.read_text(encoding="utf-8"),
        recipe.source,
        recipe.pins,
        base,
        *(f"{name}={value}" for name, value in sorted(settings.items())),
    )
    tag = tag_of(recipe.name, checksum)
    there = _existing(client, tag)
    if there is not None:
        return there, checksum
    proxies = {name: os.environ[name] for name in PROXY_VARIABLES if os.environ.get(name)}
    arguments = {"BASE_IMAGE": BASE_IMAGE, "SDK_SOURCE": recipe.source, **settings, **proxies}
    if recipe.pins:
        arguments["SDK_PINS"] = recipe.pins
    tell(f"{recipe.name}: building its image")
    start = time.monotonic()
    image = _build(client, recipe.name, tag, _context(recipe), buildargs=arguments)
    tell(f"{recipe.name}: image built in {time.monotonic() - start:.0f} s")
    return image, checksum


def add_programs(
    client: docker.DockerClient,
    runner: str,
    programs: Programs,
    values: Mapping[str, str],
    tell: Callable[[str], None],
) -> str:
    """The id of a lane's image with its programs compiled in; built unless it is there. BuildError.

    runner: the tag of the image that `build_image` made. values: of the placeholders.
    """
    dockerfile = programs_dockerfile(runner, programs, values)
    name = runner.partition(":")[0].removeprefix(f"{_REPOSITORY}/")
    # The runner's checksum and the digest of each program are in this text.
    tag = tag_of(name, hashlib.sha256(dockerfile.encode()).hexdigest())
    there = _existing(client, tag)
    if there is not None:
        return there
    tell(f"{name}: adding its programs to the image")
    texts = ((programs.source(one)[1:], one.text.encode(), 0o644) for one in programs.given)
    context = _tar([("Dockerfile", dockerfile.encode(), 0o644), *texts])
    # As when it is run, a program has no network.
    return _build(client, name, tag, context, network_mode="none")


def programs_dockerfile(runner: str, programs: Programs, values: Mapping[str, str]) -> str:
    """The Dockerfile that adds programs to a runner's image, compiled by the user of its runs."""
    lines = [f"FROM {runner}", f"USER {USER}"]
    lines += [f"ENV {name}={value}" for name, value in ENVIRONMENT.items()]
    for program in programs.given:
        out = programs.out(program)
        lines.append(f"COPY --chown={USER} {out[1:]}/ {out}/")
        command = programs.compile_command(program, values)
        if command is not None:
            lines.append(f"RUN {json.dumps(command)}")
    return "\n".join(lines) + "\n"


def tag_of(name: str, checksum: str) -> str:
    """The tag of the image that is made from what has this checksum."""
    return f"{_REPOSITORY}/{name}:{checksum[:20]}"


def _existing(client: docker.DockerClient, tag: str) -> str | None:
    """The id of an image; None if there is none."""
    try:
        return str(client.images.get(tag).id)
    except ImageNotFound:
        return None
    except REFUSALS as error:
        raise refused("images", error) from error


def _build(
    client: docker.DockerClient, name: str, tag: str, context: io.BytesIO, **options: Any
) -> str:
    """Build an image and return its id."""
    output: list[str] = []
    try:
        progress: Any = client.api.build(
            fileobj=context,
            custom_context=True,
            tag=tag,
            labels={"oss-bodies.image": name},
            decode=True,
            rm=True,
            forcerm=True,
            timeout=_SILENCE_LIMIT,
            **options,
        )
        for event in progress:
            text = event.get("stream") or event.get("error") or ""
            plain = (_COLOR.sub("", line).rstrip() for line in text.splitlines())
            output = [*output, *(line for line in plain if line)][-_LINES_KEPT:]
            if "error" in event:
                raise _failed(name, output)
        return str(client.images.get(tag).id)
    except REFUSALS as error:
        raise _failed(name, [*output, explanation(error)]) from error


def _failed(name: str, output: list[str]) -> BuildError:
    return BuildError(
        step=f"{name}: image",
        reason="the image could not be built",
        output="\n".join(output),
        remedy="fix the error shown above; if a download failed, set proxy, index or SSL_CERT_FILE",
    )


def _context(recipe: Recipe) -> io.BytesIO:
    """The build context described in runners/README.md as a tar file."""

    def entries() -> Iterator[tuple[str, bytes, int]]:
        yield "build-ca.pem", ca_bundle(), 0o644
        for name, path in recipe.files:
            yield name, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644
        yield "Dockerfile", recipe.dockerfile.read_bytes(), 0o644

    return _tar(entries(), folder="sdk")


def _tar(entries: Iterable[tuple[str, bytes, int]], folder: str | None = None) -> io.BytesIO:
    """A tar of files (name, content, mode) and one empty folder; times and owners are fixed."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        if folder is not None:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, data, mode in entries:
            add_file(tar, name, data, mode)
    archive.seek(0)
    return archive
