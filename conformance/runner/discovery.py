"""Reads manifests from runner folders, and lanes from their names.

A manifest that was read is valid: it matches its schema, its placeholders are known and the files
that it names exist.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from conformance.assets import RUNNERS
from conformance.documents.files import read_file
from conformance.documents.mistake import as_error, pointer
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import plain
from conformance.errors import ManifestError, SelectionError
from conformance.model.manifest import Lane, Manifest, ProgramRules, Releases, Tool

FILE = "manifest.json"
_BUILT = frozenset({"home", "python", "suite"})  # what is there when a lane is built
PLACEHOLDERS = _BUILT | {"ca", "truststore"}
_OF_PROGRAM = {"source", "name", "out"}


def builtin() -> tuple[Manifest, ...]:
    """The runners of the suite, `runners/<language>/<SDK>/`, sorted by the names of their lanes."""
    manifests = (read_manifest(path.parent) for path in RUNNERS.glob(f"*/*/{FILE}"))
    return tuple(sorted(manifests, key=lambda manifest: manifest.name))


def manifests(folders: Sequence[Path] = ()) -> tuple[Manifest, ...]:
    """The manifests of the suite's runners, then those of the folders; names must be unique."""
    found = (*builtin(), *map(read_manifest, folders))
    names = [manifest.name for manifest in found]
    for manifest in found:
        if names.count(manifest.name) > 1:
            raise SelectionError(
                source=str(manifest.folder),
                place="/name",
                rule=f"two runners have the name {manifest.name!r}",
                remedy="change the name in the manifest of your runner",
            )
    return found


