"""Runner folders of the fakes, for `oss-bodies run --runner DIR` and for tests.

A fake is a manifest that names a program of this folder and, as an argument, what it does.
"""

import json
import shutil
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
    made = folder / kind
    shutil.copytree(REFERENCE, made, ignore=shutil.ignore_patterns("__pycache__"))
    manifest: dict[str, Any] = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    del manifest["$schema"]
    manifest["name"] = kind
    manifest["environment"]["PYTHONPATH"] = str(HERE.parent)
    manifest["capabilities"] += DEFECTS[kind].can if kind in DEFECTS else ()
    for program, kinds in PROGRAMS.items():
        if kind in kinds:
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
    text = json.dumps(manifest, indent=2) + "\n"
    (made / "manifest.json").write_text(text, encoding="utf-8")
    return made
