"""A lane: one runner with one SDK version; and the manifest that describes the runner.

A lane is written `java`, `java@3.18.4` or `java@path:DIR`; the bare name means the
version of the manifest. A range such as `java@>=3.17.4` stands for several lanes
(runner/releases.py). A lane's name in results is always the full one (`java@3.17.4`), except
for a runner without an SDK (`rest`). A checkout is published as `java@checkout`, a second one as
`java@checkout-2`: its path would name the machine. `python@2.18.4+urllib3=1.26.20` is a lane whose
dependency urllib3 is pinned.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SAMPLE = "sample"  # the id of the program that a runner's folder has


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A command that a host build or run needs, and the command that installs it."""

    command: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRules:
    """How a program of the language is compiled and run against the SDK.

    The commands may contain the placeholders of `Manifest.run` and `{source}` (the program's file),
    `{name}` (its name without the suffix) and `{out}` (a folder of its own, with the source in
    `{out}/program/`). `compile` has no {ca} and no {truststore}, which are made for each run.
    """

    compile: tuple[str, ...] | None  # None: nothing is compiled
    run: tuple[str, ...]
    host_mode: bool  # whether host names and trust can be set from outside without containers


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """How to find out which versions of the SDK its registry has."""

    list: str  # name of the script that prints them: `LIST PACKAGE`, one a line
    order: str  # rule of model/version_order.py
    minimum: str  # lowest version that the documentation of the operation names


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program as its author wrote it."""

    name: str  # of its file, which some languages care about
    text: str
    id: str = SAMPLE  # what cases call it
    entry: str = ""  # what is run, if it is not the file's name without its suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One runner folder, as `schemas/manifest.schema.json` describes it.

    `run` and `environment` may contain the placeholders `{home}` (folder of the build script's
    output), `{ca}` (PEM file of the run's CA), `{truststore}` (the same as PKCS 12, password
    `changeit`) and `{python}` (the suite's interpreter, host mode only).
    """

    folder: Path
    name: str
    language: str
    sdk_package: str | None  # None: a runner without an SDK
    sdk_version: str | None
    capabilities: tuple[str, ...]
    exposes: tuple[str, ...]  # the fields of an error answer that this SDK can fill
    run: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    tools: tuple[Tool, ...]
    build: str | None  # name of the build script
    dockerfile: str | None  # name of the Dockerfile
    program: ProgramRules | None
    sample: str | None  # file name of the sample program from the documentation
    shared: Path | None = None  # folder whose files lie beside those of `folder` in every build
    releases: Releases | None = None  # None: a lane's name takes no range of versions
    needs_suite: bool = False  # whether the image is built with the suite's Python package
    error_types: tuple[str, ...] = ()  # the SDK's documented base types of its errors

    def path(self, name: str) -> Path:
        """The path of a file of this runner: in its own folder, or else in the shared one."""
        own = self.folder / name
        return self.shared / name if self.shared is not None and not own.exists() else own


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What identifies a checkout of an SDK, whatever its path."""

    describe: str | None  # as `git describe` names its commit; None: not a repository
    tree: str  # SHA-256 over its files, hex


_CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One runner at one SDK version, from the registry (`version`) or from a checkout (`path`)."""

    manifest: Manifest
    version: str | None = None
    path: Path | None = None
    number: int = 1  # of this checkout among those of the runner in one run
    programs: tuple[Program, ...] = ()  # that are built with it, besides the sample
    # Dependencies of a released SDK that are not left to its package manager: name and version.
    pins: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """`java@3.17.4`, `java@checkout`, `rest`."""
        if self.path is not None:
            suffix = f"-{self.number}" if self.number > 1 else ""
            return f"{self.manifest.name}@{_CHECKOUT}{suffix}"
        if self.version is None:
            return self.manifest.name
        pins = "".join(f"+{name}={version}" for name, version in self.pins)
        return f"{self.manifest.name}@{self.version}{pins}"


def runner_of(lane: str) -> str:
    """The runner in a lane's name: `java` of `java@3.17.4`."""
    return lane.partition("@")[0]


def version_of(lane: str) -> str | None:
    """The version in a lane's name: `3.17.4` of `java@3.17.4`; None for a checkout."""
    version = lane.partition("@")[2].partition("+")[0]
    return None if is_checkout(lane) else version or None


def is_checkout(lane: str) -> bool:
    """Whether a lane's name is that of a checkout."""
    return re.fullmatch(rf"{_CHECKOUT}(-[0-9]+)?", lane.partition("@")[2]) is not None


def as_option(lane: str) -> str:
    """The name as `--lane` takes it, with the placeholder DIR for the folder of a checkout."""
    if not is_checkout(lane):
        return lane
    runner, _, version = lane.partition("@")
    return f"{runner}@path:{version.replace(_CHECKOUT, 'DIR')}"
