"""Runner folders of the fakes, for `oss-bodies run --runner DIR` and for tests.

A fake is a manifest that names a program of this folder and, as an argument, what it does.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakes.harmless import FREEDOMS
from fakes.rogue import ASKED, ROGUES
from fakes.sample import SAMPLES
from fakes.subtle import SUBTLE
from fakes.wrong import DEFECTS

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
PROGRAMS = {
    "wrong": tuple(DEFECTS),
    "subtle": tuple(SUBTLE),
    "harmless": tuple(FREEDOMS),
    "rogue": tuple(ROGUES),
}
SAMPLE = """from fakes.sample import main

main()
"""
KINDS = ("reference", *ROGUES, *DEFECTS, *SUBTLE, *FREEDOMS, *SAMPLES)


def write_runner(folder: Path, *, kind: str, seconds: float = 1.0) -> Path:
    """Make a runner folder below `folder` and return it.

    kind: one of KINDS, and the name of the lane. seconds: how long the slow one takes.
    """
    made, manifest = _reference(folder, kind)
    manifest["capabilities"] += DEFECTS[kind].can if kind in DEFECTS else ()
    if (program := program_of(kind)) is not None:
        manifest["run"] = ["{python}", "-m", f"fakes.{program}", "--name", kind]
    if kind in ROGUES:
        manifest["run"] += ["--seconds", str(seconds)]
    if kind == "another-version":
        manifest["sdk"] = {"package": "fake", "version": ASKED}
    if kind in SAMPLES:
        source = made / "runner.py"
        me = source.read_text(encoding="utf-8").replace('"reference", "lang', f'"{kind}", "lang')
        source.write_text(me, encoding="utf-8")
        run = ["{python}", "{source}", "--name", kind]
        (made / "sample.py").write_text(SAMPLE, encoding="utf-8")
        manifest["program"] = {"compile": None, "run": run, "host_mode": True}
        manifest["sample"] = "sample.py"
    return _written(made, manifest)


def write_turns(folder: Path, *, name: str, cases: Mapping[str, int]) -> Path:
    """Make the folder of a runner that is kinds of one program in turn, and return it.

    name: of the lane. cases: how many cases each kind gets before the next takes its place.
    """
    made, manifest = _reference(folder, name)
    (program,) = {program_of(kind) for kind in cases}
    turns = [word for kind, count in cases.items() for word in ("--turn", kind, str(count))]
    manifest["run"] = ["{python}", "-m", f"fakes.{program}", "--name", name, *turns]
    return _written(made, manifest)


def program_of(kind: str) -> str | None:
    """The module of a kind; None for the reference runner and samples."""
    return next((program for program, kinds in PROGRAMS.items() if kind in kinds), None)


def _reference(folder: Path, name: str) -> tuple[Path, dict[str, Any]]:
    """The folder of the reference runner under another name, and its manifest to be written."""
    made = folder / name
    shutil.copytree(REFERENCE, made, ignore=shutil.ignore_patterns("__pycache__"))
    manifest: dict[str, Any] = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    del manifest["$schema"]
    manifest["name"] = name
    manifest["environment"]["PYTHONPATH"] = str(HERE.parent)
    return made, manifest


def _written(made: Path, manifest: dict[str, Any]) -> Path:
    text = json.dumps(manifest, indent=2) + "\n"
    (made / "manifest.json").write_text(text, encoding="utf-8")
    return made
