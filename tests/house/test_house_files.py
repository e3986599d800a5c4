"""The rules of the house that concern files: schemas, leaks, what a wheel carries."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
from longest_first import LONGEST, UNSHARED

from conformance.assets import RUNNERS, SCHEMAS
from conformance.model import case, message
from conformance.model.limits import BODY_BYTES

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def schema(name: str) -> dict[str, object]:
    data: dict[str, object] = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return data


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_a_valid_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_object_of_a_schema_is_closed(path: Path) -> None:
    def walk(node: object, place: str) -> None:
        if isinstance(node, list):
            for number, item in enumerate(node):
                walk(item, f"{place}/{number}")
        elif isinstance(node, dict):
            if "properties" in node and "if" not in node and not place.endswith("/if"):
                closed = "additionalProperties" in node or place == "" or "/allOf/" in place
                assert closed or place.endswith("/else"), place
            for key, item in node.items():
                walk(item, f"{place}/{key}")

    walk(json.loads(path.read_text()), "")


@pytest.mark.parametrize(
    "path", sorted(RUNNERS.rglob("manifest.json")), ids=lambda p: p.parent.name
)
def test_every_manifest_keeps_to_its_schema(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_text()), schema("manifest"))


def test_the_input_of_a_case_is_what_the_vector_schema_names() -> None:
    definitions = schema("vectors")["$defs"]
    assert isinstance(definitions, dict)
    assert set(definitions["input"]["properties"]) == set(case.Input.__dataclass_fields__)


def test_the_longest_repetition_is_the_largest_body() -> None:
    named = json.dumps(schema("vectors"))
    assert f'"maximum": {BODY_BYTES}}}' in named


def test_the_failure_of_an_answer_is_what_the_answer_schema_names() -> None:
    definitions = schema("answer")["$defs"]
    assert isinstance(definitions, dict)
    named = definitions["error"]["properties"]["error"]["properties"]
    assert set(named) == set(message.Failure.__dataclass_fields__)


def test_a_call_command_has_the_fields_that_the_command_schema_names() -> None:
    keys = case.Credentials(access_key_id="id", access_key_secret="secret")
    given = case.Input(
        action="image/bodies", parameters=(("sen", 50),), process=None, sign="header", program=None,
        endpoint="https://oss-cn-hangzhou.aliyuncs.com", region=None,
        bucket="b", key="k", version_id=None, signature=None,
        credentials=keys, addressing=None, client="fresh", connect_timeout=None, read_timeout=1,
    )  # fmt: skip
    jsonschema.validate(message.call(given, seq=1, proxy=None), schema("command"))


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    leak = re.compile(r"(^|[^A-Za-z0-9_.-])/(work|root|farm|home/[a-z]+)/|/tmp/(bash|venv|sdks)")
    leaks = []
    for path in tracked():
        if path.suffix in {".json", ".png"} and "vectors" not in path.parts:
            continue
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if path != Path(__file__) and leak.search(text):
            leaks.append(path.name)
    assert leaks == []


@pytest.mark.slow
def test_the_wheel_carries_what_the_checkout_has_and_no_more(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    places = {"conformance": "conformance", **{
        name: f"conformance/_data/{name}" for name in ("vectors", "schemas", "runners")
    }}  # fmt: skip
    wanted = set()
    for path in tracked():
        top, *rest = path.relative_to(ROOT).parts
        if top in places and path.is_file():
            wanted.add("/".join([places[top], *rest]))
    assert carried == wanted


def test_ci_and_the_guides_name_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    texts = [ROOT / ".ci/run", ROOT / "CONTRIBUTING.md", *ROOT.glob(".github/workflows/*.yml")]
    named = {
        (path.name, target)
        for path in texts
        for target in re.findall(r"(?m)(?:^\s*|`|run: )make ([a-z][a-z-]*)", path.read_text())
    }
    assert {("run", "ci-run"), ("run", "lint")} <= named
    assert {one for one in named if one[1] not in targets} == set()


@pytest.mark.parametrize("name", sorted({*LONGEST, *UNSHARED}))
def test_a_file_that_starts_early_exists(name: str) -> None:
    assert (ROOT / name).is_file()
