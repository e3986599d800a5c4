"""A real browser for the tests of report.html: the Chromium that is installed, driven by
Playwright, which downloads nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report.page_shown import PAGE

from conformance.results.writer import write_output


@pytest.fixture(scope="module")  # its event loop runs in this thread until it is closed
def chromium() -> Iterator[Any]:
    """The browser; a test that needs it is skipped if there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a run writes it."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_output(path, PAGE)
    return path


class Opened:
    """The page in a browser, with what it complained about and what it wanted to fetch."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # of a busy machine; it takes 0.1 s
        self.complaints: list[str] = []
        self.fetched: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.address = path.as_uri()
        self.go("#/")

    def go(self, hash_: str) -> None:
        """Open the page at an address, as from a link elsewhere."""
        self.page.goto("about:blank")
        self.page.goto(self.address + hash_)

    def texts(self, selector: str) -> list[str]:
        """The visible texts of all elements."""
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]


@pytest.fixture
def opened(chromium: Any, written: Path) -> Iterator[Any]:
    """The page, opened; at the end it has complained about nothing and fetched nothing."""
    one = Opened(chromium, written, viewport={"width": 1400, "height": 900})
    yield one
    one.context.close()
    assert one.complaints == []
    assert {url.split("#")[0] for url in one.fetched} <= {one.address, "about:blank"}


@pytest.fixture
def opening(chromium: Any, written: Path) -> Iterator[Any]:
    """Opens the page with options of the browser's context."""
    contexts = []

    def open_with(**options: Any) -> Opened:
        one = Opened(chromium, written, **options)
        contexts.append(one.context)
        return one

    yield open_with
    for context in contexts:
        context.close()
