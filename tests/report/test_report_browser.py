"""report.html in a real browser: addresses, filters, keyboard, colours, print, accessibility."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from report.page_shown import GO, ODD, PYTHON, SIDE

from conformance.report.sections import PASSED_MEANS
from conformance.report.wording import SOURCES

pytestmark = pytest.mark.browser
AXE = "axe-core@4"  # from the npm registry, when it answers; never part of the repository
VIEWS = (
    "#/",
    "#/cases?open=process%2Fsen",
    f"#/case/{SIDE}",
    f"#/case/{ODD}",
    "#/behaviour",
    "#/time",
)


def rows(opened: Any) -> list[str]:
    return [text.split("\n")[0] for text in opened.texts("#matrix .case-row th")]


def test_the_first_screen_has_a_card_for_each_lane_with_its_counts(opened: Any) -> None:
    cards = opened.texts(".card")
    assert len(cards) == 5
    assert "Not run: javac is not on this machine" in cards[0]
    assert "new failures\n2" in cards[2]


def test_a_count_of_a_card_opens_the_cases_that_it_counts(opened: Any) -> None:
    opened.page.locator(".card:has(.lane-name:text-is('php')) .counts a").first.click()
    assert "lane=php%402.7.0&outcome=FAIL" in opened.page.url
    assert rows(opened) == ["50"]


def test_the_count_of_passed_opens_as_many_cases_as_it_says(opened: Any) -> None:
    link = opened.page.locator(".card:has(.lane-name:text-is('go')) [data-word=pass] a")
    count = link.inner_text()
    link.click()
    assert "outcome=pass" in opened.page.url
    assert opened.texts("#found") == [f"{count} of 15 cases"]
    assert "note" in opened.page.locator("#filters [value=pass]").inner_text()


def test_the_first_screen_says_what_passed_means(opened: Any) -> None:
    assert PASSED_MEANS in opened.page.locator("#overview").inner_text()


def test_a_known_cause_says_what_it_breaks_with_a_link_to_its_source(opened: Any) -> None:
    cell = opened.page.locator(".causes td:nth-child(2)").first
    assert cell.inner_text().startswith("process.string (required) documentation: ")
    assert cell.locator("a").get_attribute("href").endswith("/user-guide/body-detection")


def test_each_kind_of_source_is_explained_below_the_table_of_cases(opened: Any) -> None:
    opened.go("#/cases")
    assert opened.texts("#cases h2 + .legend dt") == [kind.value for kind in SOURCES]


def test_a_link_with_filters_shows_what_its_sender_saw(opened: Any) -> None:
    opened.go("#/cases?lane=go%403.0.2&outcome=FAIL&q=sen")
    assert rows(opened) == ["50"]
    assert opened.page.locator("[name=q]").input_value() == "sen"
    assert opened.page.locator("[name=outcome]").input_value() == "FAIL"
    assert opened.texts("#found") == ["1 of 15 cases"]


def test_a_filter_changes_the_address_and_the_back_button_undoes_it(opened: Any) -> None:
    opened.go("#/cases")
    opened.page.select_option("[name=outcome]", "skip")
    assert rows(opened) == ["other-object", "signed"]
    assert opened.page.url.endswith("#/cases?outcome=skip")
    opened.page.check("[name=differs]")
    assert rows(opened) == []
    opened.page.go_back()
    assert rows(opened) == ["other-object", "signed"]
    opened.page.go_back()
    assert opened.texts("#found") == ["15 of 15 cases"]
    assert opened.page.locator("[name=outcome]").input_value() == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("family=errors", ["markup", "ec"]),
        ("claim=recommended", ["a-very-long-name-of-a-case-that-nobody-shortened"]),
        ("differs=1", ["50"]),
        ("alone=1", []),
        ("lane=java%403.17.4&outcome=FAIL", []),
        ("q=image%252Fbodies+nothing", []),
    ],
)
def test_each_filter_selects(opened: Any, query: str, found: list[str]) -> None:
    opened.go(f"#/cases?{query}")
    assert rows(opened) == found


def test_a_topic_opens_to_its_cases_and_stays_open_after_a_visit(opened: Any) -> None:
    opened.go("#/cases")
    assert rows(opened) == []
    opened.page.get_by_role("button", name="sen", exact=True).click()
    assert rows(opened) == ["0", "1", "9", "10", "50", "100"]
    opened.page.locator(".case-row a", has_text="50").click()
    assert opened.page.url.endswith(f"#/case/{SIDE}")
    opened.page.go_back()
    assert rows(opened) == ["0", "1", "9", "10", "50", "100"]


def test_a_case_has_its_own_address_with_the_requests_side_by_side(opened: Any) -> None:
    opened.go(f"#/case/{SIDE}")
    assert opened.texts("#case h1") == ["A sensitivity of 50 arrives as it was asked for."]
    first = opened.page.locator(".compare").first
    assert first.locator("thead th").count() == 4
    line = first.locator("tbody tr").first
    assert line.locator("td").nth(1).locator("mark").all_inner_texts() == ["52"]
    assert line.locator("td").nth(3).locator("mark").count() == 0


def test_only_lines_that_differ_can_be_shown(opened: Any) -> None:
    opened.go(f"#/case/{SIDE}?only=1&with=go%403.0.2")
    shown = opened.page.locator(".compare").first.locator("tbody tr:visible th").all_inner_texts()
    assert [text.split("\n")[0] for text in shown] == ["request line"]
    line = opened.page.locator(".compare").first.locator("tbody tr").first
    assert line.locator("td").nth(1).locator("mark").count() == 0
    assert line.locator("td").nth(0).locator("mark").count() == 1 or "2C" in line.inner_text()


def test_the_command_of_a_failing_lane_can_be_copied(opening: Any) -> None:
    opened = opening(permissions=["clipboard-read", "clipboard-write"])
    opened.go(f"#/case/{SIDE}")
    command = opened.page.locator("#case .copyable", has_text=f"--lane {GO}").first
    command.get_by_role("button", name="Copy").click()
    command.get_by_role("button", name="Copied").wait_for()
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"oss-bodies run --lane {GO} --case {SIDE} --in host --out oss-bodies-repeat"


def test_markup_in_an_answer_stays_text(opened: Any) -> None:
    opened.go(f"#/case/{ODD}")
    assert "<img src=x onerror=alert(1)>" in opened.page.locator("h1:visible").inner_text()
    assert opened.page.title() != "owned"
    assert opened.page.locator("img, script").count() == 2


def test_an_unknown_case_says_so(opened: Any) -> None:
    opened.go("#/case/no/such/case")
    assert "No such case" in opened.texts("#case h1")


def test_dark_follows_the_system_and_the_button(opening: Any) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    dark = opening(color_scheme="dark")
    assert dark.page.evaluate(background) == "rgb(20, 23, 27)"
    dark.page.click("#theme")
    assert dark.page.evaluate(background) == "rgb(255, 255, 255)"
    assert opening(color_scheme="light").page.evaluate(background) == "rgb(255, 255, 255)"


def test_the_keyboard_reaches_the_filter_a_topic_and_a_case(opened: Any) -> None:
    page = opened.page
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.name === 'q'")
    page.keyboard.type("sen/5")
    assert rows(opened) == ["50"]
    page.locator(".case-row a").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert "#/case/process/sen/50" in page.url


def test_a_toggled_topic_keeps_the_focus(opened: Any) -> None:
    opened.go("#/cases")
    opened.page.get_by_role("button", name="sen", exact=True).focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.textContent") == "sen"
    assert opened.page.evaluate("document.activeElement.ariaExpanded") == "true"


@pytest.mark.parametrize("width", [360, 768, 1400, 2200])
def test_no_view_is_wider_than_the_window(opening: Any, width: int) -> None:
    opened = opening(viewport={"width": width, "height": 800})
    for view in VIEWS:
        opened.go(view)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_a_printed_page_has_no_controls_and_everything_open(opened: Any) -> None:
    opened.go("#/behaviour")
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("nav[aria-label=Views]").is_visible()
    assert opened.page.locator("#behaviour details[open]").count() == 0
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("#behaviour details:not([open])").count() == 0
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("#behaviour details[open]").count() == 0
    assert opened.page.pdf()[:5] == b"%PDF-"


def test_without_javascript_the_first_screen_is_there(opening: Any) -> None:
    opened = opening(java_script_enabled=False)
    assert "need JavaScript" in opened.page.locator("main").inner_text()
    assert opened.page.locator(".card").count() == 5


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine")
    folder = tmp_path_factory.mktemp("axe")
    words = ["npm", "pack", AXE, "--silent"]
    try:
        packed = subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.skip("no npm registry answers within 60 s")
    if packed.returncode:
        pytest.skip("no npm registry serves axe-core")
    (archive,) = Path(folder).glob("*.tgz")
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as files:
        script = files.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opening: Any, axe: str, scheme: str) -> None:
    opened = opening(color_scheme=scheme, bypass_csp=True)
    for view in VIEWS:
        opened.go(view)
        opened.page.evaluate(axe)
        found = opened.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        shown = [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found]
        assert shown == [], view


def test_the_lane_of_a_known_failure_is_named(opened: Any) -> None:
    opened.go(f"#/case/{ODD}")
    assert f"on {PYTHON}" in opened.page.locator("h2:text('Known failures') + article").inner_text()
