"""Runs the steps of a job of GitHub Actions on this machine, with the variables that GitHub sets.

Only what the workflows of this project use: composite actions, `run` in bash, artifacts, outputs,
matrix values, and the conditions `always()` and `!cancelled()`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.assets import PACKAGE

ROOT = PACKAGE.parent
ACTION = ROOT / "action.yml"
_BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_LIMIT = 300  # seconds for one step


def read(path: Path) -> dict[str, Any]:
    """A workflow or action; `on` is the key True, as YAML 1.1 reads it."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A runner of GitHub: a workspace, a place for artifacts, and what steps have written."""

    workspace: Path
    temporary: Path
    artifacts: Path
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)  # of steps, by id
    log: list[str] = field(default_factory=list)  # what each step printed

    @property
    def summary(self) -> str:
        """The step summaries of the job."""
        path = self.temporary / "summary"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def job(self, steps: list[dict[str, Any]], **contexts: Mapping[str, Any]) -> bool:
        """Run steps; whether all succeeded. contexts: `inputs`, `matrix`."""
        passed = True
        for step in steps:
            if _runs(step.get("if"), passed=passed, contexts=contexts):
                passed = self._step(step, contexts) and passed
        return passed

    def _step(self, step: dict[str, Any], contexts: Mapping[str, Mapping[str, Any]]) -> bool:
        where = {**contexts, "steps": self.outputs, "github": {"action_path": str(ROOT)}}
        given = {name: _filled(text, where) for name, text in step.get("with", {}).items()}
        used = step.get("uses", "")
        if "/oss-bodies-conformance@" in used or used == "./":
            return self._action(step.get("id"), given)
        if used.startswith("actions/upload-artifact@"):
            source = self.workspace / given["path"]
            if source.is_dir():
                shutil.copytree(source, self.artifacts / given["name"])
        elif used.startswith("actions/download-artifact@"):
            for found in self.artifacts.glob(given["pattern"]):
                shutil.copytree(found, self.workspace / given["path"] / found.name)
        elif not used:
            environment = {name: _filled(text, where) for name, text in step.get("env", {}).items()}
            return self._run(step.get("id"), _filled(step["run"], where), environment)
        return True

    def _action(self, identity: str | None, given: Mapping[str, str]) -> bool:
        """Run this project's action; its outputs become those of the step."""
        action = read(ACTION)
        unknown = given.keys() - action["inputs"].keys()
        assert not unknown, f"the action has no input {unknown}"
        inputs = {name: one["default"] for name, one in action["inputs"].items()}
        inputs.update(given)
        inside = Machine(
            workspace=self.workspace, temporary=self.temporary, artifacts=self.artifacts
        )
        passed = inside.job(action["runs"]["steps"], inputs=inputs)
        self.log.extend(inside.log)
        if identity is not None:
            where = {"steps": inside.outputs}
            found = ((name, one["value"]) for name, one in action["outputs"].items())
            self.outputs[identity] = {name: _filled(text, where) for name, text in found}
        return passed

    def _run(self, identity: str | None, script: str, environment: Mapping[str, str]) -> bool:
        written = self.temporary / "output"
        written.write_text("")
        done = subprocess.run(
            [*_BASH, script],
            cwd=self.workspace, capture_output=True, text=True, check=False, timeout=_LIMIT,
            env={
                **os.environ, "CI": "true", "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(written),
                "GITHUB_STEP_SUMMARY": str(self.temporary / "summary"),
                "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temporary),
                "PATH": f"{self.temporary / 'bin'}:{os.environ['PATH']}",
                **environment,
            },
        )  # fmt: skip
        self.log.append(done.stdout + done.stderr)
        if identity is not None:
            lines = (line.partition("=") for line in written.read_text().splitlines())
            self.outputs[identity] = {name: value for name, _, value in lines}
        return done.returncode == 0


def installed(folder: Path) -> Machine:
    """A machine that has this package: pip installs nothing there."""
    machine = fresh(folder)
    tools = machine.temporary / "bin"
    tools.mkdir()
    for name in ("pip", "python3"):
        (tools / name).write_text("#!/bin/sh\nexit 0\n")
        (tools / name).chmod(0o755)
    here = machine.temporary / "oss-bodies" / "bin"
    here.mkdir(parents=True)
    python = f'exec "{sys.executable}"'
    for name, command in (
        ("oss-bodies", f'{python} -m conformance "$@"'),
        ("python", f'[ "$1 $2" = "-m pip" ] || {python} "$@"'),
    ):
        (here / name).write_text(f"#!/bin/sh\n{command}\n")
        (here / name).chmod(0o755)
    (tools / "oss-bodies").symlink_to(here / "oss-bodies")
    return machine


def fresh(folder: Path) -> Machine:
    """A machine that has nothing but what this one has."""
    places = [folder / name for name in ("workspace", "temporary", "artifacts")]
    for place in places:
        place.mkdir()
    return Machine(workspace=places[0], temporary=places[1], artifacts=places[2])


def _runs(condition: str | None, *, passed: bool, contexts: Mapping[str, Any]) -> bool:
    """Whether a step with this condition runs."""
    if condition is None:
        return passed
    parts = condition.removeprefix("${{").removesuffix("}}").strip().split(" && ")
    after_failure = parts[0] in ("always()", "!cancelled()")
    rest = parts[1:] if after_failure else parts
    for part in rest:
        name, _, wanted = part.partition(" != ")
        if _value(name, contexts) == wanted.strip("'"):
            return False
    return passed or after_failure


def _filled(text: Any, contexts: Mapping[str, Any]) -> str:
    return _EXPRESSION.sub(lambda match: _value(match[1], contexts), str(text))


def _value(name: str, contexts: Mapping[str, Any]) -> str:
    found: Any = contexts
    for part in name.replace(".outputs.", ".").split("."):
        found = found.get(part, "") if isinstance(found, Mapping) else ""
    return str(found)
