"""Runner folders of the fakes, for `oss-bodies run --runner DIR` and for tests.

A fake is a manifest that names a program of this folder and, as an argument, what it does.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from fakes.harmless import FREEDOMS
from fakes.rogue import ASKED, ROGUES
from fakes.wrong import DEFECTS

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
PROGRAMS = {"wrong": tuple(DEFECTS), "harmless": tuple(FREEDOMS), "rogue": tuple(ROGUES)}
KINDS = ("reference", *ROGUES, *DEFECTS, *FREEDOMS)


def write_runner(folder: Path, *, kind: str, seconds: float = 1.0) -> Path:
    """Make a runner folder below `folder` and return it.

    kind: one of KINDS, and the name of the lane. seconds: how long the slow one takes.
    """
    made = folder / kind
    if kind == "reference":
        shutil.copytree(REFERENCE, made, ignore=shutil.ignore_patterns("__pycache__"))
        manifest: dict[str, Any] = json.loads((made / "manifest.json").read_text())
    else:
        made.mkdir(parents=True)
        manifest = json.loads((REFERENCE / "manifest.json").read_text())
        (program,) = (program for program, kinds in PROGRAMS.items() if kind in kinds)
        manifest["run"] = ["{python}", "-m", f"fakes.{program}", "--name", kind]
        manifest["environment"]["PYTHONPATH"] = str(HERE.parent)
        if program == "rogue":
            manifest["run"] += ["--seconds", str(seconds)]
        if kind == "another-version":
            manifest["sdk"] = {"package": "fake", "version": ASKED}
    del manifest["$schema"]
    manifest["name"] = kind
    (made / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return made
