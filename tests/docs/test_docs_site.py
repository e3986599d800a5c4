"""The site builds strictly, fetches nothing, and has a page for each rule."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.assets import PACKAGE
from conformance.judge.rule_names import RULE_NAMES

ROOT = PACKAGE.parent


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The generated pages by their paths."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        found: dict[str, str] = importlib.import_module("rule_pages").pages()
    return found


def test_every_rule_of_the_judge_has_a_page(pages: dict[str, str]) -> None:
    named = {Path(name).stem for name in pages if name.startswith("rules/")} - {"index"}
    assert named == RULE_NAMES


def test_a_page_says_what_the_rule_demands_why_and_that_it_can_fail(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        if name.startswith("rules/") and name != "rules/index.md":
            for heading in ("## Why it matters", "## A finding", "## It can fail"):
                assert heading in text, name
            demands = r"\*(An invariant|The expectation|Checked in every)"
            assert re.search(demands, text), name


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(
    tmp_path: Path,
) -> None:
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    built = subprocess.run(
        [*words, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]+)"', text)
        loaded += re.findall(r'<link[^>]* rel="(?:stylesheet|preload)"[^>]* href="([^"]+)"', text)
        assert not [address for address in loaded if re.match(r"(https?:)?//", address)], page
