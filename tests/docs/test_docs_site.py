"""The site builds strictly, fetches nothing, and has a page for each rule."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from judge.rule_examples import examples

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    built = subprocess.run(
        [*words, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_every_rule_has_a_page_that_says_what_why_and_that_it_can_fail(site: Path) -> None:
    for example in examples():
        page = (site / "rules" / example.rule / "index.html").read_text(encoding="utf-8")
        for heading in ("Why it matters", "A finding", "It can fail"):
            assert heading in page, example.rule
        assert re.search(r"<em>(An invariant|The expectation|Checked in every)", page), example.rule


@pytest.mark.slow
def test_a_page_of_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]+)"', text)
        loaded += re.findall(r'<link[^>]* rel="(?:stylesheet|preload)"[^>]* href="([^"]+)"', text)
        assert not [address for address in loaded if re.match(r"(https?:)?//", address)], page
