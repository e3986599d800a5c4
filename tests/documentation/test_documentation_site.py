"""The documentation as a site: it builds without a warning, and has a page for every rule."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.assets import PACKAGE

ROOT = PACKAGE.parent
FAMILIES = "process|auth|transport|naming|bodies|errors|samples|program"


def rules_in_code() -> set[str]:
    """Every text of the judge that has the form of a rule's name."""
    named = re.compile(rf"(?:{FAMILIES})\.[a-z]+(?:-[a-z]+)*")
    trees = (ast.parse(path.read_text()) for path in (PACKAGE / "judge").rglob("*.py"))
    constants = (
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    texts = (node.value for node in constants if isinstance(node.value, str))
    return {text for text in texts if named.fullmatch(text)}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        found: dict[str, str] = importlib.import_module("rule_pages").pages()
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return found


def test_every_rule_of_the_judge_has_a_page(pages: dict[str, str]) -> None:
    named = {Path(name).stem for name in pages} - {"index"}
    assert named == rules_in_code()
    assert len(named) > 40


def test_a_page_says_why_the_rule_matters_and_shows_a_finding(pages: dict[str, str]) -> None:
    page = pages["rules/process.string.md"]
    assert "The service acts on this string and so does not do what was requested." in page
    assert re.search("- expected: `.*image/bodies,sen_50.*`\n- got: ", page)
    assert "Level: required." in page
    assert "Level: recommended." in pages["rules/program.output.md"]
    assert "[`process.string`](process.string.md) | The service acts" in pages["rules/index.md"]


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "site" / "runner.html").read_text(encoding="utf-8")
    assert "OSS4-HMAC-SHA256" in re.sub("<[^>]*>", "", text)
    fetched = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?://[^\"]*)", text)
    assert fetched == []
