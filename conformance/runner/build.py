"""Builds of runners: into a cache folder on the host, or into an image.

Both call the runner's own build script. What a build is made from is hashed, and
an unchanged build is skipped; a build that fails leaves nothing that looks finished.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from conformance.errors import BuildError, ToolchainMissingError
from conformance.model.manifest import Lane, Manifest, Tool

# Lists of known failures are the engine's; nothing is built from them.
_LEFT_OUT = {
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
_BUILD_LIMIT = 1200  # seconds; a first Maven download over a slow line takes minutes
# What may say where packages come from, besides proxies; passed into image builds when set.
INDEX_VARIABLES = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "GOPROXY", "GOSUMDB", "GONOSUMDB",
    "GOPRIVATE", "GOFLAGS", "MAVEN_ARGS", "MAVEN_OPTS", "MAVEN_MIRROR_URL", "COMPOSER_AUTH",
    "COMPOSER_REPO_PACKAGIST", "COMPOSER_MIRROR",
)  # fmt: skip
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


def cache_folder() -> Path:
    """Where host builds are kept: OSS_BODIES_CACHE, else the user's cache folder."""
    named = os.environ.get("OSS_BODIES_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "oss-bodies"


def source_of(lane: Lane) -> str:
    """What the build script is told to install: a version or `path:DIR`."""
    if lane.path is not None:
        return f"path:{lane.path.resolve()}"
    return lane.version or ""


def files_below(folder: Path, top: Path | None = None) -> Iterator[tuple[str, Path]]:
    """(relative name, path) of the files of a tree in order, without build output and VCS data.

    Links to files are followed within the tree, not out of it. top: the tree `folder` is part of.
    """
    top = top or folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.suffix == ".pyc":
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(top):
            continue
        if path.is_dir() and not path.is_symlink():
            for name, inner in files_below(path, top):
                yield f"{path.name}/{name}", inner
        elif path.is_file():
            yield path.name, path


def runner_files(manifest: Manifest) -> dict[str, Path]:
    """The files that a build finds at its top: the shared ones, and the runner's own over them."""
    shared = {} if manifest.shared is None else dict(files_below(manifest.shared))
    return shared | dict(files_below(manifest.folder))


def digest(files: Iterable[tuple[str, Path]], *more: str) -> str:
    """SHA-256 in hex over files with their names, and further texts."""
    total = hashlib.sha256()
    for name, path in files:
        total.update(f"{name}\0{os.access(path, os.X_OK):d}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        total.update(f"\0{text}".encode())
    return total.hexdigest()


def lane_files(lane: Lane) -> Iterator[tuple[str, Path]]:
    """(name, file) of what a lane is built from: its runner's files and, in `sdk/`, a checkout."""
    yield from runner_files(lane.manifest).items()
    if lane.path is not None:
        yield from below("sdk", lane.path)


def below(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """(name, file) of a tree that lies below `prefix`."""
    return ((f"{prefix}/{name}", path) for name, path in files_below(folder))


def ca_bundle() -> bytes:
    """The CA bundle that this machine has been told to use; empty if none is named."""
    for name in _CA_VARIABLES:
        path = os.environ.get(name)
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""


@functools.cache
def tool_works(command: tuple[str, ...]) -> bool:
    """Whether a tool's probe command runs and exits 0."""
    try:
        probe = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def missing_tools(lane: Lane) -> tuple[Tool, ...]:
    """The tools of a lane that are not on this machine."""
    return tuple(tool for tool in lane.manifest.tools if not tool_works(tool.command))


def remedy_for(lacking: Iterable[Tool]) -> str:
    """One command that installs all of these tools, with a single `apt-get install`."""
    install = "apt-get install "
    remedies = dict.fromkeys(tool.remedy for tool in lacking)
    packages = [remedy.removeprefix(install) for remedy in remedies if remedy.startswith(install)]
    together = [install + " ".join(packages)] if packages else []
    others = [remedy for remedy in remedies if not remedy.startswith(install)]
    return " && ".join([*together, *others])


def build_on_host(lane: Lane, stopped: threading.Event) -> tuple[Path, str]:
    """(folder of the build output, checksum); ToolchainMissingError or BuildError.

    stopped: set it to have a build under way killed.
    """
    manifest = lane.manifest
    source = source_of(lane)
    checksum = digest(lane_files(lane), source)
    # What is built with an interpreter is no good to another.
    made_with = hashlib.sha256(f"{checksum} {sys.executable} {sys.version}".encode()).hexdigest()
    home = cache_folder() / "builds" / f"{manifest.name}-{made_with[:20]}"
    built = (home / DONE).is_file()
    # A build shows that the tools worked. To ask them again takes longer than many a lane.
    if not (built and all(shutil.which(tool.command[0]) for tool in manifest.tools)):
        _demand_tools(lane)
    if manifest.build is None and manifest.shared is None:
        return manifest.folder, checksum
    if built:
        return home, checksum
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.with_suffix(".lock")):
        if not (home / DONE).is_file():
            shutil.rmtree(home, ignore_errors=True)
            _build(lane, source, home, stopped)
            (home / DONE).touch()
    return home, checksum


def _demand_tools(lane: Lane) -> None:
    lacking = missing_tools(lane)
    if lacking:
        raise ToolchainMissingError(
            step=f"{lane.name}: toolchain",
            reason="missing: " + ", ".join(tool.command[0] for tool in lacking),
            remedy=remedy_for(lacking),
        )


def _build(lane: Lane, source: str, home: Path, stopped: threading.Event) -> None:
    """Put the lane's build into `home`; its files are copied together first if some are shared."""
    manifest = lane.manifest
    if manifest.build is None:
        copy_files(manifest, home)
        return
    folder = manifest.folder
    if manifest.shared is not None:
        folder = home.with_suffix(".source")
        shutil.rmtree(folder, ignore_errors=True)
        copy_files(manifest, folder)
    _run_script(lane, folder / manifest.build, source, home, stopped)
    if manifest.shared is not None:  # after a failure it stays, for the command in the remedy
        shutil.rmtree(folder)


def copy_files(manifest: Manifest, folder: Path) -> None:
    """Put a runner's files and the shared ones together in a folder."""
    for name, path in runner_files(manifest).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def _run_script(
    lane: Lane, script: Path, source: str, home: Path, stopped: threading.Event
) -> None:
    """Build in place, because tools write the folder's name into what they make.

    The mark that it is done is set by the caller, so a build that was interrupted is run again.
    """
    work = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    process = subprocess.Popen(
        ["sh", str(script), str(home), source],
        cwd=script.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(work), "PYTHON": sys.executable},
    )
    failed = functools.partial(_failed, lane, script)
    try:
        output = _watched(process, failed, stopped)
        if process.returncode != 0:
            raise failed(f"the build script exited with {process.returncode}", output)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        shutil.rmtree(home, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _watched(
    process: subprocess.Popen[bytes],
    failed: Callable[[str, str], BuildError],
    stopped: threading.Event,
) -> str:
    """The output of a build until its end; raises what `failed` makes if it is cut short."""
    until = time.monotonic() + _BUILD_LIMIT
    while True:
        try:
            return process.communicate(timeout=0.2)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            if stopped.is_set():
                raise failed("the build was interrupted", "") from None
            if time.monotonic() > until:
                raise failed(f"the build took longer than {_BUILD_LIMIT} s", "") from None


def _failed(lane: Lane, script: Path, reason: str, output: str) -> BuildError:
    return BuildError(
        step=f"{lane.name}: build",
        reason=reason,
        output=output,
        remedy=f"sh {script} /tmp/out {source_of(lane)}",
    )


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One build at a time on this machine; the lock goes with its holder."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
