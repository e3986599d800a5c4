"""The page of one case in a real browser: which requests are open and what is marked."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report.conftest import Opened
from report.page_shown import (
    GO,
    PYTHON,
    REPORT,
    REST,
    SIDE,
    content,
    evidence,
    exchange,
    transcript,
)
from report.run_shown import STRING

from conformance.corpus.known_failing import KnownEntry, KnownList
from conformance.model.case import Provenance, Source
from conformance.model.http import Journal
from conformance.model.verdict import Finding, Transcript
from conformance.report.html.page import page
from conformance.report.wording import DERIVED_MEANS
from conformance.results.writer import write_output

pytestmark = pytest.mark.browser
Opening = Callable[..., Any]


@pytest.fixture
def opening_case(chromium: Any, tmp_path: Path) -> Iterator[Opening]:
    """Opens the page of `SIDE` with these transcripts, and with this finding."""
    opened: list[Any] = []

    def open_with(
        *trials: Transcript,
        finding: Finding = STRING,
        known: KnownList | None = None,
        **options: Any,
    ) -> Any:
        verdicts = tuple(
            replace(one, findings=(finding,), known_failing="a reason" if known else None)
            if one.case == SIDE and one.findings
            else one
            for one in REPORT.verdicts
        )
        report = replace(REPORT, verdicts=verdicts, lists=(known,) if known else ())
        path = tmp_path / f"{len(opened)}.html"
        write_output(path, page(report, evidence(trials)))
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
        ("call 1, requests 2, 3: connection", [False, True, True]),
        ("call 2, request 2: connection", [True, False, False]),
        ("answer", [True, False, False]),
    ],
)
def test_the_requests_that_a_finding_names_are_open(
    opening_case: Opening, where: str, shown: list[bool]
) -> None:
    three = [exchange(f"/{number}") for number in range(3)]
    opened = opening_case(
        transcript(SIDE, GO, content(), *three), finding=replace(STRING, where=where)
    )
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


def test_what_every_request_has_of_its_own_is_not_marked(opening_case: Opening) -> None:
    def sent(lane: str, day: int, **capital: str) -> Transcript:
        date = capital.get("date", "Date")
        signed = f"OSS4-HMAC-SHA256 Credential=AK/2026112{day}/r/oss/x,Signature={str(day) * 64}"
        fields = (f"{date}: Sun, 2{day} Nov 2026 03:23:5{day} GMT", f"Authorization: {signed}")
        url = f"/?x-oss-date=2026112{day}T000000Z&x-oss-signature={str(day) * 64}&x=1"
        own = (f"User-Agent: {lane}", f"x-oss-request-id: {str(day) * 24}")
        return transcript(SIDE, lane, content(b""), exchange(url, *fields, *own, body=b""))

    opened = opening_case(sent(PYTHON, 1), sent(GO, 2, date="date"), sent(REST, 3))
    assert opened.page.locator("#case .compare tr[data-differs]").count() == 0
    assert opened.texts("#case .compare mark") == []
    assert "User-Agent: rest" in opened.page.locator("#case .compare").first.inner_text()


def test_a_line_is_marked_from_the_first_to_the_last_character_that_differs(
    opening_case: Opening,
) -> None:
    opened = opening_case(
        transcript(SIDE, PYTHON, content(b""), exchange("/one-two-three", "Accept: a")),
        transcript(SIDE, GO, content(b"x"), exchange("/Xne-two-threX", "accept: a")),
    )
    assert opened.texts("#case .compare mark")[:1] == ["Xne-two-threX"]
    first = opened.page.locator("#case .compare").first
    assert first.locator("tr[data-differs]").count() == 1


def test_where_a_lane_has_less_than_the_other_is_marked(opening_case: Opening) -> None:
    opened = opening_case(
        transcript(SIDE, PYTHON, content(), exchange("/", "Accept: gzip, br")),
        transcript(SIDE, GO, content(), exchange("/", "Accept: gzip")),
    )
    line = opened.page.locator("#case .compare tr[data-differs]")
    assert line.locator("mark.missing").count() == 1
    assert line.locator("td").nth(1).inner_text() == "Accept: gzip"


@pytest.mark.parametrize(
    ("expected", "got", "marks"),
    [("'a,b'", "'a%2Cb'", ["%2C"]), ("credentials over https", "a request over http:", [])],
)
def test_a_finding_is_marked_where_it_differs_if_it_has_anything_in_common(
    opening_case: Opening, expected: str, got: str, marks: list[str]
) -> None:
    opened = opening_case(finding=replace(STRING, expected=expected, got=got))
    assert opened.texts("#case .finding mark") == marks


def test_the_request_behind_a_proxy_is_named(opening_case: Opening) -> None:
    trial = transcript(SIDE, GO, content(), exchange("/"))
    asked = replace(exchange("/"), via="proxy")
    journal = replace(trial.turns[0].journal, proxy=(asked,))
    opened = opening_case(replace(trial, turns=(replace(trial.turns[0], journal=journal),)))
    assert opened.texts("#case h3:has-text('Request')") == [
        "Request 1 to the proxy",
        "Request 1 to the server",
    ]


@pytest.mark.parametrize(
    ("reference", "addresses"),
    [
        ("RFC 9110 15.4 and 17.16", ["rfc9110#section-15.4", "rfc9110#section-17.16"]),
        ("RFC 9110 9.3.6, 15.5.8", ["rfc9110#section-9.3.6", "rfc9110#section-15.5.8"]),
        ("RFC 9112", []),
        ("CWE-532", []),
        ("Object Storage Service: Human body detection", ["user-guide/body-detection"]),
        ("https://example.org/a", ["https://example.org/a"]),
    ],
)
def test_a_source_is_a_link_if_its_address_is_known(
    opening_case: Opening, reference: str, addresses: list[str]
) -> None:
    source = Provenance(source=Source.STANDARD, note="A note.", reference=reference)
    opened = opening_case(finding=replace(STRING, source=source))
    source_of = opened.page.locator("#case .finding dt:text-is('source') + dd").first
    links = [one.get_attribute("href") for one in source_of.locator("a").all()]
    assert [link.endswith(end) for link, end in zip(links, addresses, strict=True)] == [True] * len(
        addresses
    )
    assert source_of.inner_text() == f"standard: A note. {reference}"


def test_the_place_of_the_command_is_beside_repeat(opening_case: Opening) -> None:
    opened = opening_case()
    beside = opened.page.locator("#case h2:text-is('Repeat') + p").inner_text()
    assert "pip install oss-bodies-conformance" in beside


def test_an_example_of_a_known_failure_refers_to_the_command_that_repeats_this_case(
    opening_case: Opening,
) -> None:
    entry = KnownEntry(cases="*", rules=(STRING.rule,), reason="a reason", repro="oss-bodies run x")
    opened = opening_case(known=KnownList(source="known.json", runner=None, entries=(entry,)))
    shown_by = opened.texts("#case dt:text-is('shown by') + dd")
    assert shown_by[0].startswith("oss-bodies run x")
    assert shown_by[0].endswith("to repeat this case, use the command under Repeat)")


def test_the_owner_and_the_expiry_of_a_known_failure_are_shown(opening_case: Opening) -> None:
    entry = KnownEntry(
        cases="*", rules=(), reason="a reason", owner="SDK team", expires="2027-03-31"
    )
    opened = opening_case(known=KnownList(source="known.json", runner=None, entries=(entry,)))
    for address in (f"#/case/{SIDE}", "#/"):
        opened.go(address)
        text = " ".join(opened.page.locator("main").inner_text().split())
        assert "owner SDK team" in text
        assert "until 2027-03-31" in text


@pytest.mark.parametrize(("kind", "said"), [(Source.DERIVED, True), (Source.STANDARD, False)])
def test_a_case_that_rests_on_the_suite_s_own_conclusion_says_what_that_means(
    opening_case: Opening, kind: Source, said: bool
) -> None:
    finding = replace(STRING, source=Provenance(source=kind, note="A note."))
    opened = opening_case(finding=finding)
    for address in (f"#/case/{SIDE}", "#/"):
        opened.go(address)
        assert (DERIVED_MEANS in opened.page.locator("main").inner_text()) is said


@pytest.mark.parametrize(("width", "said"), [(360, True), (2200, False)])
def test_a_table_that_is_cut_off_says_that_it_can_be_scrolled(
    opening_case: Opening, width: int, said: bool
) -> None:
    trials = [transcript(SIDE, lane, content(), exchange("/")) for lane in (PYTHON, GO, REST)]
    opened = opening_case(*trials, viewport={"width": width, "height": 800})
    hint = "(frame) => getComputedStyle(frame, '::before').content.includes('scroll sideways')"
    frame = opened.page.locator("#case .scroll:has(.compare)").first
    assert frame.evaluate(hint) is said
    opened.go("#/cases")
    assert opened.page.locator("#cases .scroll").evaluate(hint) is said
