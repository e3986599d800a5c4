"""Builds runners on the host, into a cache folder, and collects what builds of images need too.

Both call the build script of the runner. The input of a build is hashed, so that an unchanged build
is skipped. A failed or interrupted build is never taken for a finished one.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import BuildError, InputError, ToolchainMissingError
from conformance.model.manifest import Lane, Manifest, Tool
from conformance.runner.cache import SOURCE, building, cache_folder

# Not part of a build's input: known failures, which only the engine reads, and build output.
_IGNORED = {
    "known-failing.json",
    "__pycache__",
    ".git",
    "target",
    "vendor",
    "node_modules",
    ".mypy_cache",
    "_data",
}
DONE = ".built"  # the file that marks a finished build
_BUILD_LIMIT = 1200  # seconds; the first download by Maven takes minutes on a slow connection
_KILL_LIMIT = 5.0  # seconds until a killed build has ended
# Package sources; passed into image builds if set, like the proxies.
INDEX_VARIABLES = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "GOPROXY", "GOSUMDB", "GONOSUMDB",
    "GOPRIVATE", "GOFLAGS", "MAVEN_ARGS", "MAVEN_OPTS", "MAVEN_MIRROR_URL", "COMPOSER_AUTH",
    "COMPOSER_REPO_PACKAGIST", "COMPOSER_MIRROR", "NPM_CONFIG_REGISTRY", "npm_config_registry",
)  # fmt: skip
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
# The files that they name do not exist in an image, so one is copied there as `build-ca.pem`.
_CA_VARIABLES = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NPM_CONFIG_CAFILE",
    "npm_config_cafile", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFolders:
    """The two folders of a build."""

    home: Path  # what is built
    temporary: Path  # for the build script


def source_of(lane: Lane) -> str:
    """The SDK that the build script has to install: a version or `path:DIR`."""
    if lane.path is not None:
        return f"path:{lane.path.resolve()}"
    return lane.version or ""


def pins_of(lane: Lane) -> tuple[str, ...]:
    """The further arguments of the build script: `NAME=VERSION` for each pinned dependency."""
    return tuple(f"{name}={version}" for name, version in lane.pins)


def files_below(folder: Path, top: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Yield (relative name, path) of a tree's files, sorted, without build output and VCS data.

    Symbolic links to files inside the tree are followed, those to its folders are left out. What
    would take something else of the machine into the build is refused: a link that leads out of the
    tree, a device, a named pipe, a socket. top: the root of the tree. Raises InputError.
    """
    top = top or folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.name in _IGNORED or path.suffix == ".pyc":
            continue
        if path.is_symlink():
            if not path.resolve().is_relative_to(top):
                raise _unsafe(top, path, f"is a link that leads out of it, to {path.readlink()}")
            if not path.is_file():
                continue  # to a folder, or to nothing
        if path.is_dir():
            for name, inner in files_below(path, top):
                yield f"{path.name}/{name}", inner
        elif path.is_file():
            yield path.name, path
        else:
            raise _unsafe(top, path, "is neither a file nor a folder")


def _unsafe(top: Path, path: Path, rule: str) -> InputError:
    return InputError(
        source=str(top),
        place=str((path.parent.resolve() / path.name).relative_to(top)),
        rule=rule,
        remedy="a build gets the files of this folder only: remove it, or copy what it refers to",
    )


def runner_files(manifest: Manifest) -> dict[str, Path]:
    """The files at the top of a build: the runner's, and shared ones that it does not replace."""
    shared = {} if manifest.shared is None else dict(files_below(manifest.shared))
    return shared | dict(files_below(manifest.folder))


