"""Asks a package registry which versions of an SDK exist, and puts them in place of a range.

A runner's manifest names the script that asks (`releases.list`). It uses the client of its
ecosystem, as the build script does, so the proxy, index, mirror and CA settings of this machine
hold. Nothing is asked for a lane without a range, unless its build fails.
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.errors import CannotRunError, RegistryError, SelectionError, ToolchainMissingError
from conformance.model.manifest import Lane, Manifest
from conformance.model.version_order import RULES, ordered
from conformance.model.version_range import SYNTAX, VersionRange, read_range, versions_in
from conformance.runner.build import missing_tools, remedy_for
from conformance.runner.site import PreparedLane, Tell

_LIMIT = 180  # seconds; Maven takes 25 of them on a busy machine
_SHOWN = 4  # newest releases in a message

Listed = Callable[[Manifest], Sequence[str]]


def expanded(
    names: Sequence[str],
    known: Sequence[Manifest],
    listed: Listed | None = None,
    tell: Tell = lambda _text: None,
) -> tuple[str, ...]:
    """The names of lanes, with one name for each version in place of a range, oldest first.

    listed: gives the versions of a runner's SDK; default: its registry, asked once for each runner.
    tell: called with a line of progress before each question, which can take half a minute.
    Raises SelectionError for a range that is malformed or matches nothing, and CannotRunError if
    the registry cannot be asked.
    """
    ask = released if listed is None else listed
    answers: dict[str, Sequence[str]] = {}
    found: list[str] = []
    for name in names:
        runner, _, text = name.partition("@")
        manifest = next((one for one in known if one.name == runner), None)
        wanted = _range(name, text)
        if manifest is None or manifest.sdk_package is None or wanted is None:
            found.append(name)
            continue
        if manifest.releases is None:
            rule = "the manifest of the runner does not say how to list versions"
            raise _no_range(name, rule, f"write each version, such as {runner}@1.0")
        if runner not in answers:
            tell(f"{runner}: asking for the versions of {manifest.sdk_package}")
            answers[runner] = ask(manifest)
        found += _lanes(name, manifest, wanted, answers[runner])
    return tuple(found)


def _range(name: str, text: str) -> VersionRange | None:
    try:
        return None if text.startswith("path:") else read_range(text)
    except ValueError:
        raise _no_range(name, f"{text!r} is not a range of versions", f"write {SYNTAX}") from None


def _lanes(
    name: str, manifest: Manifest, wanted: VersionRange, versions: Sequence[str]
) -> Iterator[str]:
    assert manifest.releases is not None
    rule = RULES[manifest.releases.order]
    try:
        matching = versions_in(wanted, versions, rule, manifest.releases.minimum)
    except ValueError as error:
        raise _no_range(name, f"{error} is not a version", f"write {SYNTAX}") from None
    if not matching:
        newest = ", ".join(reversed(ordered(versions, rule)[-_SHOWN:])) or "none"
        raise _no_range(
            name,
            f"no release of {manifest.sdk_package} matches",
            f"its registry has {len(versions)} versions; the newest: {newest}",
        )
    return (f"{manifest.name}@{version}" for version in matching)


def explained(
    prepared: Sequence[PreparedLane], listed: Listed | None = None
) -> tuple[PreparedLane, ...]:
    """Lanes that were built; of those that were not, one whose version does not exist says so.

    listed: as in `expanded`. A registry that cannot be asked changes nothing.
    """
    ask = functools.cache(released if listed is None else listed)
    return tuple(_explained(one, ask) for one in prepared)


def _explained(prepared: PreparedLane, ask: Listed) -> PreparedLane:
    manifest, version = prepared.lane.manifest, prepared.lane.version
    if prepared.reason is None or version is None or manifest.releases is None:
        return prepared
    try:
        versions = ask(manifest)
    except CannotRunError:
        return prepared
    if version in versions:
        return prepared
    newest = ", ".join(reversed(versions[-_SHOWN:]))
    return replace(
        prepared,
        reason=f"{manifest.sdk_package} has no version {version}",
        remedy=f"name a version that its registry has; the newest: {newest}",
    )


def released(manifest: Manifest) -> tuple[str, ...]:
    """The versions that the registry has, oldest first, as lane names write them.

    Raises ToolchainMissingError or RegistryError.
    """
    assert manifest.releases is not None
    assert manifest.sdk_package is not None
    lane = Lane(manifest=manifest)
    missing = missing_tools(lane)
    if missing:
        raise ToolchainMissingError(
            step=f"{manifest.name}: list of versions",
            reason="missing: " + ", ".join(tool.command[0] for tool in missing),
            remedy=remedy_for(missing),
        )
    lines = _output(manifest, manifest.path(manifest.releases.list)).split()
    plain = (line.removeprefix("v").removesuffix("+incompatible") for line in lines)
    versions = ordered(plain, RULES[manifest.releases.order])
    if not versions:
        raise _unanswered(manifest, "it named no version", "")
    return versions


def _output(manifest: Manifest, script: Path) -> str:
    with (
        tempfile.TemporaryDirectory() as temporary,
        subprocess.Popen(
            ["sh", str(script), str(manifest.sdk_package)],
            cwd=temporary,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "TMPDIR": temporary, "PYTHON": sys.executable},
        ) as process,
    ):
        try:
            output, errors = process.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            raise _unanswered(manifest, f"no answer in {_LIMIT} s", "") from None
        finally:
            with contextlib.suppress(ProcessLookupError):  # the client that the script started
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        words = errors.decode("utf-8", "replace")
        raise _unanswered(manifest, f"the script exited with {process.returncode}", words)
    return output.decode("utf-8", "replace")


def _unanswered(manifest: Manifest, reason: str, output: str) -> RegistryError:
    assert manifest.releases is not None
    script = manifest.path(manifest.releases.list)
    return RegistryError(
        step=f"{manifest.name}: list of versions",
        reason=f"the registry of {manifest.sdk_package} could not be asked: {reason}",
        output=output,
        remedy=f"sh {script} {manifest.sdk_package}, or name each version: "
        f"--lane {manifest.name}@{manifest.sdk_version}",
    )


def _no_range(name: str, rule: str, remedy: str) -> SelectionError:
    return SelectionError(source="--lane", place=name, rule=rule, remedy=remedy)
