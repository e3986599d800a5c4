"""A runner of a made-up SDK with several releases, some of them with a defect.

`write_releases` makes the folder. Its list of versions and its build need no network.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from fakes.build import HERE, REFERENCE
from fakes.reference import runner
from fakes.twist import install
from fakes.wrong import DEFECTS

UNBUILDABLE = "unbuildable"

_MANIFEST = {
    "name": "released",
    "sdk": {"package": "fake", "version": "1.0.0"},
    "releases": {"list": "versions.sh", "order": "semver", "minimum": "1.0.0"},
    "build": "build.sh",
    "run": ["{python}", "{home}/main.py"],
}


def write_releases(folder: Path, releases: Mapping[str, str | None]) -> Path:
    """Make the runner's folder below `folder` and return it.

    releases: version -> its defect (of `wrong.py`, or UNBUILDABLE); None: it has none.
    """
    made = folder / "released"
    shutil.copytree(REFERENCE, made, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8")) | _MANIFEST
    del manifest["$schema"]
    manifest["environment"]["PYTHONPATH"] = str(HERE.parent)
    (made / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    lines = "".join(f"echo {version}\n" for version in releases)
    (made / "versions.sh").write_text(lines, encoding="utf-8")
    build = ['mkdir -p "$1"', "case $2 in"]
    for version, defect in releases.items():
        program = f"from fakes.releases import main; main({version!r}, {defect!r})"
        command = f'echo "{program}" >"$1/main.py"'
        build.append(f"{version}) {'exit 9' if defect == UNBUILDABLE else command} ;;")
    build += ["*) echo no such version >&2; exit 1 ;;", "esac"]
    (made / "build.sh").write_text("\n".join(build) + "\n", encoding="utf-8")
    return made


def main(version: str, defect: str | None) -> None:
    """Be the runner of one version."""
    if defect is not None:
        install(DEFECTS[defect], runner)
    started = runner.started() | {"runner": "released", "sdk": {"name": "fake", "version": version}}
    runner.started = lambda: started
    runner.main()