def digest(files: Iterable[tuple[str, Path]], *more: str) -> str:
    """SHA-256 in hex over the names, modes and contents of files, and further texts."""
    total = hashlib.sha256()
    for name, path in files:
        total.update(f"{name}\0{os.access(path, os.X_OK):d}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        total.update(f"\0{text}".encode())
    return total.hexdigest()


def lane_files(lane: Lane) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of a lane's files: those of its runner and, in `sdk/`, of a checkout."""
    yield from runner_files(lane.manifest).items()
    if lane.path is not None:
        yield from below("sdk", lane.path)


def below(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """(name, path) of the files of a tree, with `prefix` before each name."""
    return ((f"{prefix}/{name}", path) for name, path in files_below(folder))


def ca_bundle() -> bytes:
    """The CA bundle that an environment variable names; empty if none does."""
    for name in _CA_VARIABLES:
        path = os.environ.get(name)
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""


@functools.cache
def tool_works(command: tuple[str, ...]) -> bool:
    """Whether the command that checks for a tool exits with 0 within 60 s."""
    try:
        probe = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def missing_tools(lane: Lane) -> tuple[Tool, ...]:
    """The tools of a lane that this machine lacks."""
    return tuple(tool for tool in lane.manifest.tools if not tool_works(tool.command))


def remedy_for(missing: Iterable[Tool]) -> str:
    """One command that installs all of these tools, with a single `apt-get install`."""
    install = "apt-get install "
    remedies = dict.fromkeys(tool.remedy for tool in missing)
    packages = [remedy.removeprefix(install) for remedy in remedies if remedy.startswith(install)]
    installation = [install + " ".join(packages)] if packages else []
    others = [remedy for remedy in remedies if not remedy.startswith(install)]
    return " && ".join([*installation, *others])


def build_on_host(lane: Lane, stopped: threading.Event) -> tuple[Path, str]:
    """Build a lane unless it is built; return the output folder and the checksum of the input.

    Raises ToolchainMissingError or BuildError. stopped: setting it kills the build.
    """
    manifest = lane.manifest
    source = source_of(lane)
    checksum = digest(lane_files(lane), lane.version or "", *pins_of(lane))
    # A build for one Python interpreter does not work with another, and one of a checkout may
    # refer to its path.
    key = hashlib.sha256(f"{checksum} {source} {sys.executable} {sys.version}".encode()).hexdigest()
    home = cache_folder() / "builds" / f"{manifest.name}-{key[:20]}"
    built = (home / DONE).is_file()
    # The tools of a finished build have worked before; running them again would take seconds.
    if not (built and all(shutil.which(tool.command[0]) for tool in manifest.tools)):
        _require_tools(lane)
    if manifest.build is None and manifest.shared is None:
        return manifest.folder, checksum
    if built:
        return home, checksum
    with building(home) as temporary:
        if not (home / DONE).is_file():
            shutil.rmtree(home, ignore_errors=True)
            _build(lane, source, BuildFolders(home=home, temporary=temporary), stopped)
            (home / DONE).touch()
    return home, checksum


def _require_tools(lane: Lane) -> None:
    missing = missing_tools(lane)
    if missing:
        raise ToolchainMissingError(
            step=f"{lane.name}: toolchain",
            reason="missing: " + ", ".join(tool.command[0] for tool in missing),
            remedy=remedy_for(missing),
        )


def _build(lane: Lane, source: str, folders: BuildFolders, stopped: threading.Event) -> None:
    """Build a lane into `home`; if files are shared, copy all of them into one folder first."""
    manifest, home = lane.manifest, folders.home
    if manifest.build is None:
        copy_files(manifest, home)
        return
    folder = manifest.folder
    if manifest.shared is not None:
        folder = home.with_suffix(SOURCE)
        shutil.rmtree(folder, ignore_errors=True)
        copy_files(manifest, folder)
    _run_script(lane, folder / manifest.build, source, folders, stopped)
    if manifest.shared is not None:  # kept after a failure: the command in the remedy needs it
        shutil.rmtree(folder)


def copy_files(manifest: Manifest, folder: Path) -> None:
    """Copy the files of a runner, including shared ones, into a folder."""
    for name, path in runner_files(manifest).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def _run_script(
    lane: Lane, script: Path, source: str, folders: BuildFolders, stopped: threading.Event
) -> None:
    """Run the build script with `home` as its target.

    The target cannot be moved later, because tools write its name into their output. The caller
    marks the build as finished, so an interrupted build is run again.
    """
    process = subprocess.Popen(
        ["sh", str(script), str(folders.home), source, *pins_of(lane)],
        cwd=script.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folders.temporary), "PYTHON": sys.executable},
    )
    failed = functools.partial(_failed, lane, script)
    try:
        output = _wait(process, failed, stopped)
        if process.returncode != 0:
            raise failed(f"the build script exited with {process.returncode}", output)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a daemon of it may hold the pipe
            process.communicate(timeout=_KILL_LIMIT)
        shutil.rmtree(folders.home, ignore_errors=True)
        raise


def _wait(
    process: subprocess.Popen[bytes],
    failed: Callable[[str, str], BuildError],
    stopped: threading.Event,
) -> str:
    """Wait for a build and return its output; raise `failed(...)` if it is stopped or too slow."""
    deadline = time.monotonic() + _BUILD_LIMIT
    while True:
        try:
            return process.communicate(timeout=0.2)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            if stopped.is_set():
                raise failed("the build was interrupted", "") from None
            if time.monotonic() > deadline:
                raise failed(
                    f"the build took longer than the limit of {_BUILD_LIMIT} s", ""
                ) from None


def _failed(lane: Lane, script: Path, reason: str, output: str) -> BuildError:
    return BuildError(
        step=f"{lane.name}: build",
        reason=reason,
        output=output,
        remedy=" ".join(["sh", str(script), "/tmp/out", source_of(lane), *pins_of(lane)]),
    )
