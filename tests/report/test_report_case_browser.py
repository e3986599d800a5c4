"""The page of one case in a real browser: which requests are open and what is marked."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report.conftest import Opened
from report.page_shown import GO, REPORT, SIDE, content, evidence, exchange, transcript
from report.run_shown import STRING

from conformance.model.http import Journal
from conformance.model.verdict import Transcript
from conformance.report.html.page import page
from conformance.results.writer import write_output

pytestmark = pytest.mark.browser
Opening = Callable[..., Any]


@pytest.fixture
def opening_case(chromium: Any, tmp_path: Path) -> Iterator[Opening]:
    """Opens the page of `SIDE` with these transcripts, and with its findings at `where`."""
    opened = []

    def open_with(*trials: Transcript, where: str = STRING.where, **options: Any) -> Any:
        findings = (replace(STRING, where=where),)
        verdicts = tuple(
            replace(one, findings=findings) if one.case == SIDE and one.findings else one
            for one in REPORT.verdicts
        )
        path = tmp_path / f"{len(opened)}.html"
        write_output(path, page(replace(REPORT, verdicts=verdicts), evidence(trials)))
        one = Opened(chromium, path, **options)
        opened.append(one)
        one.go(f"#/case/{SIDE}")
        return one

    yield open_with
    for one in opened:
        one.context.close()
        assert one.complaints == []


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("request 2: connection", [False, True, False]),
        ("turn 1, requests 2, 3: connection", [False, True, True]),
        ("turn 2, request 2: connection", [True, False, False]),
        ("answer", [True, False, False]),
    ],
)
def test_the_requests_that_a_finding_names_are_open(
    opening_case: Opening, where: str, shown: list[bool]
) -> None:
    three = [exchange(f"/{number}") for number in range(3)]
    opened = opening_case(transcript(SIDE, GO, content(), *three), where=where)
    requests = opened.page.locator("#case details:has(> summary:text-matches('^Request'))")
    assert [one.get_attribute("open") is not None for one in requests.all()] == shown


def test_what_the_proxy_was_asked_and_answered_is_among_the_requests(opening_case: Opening) -> None:
    login = "Authorization: Basic dTpw"
    sent = exchange("/", login, status="407 Proxy Authentication Required", body=b"<html>")
    asked = replace(sent, received=sent.received.replace(b"GET /", b"CONNECT b.example:443"))
    asked = replace(asked, via="proxy", scheme="http")
    trial = transcript(SIDE, GO, content())
    journal = Journal(proxy=(asked,), strays=(replace(asked, received=b"CONNECT early"),))
    trial = replace(trial, turns=(replace(trial.turns[0], journal=journal),))
    opened = opening_case(trial)
    assert "No request reached the server." in opened.texts("#case p")
    assert opened.texts("#case h3:text('to the proxy')") == [
        "Request 1 to the proxy",
        "Request 2 to the proxy",
    ]
    shown = "\n".join(opened.texts("#case .compare"))
    for part in ("CONNECT early", "CONNECT b.example:443 HTTP/1.1", login, "407 Proxy", "<html>"):
        assert part in shown
    assert not opened.texts("#case h3:text('Also seen')")