def is_builtin(manifest: Manifest) -> bool:
    """Whether a runner is part of the suite."""
    return manifest.folder.is_relative_to(RUNNERS)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a runner folder; raises ManifestError with file, place, rule and remedy."""
    path = folder / FILE
    data = plain(read_file(path, ManifestError))
    for mistake in schema_mistakes(data, schema("manifest")):
        raise as_error(mistake, source=str(path), kind=ManifestError)
    _check_placeholders(path, data)
    if data["sample"] is not None and data.get("program") is None:
        rule = "missing, although the manifest names a sample"
        raise _wrong(path, "/program", rule, "add it as described in schemas/manifest.schema.json")
    manifest = _manifest(folder.resolve(), data)
    if manifest.shared is not None and not manifest.shared.is_dir():
        rule = f"names {data['shared']!r}, which is not a folder"
        raise _wrong(path, "/shared", rule, "write it relative to the manifest's folder")
    for place, name in _files(data):
        if not manifest.path(name).is_file():
            where = "in the folder" if manifest.shared is None else "in the folder or in `shared`"
            raise _wrong(path, place, f"names {name!r}, which is not {where}", "add it")
    return manifest


def _manifest(folder: Path, data: dict[str, Any]) -> Manifest:
    sdk, program, shared = data["sdk"] or {}, data.get("program"), data.get("shared")
    releases = data.get("releases")
    return Manifest(
        folder=folder,
        name=data["name"],
        language=data["language"],
        sdk_package=sdk.get("package"),
        sdk_version=sdk.get("version"),
        capabilities=tuple(data["capabilities"]),
        exposes=tuple(data["exposes"]),
        run=tuple(data["run"]),
        environment=tuple(data["environment"].items()),
        tools=tuple(Tool(command=tuple(t["command"]), remedy=t["remedy"]) for t in data["tools"]),
        build=data["build"],
        dockerfile=data["dockerfile"],
        program=None
        if program is None
        else ProgramRules(
            compile=None if program["compile"] is None else tuple(program["compile"]),
            run=tuple(program["run"]),
            host_mode=program["host_mode"],
        ),
        sample=data["sample"],
        shared=None if shared is None else (folder / shared).resolve(),
        releases=None if releases is None else Releases(**releases),
        needs_suite=data.get("needs_suite", False),
        error_types=tuple(data.get("error_types", ())),
    )


def _files(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if data["build"] is not None:
        yield "/build", data["build"]
    if data["dockerfile"] is not None:
        yield "/dockerfile", data["dockerfile"]
    if data["sample"] is not None:
        yield "/sample", data["sample"]
    if data.get("releases") is not None:
        yield "/releases/list", data["releases"]["list"]


def _check_placeholders(path: Path, data: dict[str, Any]) -> None:
    texts = [(f"/run/{n}", text) for n, text in enumerate(data["run"])]
    texts += [(pointer(("environment", name)), text) for name, text in data["environment"].items()]
    _allow_only(PLACEHOLDERS, path, texts)
    program = data.get("program") or {}
    for command, known in (("compile", _BUILT), ("run", PLACEHOLDERS)):
        texts = [
            (f"/program/{command}/{n}", text) for n, text in enumerate(program.get(command) or ())
        ]
        _allow_only(known | _OF_PROGRAM, path, texts)


def _allow_only(placeholders: frozenset[str], path: Path, texts: list[tuple[str, str]]) -> None:
    for place, text in texts:
        for name in re.findall(r"\{([a-z]+)\}", text):
            if name not in placeholders:
                known = ", ".join(f"{{{known}}}" for known in sorted(placeholders))
                raise _wrong(path, place, f"unknown placeholder {{{name}}}", f"use one of {known}")


def filled(text: str, values: dict[str, str]) -> str:
    """The text with its placeholders replaced by their values."""
    return re.sub(r"\{([a-z]+)\}", lambda match: values.get(match[1], match[0]), text)


def parse_lane(text: str, manifests: Sequence[Manifest]) -> Lane:
    """Read `java`, `java@3.18.4` or `java@path:DIR`; raises SelectionError for anything else.

    After a version, `+NAME=VERSION` pins a dependency of the SDK, any number of times.
    """
    name, at, rest = text.partition("@")
    by_name = {manifest.name: manifest for manifest in manifests}
    manifest = by_name.get(name)
    if manifest is None:
        near = get_close_matches(name, by_name, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(by_name)}"
        raise _no_lane(text, f"there is no runner {name!r}", remedy)
    if not at:
        return Lane(manifest=manifest, version=manifest.sdk_version)
    if manifest.sdk_package is None:
        raise _no_lane(text, "the runner has no SDK and therefore no version", f"write {name}")
    if rest.startswith("path:"):
        path = Path(rest.removeprefix("path:")).expanduser()
        if rest == "path:" or not path.is_dir():
            raise _no_lane(
                text, f"{path} is not a folder", "write the folder of a checkout of the SDK"
            )
        return Lane(manifest=manifest, path=path)
    version, *pinned = rest.split("+")
    if not re.fullmatch(r"\d+(\.\d+)*[A-Za-z0-9.-]*", version):
        raise _no_lane(
            text,
            f"{rest!r} is not a version",
            f"write a version such as {name}@{manifest.sdk_version}, a range such as {name}@all, "
            f"or {name}@path:DIR",
        )
    return Lane(manifest=manifest, version=version, pins=_pins(text, pinned))


def _pins(lane: str, words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The pinned dependencies, ordered by name. lane: as it was written, for the message."""
    pins: dict[str, str] = {}
    for word in words:
        name, equals, version = word.partition("=")
        is_pin = re.fullmatch(r"[A-Za-z0-9][\w.:/-]*", name) and re.fullmatch(r"\w[\w.-]*", version)
        if not equals or not is_pin or name in pins:
            raise _no_lane(
                lane,
                f"{word!r} pins no dependency, or one that is pinned already",
                "write +NAME=VERSION after the version of the SDK, each name once",
            )
        pins[name] = version
    return tuple(sorted(pins.items()))


def _no_lane(text: str, rule: str, remedy: str) -> SelectionError:
    return SelectionError(source="--lane", place=text, rule=rule, remedy=remedy)


def _wrong(path: Path, place: str, rule: str, remedy: str) -> ManifestError:
    return ManifestError(source=str(path), place=place, rule=rule, remedy=remedy)
